/** Our own measurements in the words of the API. */
import type { MetricObjectWithValues, MetricValue } from "prom-client";
import type { Latencies, SelfHealth } from "../protocol/health-api.ts";
import type { Clock } from "./clock.ts";
import type { Metrics } from "./metrics.ts";
import type { Store } from "./store/store.ts";

export interface SelfHealthOptions {
  readonly metrics: Pick<Metrics, "values">;
  readonly store: Pick<Store, "healthy">;
  readonly clock: Pick<Clock, "now">;
}

type Value = MetricValue<string>;

/** Never rejects because of the database: that it does not answer is part of the answer. */
export async function selfHealth({ metrics, store, clock }: SelfHealthOptions): Promise<SelfHealth> {
  const [all, storeHealthy] = await Promise.all([metrics.values(), store.healthy().catch(() => false)]);
  const byName = new Map(all.map((metric) => [metric.name, metric]));
  const values = (name: string): readonly Value[] => byName.get(name)?.values ?? [];
  const total = (name: string): number => values(name).reduce((sum, { value }) => sum + value, 0);
  const counts = (name: string): Record<string, number> =>
    Object.fromEntries(
      values(name)
        .filter(({ labels }) => Object.keys(labels).length > 0)
        .map(({ labels, value }) => [Object.values(labels).join(" "), value]),
    );
  const byKind = (name: string) => {
    const found = counts(name);
    return { live: found["live"] ?? 0, backfill: found["backfill"] ?? 0 };
  };
  return {
    at: clock.now(),
    startedAt: Math.round(total("process_start_time_seconds") * 1_000),
    storeHealthy,
    agents: total("holdfast_agents"),
    browsers: total("holdfast_browsers"),
    tickLagMs: total("holdfast_lag_seconds") * 1_000,
    memoryBytes: total("process_resident_memory_bytes"),
    frames: byKind("holdfast_frames_total"),
    samples: byKind("holdfast_samples_total"),
    frameBytes: byKind("holdfast_frame_bytes_total"),
    events: total("holdfast_events_total"),
    dropped: counts("holdfast_dropped_total"),
    evicted: counts("holdfast_evicted_total"),
    refused: counts("holdfast_handshakes_rejected_total"),
    writes: total("holdfast_db_writes_total"),
    commits: latenciesOf(byName.get("holdfast_db_write_seconds")),
    pushes: latenciesOf(byName.get("holdfast_policy_push_seconds")),
    acknowledgements: latenciesOf(byName.get("holdfast_policy_ack_seconds")),
  };
}

/** A histogram's values carry the name of their part and, for a bucket, its bound. */
function latenciesOf(metric: MetricObjectWithValues<Value> | undefined): Latencies {
  const parts = (metric?.values ?? []) as readonly (Value & { readonly metricName?: string })[];
  const part = (end: string): number => parts.find(({ metricName }) => metricName?.endsWith(end) === true)?.value ?? 0;
  const buckets = parts
    .filter(({ metricName }) => metricName?.endsWith("_bucket") === true)
    .map(({ labels, value }) => ({ leMs: boundOf(labels["le"]), count: value }));
  return { count: part("_count"), sumMs: part("_sum") * 1_000, buckets };
}

function boundOf(le: string | number | undefined): number | null {
  const seconds = Number(le);
  return Number.isFinite(seconds) ? Math.round(seconds * 1e6) / 1e3 : null;
}
