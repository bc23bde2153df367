/** What a row of the switchboard says about a switch. */
import type { FlipAnswer, SwitchAnswer } from "../../../protocol/api.ts";

export interface SwitchRowState {
  /** Some live flip holds it away from its normal position, anywhere. */
  readonly switched: boolean;
  /** The position to show: the fleet's, or the narrower flip's when the fleet's is normal. */
  readonly position: string;
  /** The narrower flip in words ("orders only"), or null for the whole fleet. */
  readonly where: string | null;
  /** Earliest end among live flips, or null when none ends by itself. */
  readonly expiresAt: number | null;
  /** Switched with a flip that never ends by itself. */
  readonly endless: boolean;
  readonly applied: number;
  readonly total: number;
  readonly unknown: number;
  readonly complete: boolean;
}

export function switchRowState(entry: SwitchAnswer): SwitchRowState {
  const normal = entry.positions[0] ?? "";
  const live = entry.flips.filter((flip) => flip.status === "live" && flip.position !== normal);
  const newest = live[0];
  const wide = entry.desired !== normal;
  const ends = live.flatMap((flip) => (flip.expiresAt === null ? [] : [flip.expiresAt]));
  const { total, asDesired, unknown } = entry.instances;
  return {
    switched: live.length > 0 || wide,
    position: wide || newest === undefined ? entry.desired : newest.position,
    where: wide || newest === undefined ? null : scopeWords(newest.scope),
    expiresAt: ends.length === 0 ? null : Math.min(...ends),
    endless: live.some((flip) => flip.expiresAt === null),
    applied: asDesired,
    total,
    unknown,
    complete: total > 0 && asDesired === total,
  };
}

/** Who a flip is for, in words; null is the whole fleet. */
export function scopeWords(scope: FlipAnswer["scope"]): string | null {
  const parts: string[] = [];
  if (scope.percentage !== undefined && scope.percentage < 100) parts.push(`${String(scope.percentage)} %`);
  if (scope.instances !== undefined)
    parts.push(scope.instances.length === 1 ? (scope.instances[0] ?? "") : `${String(scope.instances.length)} instances`);
  if (scope.service !== undefined) parts.push(parts.length > 0 ? `of ${scope.service}` : `${scope.service} only`);
  return parts.length === 0 ? null : parts.join(" ");
}

/** By title, whatever their state: a row must not jump away under a pointer because somebody flipped it. */
export function orderSwitches(entries: readonly SwitchAnswer[]): readonly SwitchAnswer[] {
  return [...entries].sort((a, b) => a.title.localeCompare(b.title, "en") || (a.key < b.key ? -1 : 1));
}

/** Services that changes in force hit; those of the switch while it is normal. */
export function servicesHit({ flips, services, positions }: Pick<SwitchAnswer, "flips" | "services" | "positions">): readonly string[] {
  const live = flips.filter(({ status, position }) => status === "live" && position !== positions[0]);
  if (live.length === 0 || live.some(({ scope }) => scope.service === undefined && scope.instances === undefined)) return services;
  const hit = live.flatMap(({ scope }) => [scope.service ?? [], (scope.instances ?? []).map((key) => key.split("/")[0] ?? "")].flat());
  return [...new Set(hit)].sort();
}

/** The first few, and how many there are besides: "a, b, c and 4 more". */
export const someOf = (names: readonly string[], most = 3): string =>
  names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${String(names.length - most)} more`;

export type SwitchFilter = "all" | "switched" | "incomplete" | "undrilled";

export interface Wanted {
  readonly filter: SwitchFilter;
  readonly text: string;
  /** It was never proven. */
  readonly undrilled?: boolean;
}

export function passes(entry: SwitchAnswer, { filter, text, undrilled = false }: Wanted): boolean {
  const state = switchRowState(entry);
  if (filter === "switched" && !state.switched) return false;
  if (filter === "incomplete" && state.complete) return false;
  if (filter === "undrilled" && !undrilled) return false;
  const wanted = text.trim().toLowerCase();
  return (
    wanted === "" || [entry.key, entry.title, entry.whatUsersLose, ...entry.services].some((part) => part.toLowerCase().includes(wanted))
  );
}
