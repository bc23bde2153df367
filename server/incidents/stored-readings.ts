/** Rates of services as they were, from stored samples. */
import type { Reading } from "../../core/incidents/readings.ts";
import type { HistoryReader } from "../history/history-reader.ts";
import { READ } from "./reading-sampler.ts";

export interface StoredReadings {
  readonly readings: readonly (readonly [service: string, readings: readonly Reading[]])[];
  readonly truncated: boolean;
}

const COLUMNS = [...new Set(Object.values(READ).flatMap((columns) => Object.keys(columns)))];

/** One service after the other. A step without samples is left out. */
export async function storedReadings(
  history: Pick<HistoryReader, "series">,
  query: {
    readonly environment: string;
    readonly services: readonly string[];
    readonly from: number;
    readonly to: number;
    readonly stepMs: number;
  },
): Promise<StoredReadings> {
  const { environment, from, to } = query;
  const readings: [string, Reading[]][] = [];
  let truncated = false;
  for (const service of query.services) {
    const answer = await history.series({ environment, service, columns: COLUMNS, from, to, stepMs: query.stepMs });
    // Rounded, where it was read from rollups.
    const { stepMs } = answer;
    truncated ||= answer.truncated;
    const steps = new Map<number, { requests: number; errors: number; shed: number }>();
    for (const { kind, column, points } of answer.series) {
      const total = READ[kind]?.[column];
      if (total === undefined) continue;
      for (const [at, rate] of points) {
        if (rate === null) continue;
        let step = steps.get(at);
        if (!step) steps.set(at, (step = { requests: 0, errors: 0, shed: 0 }));
        step[total] += (rate * stepMs) / 1_000;
      }
    }
    const list = [...steps].sort(([a], [b]) => a - b).map(([at, totals]) => ({ at: at + stepMs, spanMs: stepMs, ...totals }));
    if (list.length > 0) readings.push([service, list]);
  }
  return { readings, truncated };
}
