/** The switchboard as a whole: switches with their places, grouped by capability. Pure. */
import { heldLevel, LADDER_LEVELS, positionAt, standsAt, type LadderSwitch } from "../../../core/ladder.ts";
import type { PolicyScope } from "../../../core/policy.ts";
import type { FlipAnswer, SwitchAnswer } from "../../../protocol/api.ts";
import type { PlaceAnswer } from "../../../protocol/ladder-api.ts";

export interface BoardRow {
  readonly entry: SwitchAnswer;
  /** Null while it is not read, and in the past. */
  readonly place: PlaceAnswer | null;
}

export function boardRows(entries: readonly SwitchAnswer[], places: readonly PlaceAnswer[]): BoardRow[] {
  const byKey = new Map(places.map((place) => [place.key, place]));
  return entries.map((entry) => ({ entry, place: byKey.get(entry.key) ?? null }));
}

/** Named ones by name, then those without a capability (null). */
export function byCapability(rows: readonly BoardRow[]): readonly { readonly name: string | null; readonly rows: readonly BoardRow[] }[] {
  const rest = rows.filter((row) => capabilityOf(row) === null);
  const named = capabilities(rows).map((name) => ({ name, rows: rows.filter((row) => capabilityOf(row) === name) }));
  return rest.length === 0 ? named : [...named, { name: null, rows: rest }];
}

export const capabilities = (rows: readonly BoardRow[]): string[] =>
  [...new Set(rows.map(capabilityOf).filter((name) => name !== null))].sort((a, b) => a.localeCompare(b, "en"));

export const capabilityOf = ({ place }: BoardRow): string | null => place?.capability ?? null;

type ScopedAnswer = FlipAnswer & { readonly scope: PolicyScope };

export const ladderSwitch = ({ entry, place }: BoardRow): LadderSwitch<ScopedAnswer> => ({
  key: entry.key,
  positions: entry.positions,
  steps: place?.steps ?? [],
  // Of what came as JSON no part is there and undefined.
  flips: entry.flips.filter(({ status }) => status === "live") as ScopedAnswer[],
});

export interface Rung {
  readonly level: number;
  /** What it adds to the level below: switches that take a step at this level. */
  readonly steps: readonly { readonly row: BoardRow; readonly position: string; readonly held: boolean }[];
  /** This level is held as a whole. */
  readonly held: boolean;
}

/** From 0 to 4. */
export function rungs(rows: readonly BoardRow[]): { readonly level: number; readonly rungs: readonly Rung[] } {
  const level = heldLevel(rows.map(ladderSwitch));
  const of = (wanted: number): Rung => ({
    level: wanted,
    held: wanted <= level,
    steps: rows.flatMap((row) => {
      const step = row.place?.steps.find((candidate) => candidate.level === wanted);
      return step === undefined ? [] : [{ row, position: step.position, held: standsAt(ladderSwitch(row)) >= wanted }];
    }),
  });
  return { level, rungs: [0, ...LADDER_LEVELS].map(of) };
}

/** What users lose at a level, one sentence for each switch that is not normal there. */
export function losses(rows: readonly BoardRow[], level: number): readonly { readonly row: BoardRow; readonly position: string }[] {
  return rows.flatMap((row) => {
    const position = positionAt(row.place?.steps ?? [], level);
    return position === null || position === row.entry.positions[0] ? [] : [{ row, position }];
  });
}
