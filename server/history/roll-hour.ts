/** What becomes of one hour of one instance: its buckets in the pages of both tiers, and its minute pages joined. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodePage, PageError } from "../../core/page.ts";
import { decodeRollup, encodeRollup } from "../../core/rollup-page.ts";
import {
  coarsen,
  placeRollup,
  resourceKey,
  sliceRollup,
  type BucketGrid,
  type OrderedChunk,
  type Placing,
  type ResourceRollup,
} from "../../core/rollup.ts";
import { rollSamples } from "../../core/sample-roller.ts";
import { floorTo, HOUR_MS, MINUTE_MS, spanOf, type RollupTierMs } from "../../core/tiers.ts";
import type { InstanceHour, RollupRow, StoredPage } from "../store/tier-store.ts";
import { compactPages, type Compaction, type ReadPage } from "./compact-pages.ts";
import { inOrder } from "./sample-order.ts";

/** Pages decoded before the event loop gets its turn. */
const PAGES_PER_TURN = 16;

export interface HourInput {
  readonly hour: InstanceHour;
  /** All that have a part in it. */
  readonly pages: readonly StoredPage[];
  /** Rollups of the spans the hour lies in, of both tiers. */
  readonly rows: readonly RollupRow[];
  /** Raw pages of this time may be gone: what is rolled up already is worth more than what is left of them. */
  readonly gone: boolean;
}

export interface Damage {
  readonly from: number;
  readonly to: number;
  readonly tier: "1s" | "1m" | "1h";
  readonly message: string;
}

export interface HourOutput extends Compaction {
  readonly rows: readonly RollupRow[];
  readonly samples: number;
  /** It had been rolled up before. */
  readonly remade: boolean;
  readonly damaged: readonly Damage[];
}

const gridOf = (tierMs: RollupTierMs, at: number): BucketGrid => ({
  from: floorTo(at, spanOf(tierMs)),
  tierMs,
  size: spanOf(tierMs) / tierMs,
});

export async function rollHour({ hour, pages, rows, gone }: HourInput): Promise<HourOutput> {
  const damaged: Damage[] = [];
  const read = await decodeAll(pages, damaged);
  const part: BucketGrid = { from: hour.from, tierMs: MINUTE_MS, size: HOUR_MS / MINUTE_MS };
  const fresh = rollSamples(bootsOf(read), part);
  // A page that cannot be read must not take away what was made of it before.
  const mode = gone || damaged.length > 0 ? "fill" : "replace";
  const minutes = existing(rows, MINUTE_MS, damaged);
  const hours = existing(rows, HOUR_MS, damaged);
  const grids = { minute: gridOf(MINUTE_MS, hour.from), hour: gridOf(HOUR_MS, hour.from) };
  const made: RollupRow[] = [];
  let remade = false;
  for (const key of new Set([...minutes.keys(), ...fresh.keys()])) {
    const before = minutes.get(key) ?? null;
    const [old, now] = [before && sliceRollup(before, grids.minute, part), fresh.get(key) ?? null];
    const had = old !== null && old.columns.size > 0;
    if (!had && !now) continue;
    remade ||= had;
    const placed = placeRollup(before, now, { grid: grids.minute, part, mode });
    if (!placed) continue;
    made.push(rowOf(hour, placed, grids.minute));
    const coarse = coarsen(sliceRollup(placed, grids.minute, part), part.size, part.size);
    const placing: Placing = {
      grid: grids.hour,
      part: { from: hour.from, tierMs: HOUR_MS, size: 1 },
      mode: had || mode === "replace" ? "replace" : "fill",
    };
    const above = placeRollup(hours.get(key) ?? null, coarse, placing);
    if (above) made.push(rowOf(hour, above, grids.hour));
  }
  const end = hour.from + HOUR_MS;
  const inside = gone ? [] : read.filter(({ page }) => page.from >= hour.from && page.to < end);
  return {
    rows: made,
    samples: pages.reduce((sum, page) => sum + (page.from >= hour.from && page.from < end ? page.samples : 0), 0),
    remade,
    damaged,
    ...compactPages(inside),
  };
}

function rowOf({ environment, service, instance }: InstanceHour, rollup: ResourceRollup, grid: BucketGrid): RollupRow {
  return {
    tierMs: grid.tierMs as RollupTierMs,
    environment,
    service,
    instance,
    from: grid.from,
    kind: rollup.kind,
    resource: rollup.name,
    bytes: encodeRollup(rollup, grid),
  };
}

async function decodeAll(pages: readonly StoredPage[], damaged: Damage[]): Promise<ReadPage[]> {
  const read: ReadPage[] = [];
  for (const [i, page] of pages.entries()) {
    if (i % PAGES_PER_TURN === PAGES_PER_TURN - 1) await nextTurn();
    try {
      read.push({ page, decoded: decodePage(page.bytes) });
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      damaged.push({ from: page.from, to: page.to, tier: "1s", message: error.message });
    }
  }
  return read;
}

/** By boot, the one that began earlier first. */
function bootsOf(read: readonly ReadPage[]): OrderedChunk[][] {
  const boots = new Map<string, ReadPage[]>();
  for (const one of read) {
    const boot = boots.get(one.page.boot);
    if (boot) boot.push(one);
    else boots.set(one.page.boot, [one]);
  }
  const start = (boot: readonly ReadPage[]): number => boot.reduce((least, { page }) => Math.min(least, page.from), Infinity);
  return [...boots.values()].sort((a, b) => start(a) - start(b)).map((boot) => inOrder(boot.map(({ decoded }) => decoded)));
}

function existing(rows: readonly RollupRow[], tierMs: RollupTierMs, damaged: Damage[]): Map<string, ResourceRollup> {
  const found = new Map<string, ResourceRollup>();
  for (const row of rows) {
    if (row.tierMs !== tierMs) continue;
    try {
      const rollup = decodeRollup(row.bytes, { from: row.from, name: row.resource });
      found.set(resourceKey(rollup), rollup);
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      damaged.push({ from: row.from, to: row.from + spanOf(tierMs), tier: tierMs === MINUTE_MS ? "1m" : "1h", message: error.message });
    }
  }
  return found;
}
