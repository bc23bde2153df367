/** What must be true of a database after many kills. */
import { expect } from "vitest";
import { decodePage } from "../../core/page.ts";
import { decodeRollup } from "../../core/rollup-page.ts";
import { GAP_MS } from "../../core/series.ts";
import { cutoffOf, floorTo, HOUR_MS, MINUTE_MS, spanOf, type RollupTierMs } from "../../core/tiers.ts";
import type { Store } from "../../server/store/store.ts";
import { readAll } from "../contract/samples.ts";
import { clockOf, INSTANCES, ORIGIN, PER_HOUR, RETENTION, sampledAt } from "./kill-point-history.ts";
import type { Place } from "./kill-point.ts";
import { openWatched } from "./kill-point-store.ts";

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

/** Every event once, in the order of its agent. */
export async function checkEvents(place: Place, last: readonly number[]): Promise<void> {
  const { store } = openWatched(place);
  const rows = await readAll((cursor) =>
    store.listEvents({ environment: "production", limit: 500, order: "asc", ...(cursor === undefined ? {} : { cursor }) }),
  );
  await store.close();
  for (const [i, seq] of last.entries())
    expect(rows.filter(({ instance }) => instance === `orders-${i}`).map(({ data }) => data["seq"])).toEqual(upTo(seq));
}

export interface HistoryRun {
  readonly starts: number;
  readonly stepHours: number;
  /** Frames that were on disk without the agent knowing. */
  readonly unsure: readonly { readonly from: number; readonly to: number }[];
}

const EVERYTHING = { environment: "production", service: "orders", from: 0, to: 8e15, limit: 1_000_000 };

/** Each sample once, in pages and rollups; gone is what is too old by the rules of retention and nothing else. */
export async function checkHistory(place: Place, run: HistoryRun): Promise<void> {
  const { store } = openWatched(place);
  try {
    expect(await store.countDue(clockOf(run.starts - 1, run.stepHours) - 2 * HOUR_MS)).toBe(0);
    await checkPages(store, run);
    const minutes = await checkRollups(store, MINUTE_MS, run);
    await checkRollups(store, HOUR_MS, run);
    const jobs = await store.listJobs();
    const counted = Number(jobs.find(({ job }) => job === "retention")?.state["droppedMinutes"] ?? 0);
    // Of a backlog a span may be rolled up hour by hour, dropped as too old in between, and begun again.
    if (run.stepHours * HOUR_MS >= spanOf(MINUTE_MS)) expect(counted).toBe(minutes.dropped);
    else expect(counted).toBeGreaterThanOrEqual(minutes.dropped);
  } finally {
    await store.close();
  }
}

async function checkPages(store: Store, { starts, stepHours, unsure }: HistoryRun): Promise<void> {
  const keptFrom = cutoffOf(clockOf(starts - 1, stepHours), RETENTION["1s"]) - GAP_MS;
  const pages = await store.readStoredPages(EVERYTHING);
  expect(pages.filter(({ to }) => to < keptFrom).map(({ instance, from }) => `${instance} ${from - ORIGIN}`)).toEqual([]);
  const wanted = upTo(starts * PER_HOUR).filter((seq) => sampledAt(seq, stepHours) >= keptFrom);
  for (const instance of INSTANCES) {
    const found = pages
      .filter((page) => page.instance === instance)
      .flatMap(({ bytes }) => {
        const { seqs, times } = decodePage(bytes);
        expect([...times]).toEqual([...seqs].map((seq) => sampledAt(seq, stepHours)));
        return [...seqs];
      })
      .filter((seq) => sampledAt(seq, stepHours) >= keptFrom)
      .sort((a, b) => a - b);
    expect([...new Set(found)]).toEqual(wanted);
    const doubled = found.filter((seq, i) => seq === found[i - 1]);
    // What an agent sends again because it does not know is stored again, and counted once: see the rollups.
    const again = instance === "orders-again" ? doubled.filter((seq) => !unsure.some(({ from, to }) => from <= seq && seq <= to)) : doubled;
    expect(again).toEqual([]);
  }
}

/** Counts of the buckets of each span that is kept against the samples taken in it. */
async function checkRollups(store: Store, tierMs: RollupTierMs, { starts, stepHours }: HistoryRun): Promise<{ dropped: number }> {
  const span = spanOf(tierMs);
  const cutoff = cutoffOf(clockOf(starts - 1, stepHours), RETENTION[tierMs === MINUTE_MS ? "1m" : "1h"]);
  const all = new Map<number, number>();
  for (const seq of upTo(starts * PER_HOUR)) {
    const from = floorTo(sampledAt(seq, stepHours), span);
    all.set(from, (all.get(from) ?? 0) + 1);
  }
  const wanted = [...all].filter(([from]) => from + span > cutoff);
  const rows = await store.readRollups({ ...EVERYTHING, tierMs });
  for (const instance of INSTANCES) {
    const found = rows
      .filter((row) => row.instance === instance)
      .map(({ bytes, from, resource }) => {
        const counts = decodeRollup(bytes, { from, name: resource }).columns.get("inFlight")?.count ?? [];
        return [from, [...counts].reduce((sum, count) => sum + count, 0)];
      });
    expect(found).toEqual(wanted);
  }
  return { dropped: (all.size - wanted.length) * INSTANCES.length };
}
