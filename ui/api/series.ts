import { withPoints } from "../../core/series.ts";
import type { SeriesAnswer, SeriesColumns } from "../../protocol/api.ts";
import { get, query } from "./client.ts";

/** Stored series as points. @throws ProblemError */
export async function getSeries(asked: Parameters<typeof query>[0], signal?: AbortSignal): Promise<SeriesAnswer> {
  return withPoints(await get<SeriesColumns>(`/series${query(asked)}`, signal));
}
