/** Stored series as rows of the live ring. Pure. */
import type { FleetState } from "../../../core/fleet.ts";
import type { SeriesAnswer } from "../../../protocol/api.ts";
import { slotOf, type RateSample } from "../../live/rates.ts";

/** Rows of each known instance, oldest first, holding only what the answer has; everything else is unknown. */
export function samplesFrom(answer: SeriesAnswer, fleet: FleetState): Map<string, readonly RateSample[]> {
  const rows = new Map<string, Map<number, Float64Array>>();
  for (const series of answer.series) {
    const instance = fleet.instances.get(series.instance);
    const slot = instance ? slotOf(instance, { kind: series.kind, name: series.resource, column: series.column }) : -1;
    if (!instance || slot < 0) continue;
    let byTime = rows.get(series.instance);
    if (!byTime) rows.set(series.instance, (byTime = new Map<number, Float64Array>()));
    for (const [at, low, high] of series.points) {
      const value = high ?? low;
      if (value === null) continue;
      let row = byTime.get(at);
      if (!row) byTime.set(at, (row = new Float64Array(instance.row.length)));
      row[slot] = value + 1;
    }
  }
  return new Map([...rows].map(([key, byTime]) => [key, [...byTime].sort(([a], [b]) => a - b).map(([at, row]) => ({ at, row }))]));
}
