/** The rows this browser saw pass, in the shape of stored series, so that history and live values are drawn by the same code. */
import type { InstanceState } from "../../../core/fleet.ts";
import { columnIndex, type Kind } from "../../../protocol/kinds.ts";
import type { Series } from "../../charts/golden-series.ts";
import type { RateSample } from "../../live/rates.ts";

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
        const slot = resource.offset + columnIndex(resource.kind, column);
        series.push({
          instance: instance.key,
          resource: resource.name,
          kind: resource.kind,
          column,
          points: samples.map(({ at, row }) => {
            const wire = row[slot] ?? 0;
            const value = wire === 0 ? null : wire - 1;
            return [at, value, value];
          }),
        });
      }
    }
  }
  return series;
}

/** Every charted column once, for one request. */
export const CHARTED_COLUMNS: readonly string[] = [...new Set(Object.values(CHARTED).flat())];
