/** The rows this browser saw pass, in the shape of stored series, so that history and live values are drawn by the same code. */
import type { InstanceState } from "../../../core/fleet.ts";
import { columnIndex, columnsOf, type Kind } from "../../../protocol/kinds.ts";
import type { Series } from "../../charts/golden-series.ts";
import type { RateSample } from "../../live/rates.ts";

/** Samples further apart belong to no common rate. */
const GAP_MS = 5_000;

/** Columns that the charts of the service page read. */
export const CHARTED: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  server: ["requests", "errors", "p99Us"],
  pool: ["inUse", "max"],
  bulkhead: ["inUse", "max"],
  queue: ["depth", "added", "completed"],
};

export function liveSeries(instances: readonly InstanceState[], samplesOf: (key: string) => readonly RateSample[]): readonly Series[] {
  const series: Series[] = [];
  for (const instance of instances) {
    const samples = samplesOf(instance.key);
    if (samples.length === 0) continue;
    for (const resource of instance.resources) {
      if (resource.retired === true) continue;
      for (const column of CHARTED[resource.kind] ?? []) {
        const index = columnIndex(resource.kind, column);
        const slot = resource.offset + index;
        const counter = columnsOf(resource.kind)[index]?.type === "counter";
        series.push({
          instance: instance.key,
          resource: resource.name,
          kind: resource.kind,
          column,
          points: counter ? rates(samples, slot) : values(samples, slot),
        });
      }
    }
  }
  return series;
}

function values(samples: readonly RateSample[], slot: number): Series["points"] {
  return samples.map(({ at, row }) => {
    const wire = row.at(slot) ?? 0;
    const value = wire === 0 ? null : wire - 1;
    return [at, value, value];
  });
}

/** Increase a second between neighbouring samples, as the stored series tell it; none across a gap or a restart. */
function rates(samples: readonly RateSample[], slot: number): Series["points"] {
  return samples.slice(1).map(({ at, row }, i) => {
    const before = samples[i];
    const from = before?.row.at(slot) ?? 0;
    const to = row.at(slot) ?? 0;
    const elapsed = at - (before?.at ?? at);
    const rate = from === 0 || to < from || elapsed <= 0 || elapsed > GAP_MS ? null : ((to - from) * 1000) / elapsed;
    return [at, rate, rate];
  });
}

/** Every charted column once, for one request. */
export const CHARTED_COLUMNS: readonly string[] = [...new Set(Object.values(CHARTED).flat())];
