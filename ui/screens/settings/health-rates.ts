/** From two readings of the console's counters to rates and latencies between them, and a verdict in words. Pure. */
import type { Latencies, SelfHealth } from "../../../protocol/health-api.ts";

export interface HealthRates {
  readonly windowMs: number;
  /** A second. */
  readonly frames: number;
  readonly values: number;
  readonly backfilled: number;
  readonly bytes: number;
  readonly events: number;
  readonly writes: number;
  readonly commits: number;
  /** In the window: how many. */
  readonly dropped: number;
  readonly evicted: number;
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0);

/** Null across a restart, when counters begin anew, and without a time between. */
export function ratesBetween(before: SelfHealth, after: SelfHealth): HealthRates | null {
  const windowMs = after.at - before.at;
  if (windowMs <= 0 || before.startedAt !== after.startedAt) return null;
  const rate = (of: (health: SelfHealth) => number): number => ((of(after) - of(before)) / windowMs) * 1000;
  return {
    windowMs,
    frames: rate(({ frames }) => frames.live),
    values: rate(({ samples }) => samples.live),
    backfilled: rate(({ samples }) => samples.backfill),
    bytes: rate(({ frameBytes }) => frameBytes.live + frameBytes.backfill),
    events: rate(({ events }) => events),
    writes: rate(({ writes }) => writes),
    commits: rate(({ commits }) => commits.count),
    dropped: sum(after.dropped) - sum(before.dropped),
    evicted: sum(after.evicted) - sum(before.evicted),
  };
}

/** The newest reading that is at least `ageMs` older than the last one, else the oldest there is. Readings are in order of time. */
export function readingBefore(readings: readonly SelfHealth[], ageMs: number): SelfHealth | null {
  const last = readings.at(-1);
  if (last === undefined) return null;
  return readings.filter((reading) => last.at - reading.at >= ageMs).at(-1) ?? readings[0] ?? null;
}

export type Bound = { readonly atMostMs: number } | { readonly overMs: number };

/** The bound under which a share of what happened between two readings lies; null when nothing happened. */
export function quantileBetween(before: Latencies | null, after: Latencies, share: number): Bound | null {
  const counts = after.buckets.map(({ leMs, count }) => ({
    leMs,
    count: count - (before?.buckets.find((old) => old.leMs === leMs)?.count ?? 0),
  }));
  const all = after.count - (before?.count ?? 0);
  if (all <= 0) return null;
  const hit = counts.find(({ leMs, count }) => leMs !== null && count >= all * share);
  if (hit?.leMs !== undefined && hit.leMs !== null) return { atMostMs: hit.leMs };
  const highest = counts.filter(({ leMs }) => leMs !== null).at(-1)?.leMs;
  return highest === undefined || highest === null ? null : { overMs: highest };
}

/** Beyond these the console does not keep up, and says so. */
const TICK_LATE_MS = 250;
const COMMIT_SLOW_MS = 250;

/** What is not as it should be, worst first, each in a sentence. Empty: the console keeps up. */
export function troubles(health: SelfHealth, rates: HealthRates | null, commitP99: Bound | null): readonly string[] {
  const found: string[] = [];
  if (!health.storeHealthy) found.push("The database does not answer: events wait in the agents and nothing is kept meanwhile.");
  if (rates !== null && rates.dropped > 0) found.push("Something was dropped in the last minute: see below what.");
  if (health.tickLagMs > TICK_LATE_MS) found.push("The one-second tick runs late: this machine has more to do than it can.");
  if (commitP99 !== null && ("overMs" in commitP99 || commitP99.atMostMs > COMMIT_SLOW_MS))
    found.push("Commits are slow: the disk or the database cannot keep pace.");
  return found;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** 812 B, 4.2 kB, 31 MB: thousands, three digits at most. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 9.95 || unit === 0 ? String(Math.round(value)) : value.toFixed(1)} ${UNITS[unit] ?? "B"}`;
}

export function formatBound(bound: Bound | null, format: (ms: number) => string): string {
  if (bound === null) return "none yet";
  return "atMostMs" in bound ? `≤ ${format(bound.atMostMs)}` : `> ${format(bound.overMs)}`;
}

/** The share-th of some numbers, by rank; null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? null;
}
