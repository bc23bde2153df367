/**
 * Stored series as rows of the live ring. Pure. Counters come as rates a second; the counter itself is walked back from its value now,
 * so that what was stored and what comes live join without a jump.
 */
import type { FleetState } from "../../../core/fleet.ts";
import type { SeriesAnswer } from "../../../protocol/api.ts";
import { columnIndex, columnsOf } from "../../../protocol/kinds.ts";
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
    for (const [at, value] of walkBack(series, answer.stepMs, { at: instance.lastFrameAt ?? answer.to, value: instance.row[slot] ?? 0 })) {
      let row = byTime.get(at);
      if (!row) byTime.set(at, (row = new Float64Array(instance.row.length)));
      row[slot] = value;
    }
  }
  return new Map([...rows].map(([key, byTime]) => [key, [...byTime].sort(([a], [b]) => a - b).map(([at, row]) => ({ at, row }))]));
}

/** A step that ended longer than this before the live value says nothing about the time between. */
const NEAR_MS = 5000;

/** Time and slot number (value + 1) of each known step, newest first. `now` is the live slot number and its time. */
function walkBack(
  series: SeriesAnswer["series"][number],
  stepMs: number,
  now: { readonly at: number; readonly value: number },
): (readonly [number, number])[] {
  const counter = columnsOf(series.kind)[columnIndex(series.kind, series.column)]?.type === "counter";
  if (counter && now.value === 0) return [];
  const known: (readonly [number, number])[] = [];
  let { value } = now;
  for (const [at, low, high] of [...series.points].reverse()) {
    const point = high ?? low;
    if (point === null) continue;
    if (!counter) value = point + 1;
    else {
      const end = at + stepMs;
      const since = now.at - end;
      if (known.length === 0 && since > 0 && since <= NEAR_MS) {
        // The newest step ended a little before the live value: the counter went on at the same rate meanwhile.
        value -= (point * since) / 1000;
        known.push([end, value]);
      }
      value -= (point * stepMs) / 1000;
    }
    if (value >= 1) known.push([at, value]);
  }
  return known;
}
