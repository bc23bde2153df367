/** Tiles in groups: by service, or by what agents say of where and what they are. A group is as bad as its worst member. Pure. */
import { severity, statusWord, STATUSES, worst, type Status } from "../../../core/health.ts";
import type { Members } from "./grid-layout.ts";
import type { Tile } from "./tile-model.ts";

export const GROUPINGS = ["service", "team", "zone", "version"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Which groups show only their sum: none, those that are quiet, or all. */
export const FOLDS = ["none", "quiet", "all"] as const;
export type Fold = (typeof FOLDS)[number];

/** A group as its head tells it. */
export interface GroupState {
  readonly name: string;
  readonly status: Status;
  /** Worst first; no state that nobody has. */
  readonly counts: readonly { readonly status: Status; readonly count: number }[];
  readonly folded: boolean;
}

export interface TileGroup extends GroupState {
  readonly tiles: readonly Tile[];
}

/** The name of the group of those that say nothing. */
const UNNAMED: Readonly<Record<Grouping, string>> = { service: "", team: "no team", zone: "no zone", version: "no version" };

function groupOf(tile: Tile, by: Grouping): string {
  const name = by === "service" ? tile.service : by === "version" ? tile.version : tile.labels[by];
  return name === undefined || name === "" ? UNNAMED[by] : name;
}

/** Groups by name, those without a name last. Tiles keep their order. */
export function groupTiles(tiles: readonly Tile[], by: Grouping, fold: Fold): readonly TileGroup[] {
  const groups = new Map<string, Tile[]>();
  for (const tile of tiles) {
    const name = groupOf(tile, by);
    const members = groups.get(name);
    if (members) members.push(tile);
    else groups.set(name, [tile]);
  }
  const last = (name: string): number => (name === UNNAMED[by] ? 1 : 0);
  return [...groups]
    .sort(([a], [b]) => last(a) - last(b) || (a < b ? -1 : 1))
    .map(([name, members]) => {
      const status = worst(members.map((tile) => tile.status));
      return { name, tiles: members, status, counts: countsOf(members), folded: fold === "all" || (fold === "quiet" && isQuiet(status)) };
    });
}

/** Nothing that needs a person: a switched feature is somebody's decision. */
const isQuiet = (status: Status): boolean => severity(status) <= severity("switched");

export function countsOf(tiles: readonly Tile[]): GroupState["counts"] {
  const counts = new Map<Status, number>();
  for (const tile of tiles) counts.set(tile.status, (counts.get(tile.status) ?? 0) + 1);
  return [...STATUSES].reverse().flatMap((status) => {
    const count = counts.get(status);
    return count === undefined ? [] : [{ status, count }];
  });
}

/** `2 of 41 open`, or how many they are. */
export function groupWords({ counts }: Pick<GroupState, "counts">): string {
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  const bad = counts.filter(({ status }) => status !== "closed");
  if (bad.length === 0) return `${String(all)} ${all === 1 ? "instance" : "instances"}`;
  return bad.map(({ status, count }) => `${String(count)} of ${String(all)} ${statusWord(status)}`).join(", ");
}

/** Everything a filter may find a tile by, in lower case. */
export function searchText(tile: Tile): string {
  return `${tile.key} ${statusWord(tile.status)} ${tile.worst} ${tile.version} ${Object.values(tile.labels).join(" ")}`.toLowerCase();
}

/** Who stands in which group; the same list as before while nobody moved. */
export function membersOf(groups: readonly TileGroup[], before: readonly Members[] = []): readonly Members[] {
  const same =
    groups.length === before.length &&
    groups.every(({ name, folded, tiles }, i) => {
      const known = before[i];
      return (
        known?.name === name &&
        known.folded === folded &&
        known.keys.length === tiles.length &&
        tiles.every(({ key }, j) => key === known.keys[j])
      );
    });
  return same ? before : groups.map(({ name, folded, tiles }) => ({ name, folded, keys: tiles.map(({ key }) => key) }));
}
