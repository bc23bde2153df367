/** The samples of the kill tests: which there are, and the process that writes, rolls up and drops them. */
import { placeResources } from "../../core/fleet.ts";
import { HOUR_MS, MINUTE_MS, type Retention } from "../../core/tiers.ts";
import { createHistory } from "../../server/history/history.ts";
import { createTiers } from "../../server/history/tiers.ts";
import { createLog } from "../../server/log.ts";
import { FakeClock, turnedUntil } from "./fake-clock.ts";
import type { HistoryWork } from "./kill-point.ts";
import { openWatched } from "./kill-point-store.ts";

/** A border of the spans of all tiers. */
export const ORIGIN = 1_790_000_400_000 - (1_790_000_400_000 % (96 * HOUR_MS));
export const RETENTION: Retention = { "1s": 3 * HOUR_MS, "1m": 8 * HOUR_MS, "1h": 10 * HOUR_MS };
export const PER_HOUR = 720;
/**
 * The first begins after a restart behind what the store has, as an agent does with what it sent live; the second sends everything again
 * that was not acknowledged, as it does with what it sent later.
 */
export const INSTANCES = ["orders-live", "orders-again"] as const;
const RETENTION_PAUSE_MS = 11 * MINUTE_MS;
const EVERY_MS = HOUR_MS / PER_HOUR;
const FLUSH_EVERY = 120;
const resources = placeResources([{ id: 0, kind: "server", name: "http" }]);
const SLOTS = 5;
const IN_FLIGHT = 2;

export const historyAgent = (instance: string) => ({ environment: "production", service: "orders", instance, boot: "boot-a" });

/** When sample `seq` (from 1) is taken: each start of the process has the last hour of its step. */
export function sampledAt(seq: number, stepHours: number): number {
  const start = Math.floor((seq - 1) / PER_HOUR);
  return ORIGIN + ((start + 1) * stepHours - 1) * HOUR_MS + ((seq - 1) % PER_HOUR) * EVERY_MS;
}

/** The clock of a start: its hour is over and has settled. */
export const clockOf = (start: number, stepHours: number): number => ORIGIN + (start + 1) * stepHours * HOUR_MS + 10 * MINUTE_MS;

export async function writeHistory({ place, kill, start, stepHours, acked }: HistoryWork, say: (line: string) => void): Promise<void> {
  const { db, store } = openWatched(place, kill);
  const clock = new FakeClock(clockOf(start, stepHours));
  const log = createLog("silent");
  const history = createHistory({ store, clock, log });
  history.onCommitted(({ instance }, seq) => say(`ack ${INSTANCES.findIndex((name) => name === instance)} ${seq}`));
  const next: number[] = [];
  for (const [i, instance] of INSTANCES.entries()) {
    const stored = await store.lastFrameSeq(historyAgent(instance));
    say(`stored ${i} ${stored}`);
    next.push((i === 0 ? stored : (acked[i] ?? 0)) + 1);
  }
  const row = new Float64Array(SLOTS);
  const last = (start + 1) * PER_HOUR;
  for (let seq = Math.min(...next); seq <= last; seq++) {
    row.fill(0);
    row[IN_FLIGHT] = (seq % 9) + 1;
    const sample = { seq, at: sampledAt(seq, stepHours), row, slots: SLOTS, resources };
    for (const [i, instance] of INSTANCES.entries()) if (seq >= (next[i] ?? 0)) history.append(historyAgent(instance), sample);
    if (seq % FLUSH_EVERY === 0) await history.flush();
  }
  // The time of whoever led and was killed runs out.
  await db.jobLease.updateMany({ data: { expiresAt: 0n } });
  const tiers = createTiers({ store, held: () => history.held(), clock, log, retention: RETENTION, holder: `start-${start}` });
  // Retention passes by what was still to be rolled up, and comes again after its pause.
  for (let pass = 0; pass < 2; pass++) {
    await turnedUntil(tiers.runner.runNow(), clock);
    clock.advance(RETENTION_PAUSE_MS);
  }
  await history.close();
  await tiers.runner.stop();
  await store.close();
}
