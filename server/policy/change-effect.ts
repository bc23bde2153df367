/** Beside every receipt its effect: the same instances before and after the change, from what was stored of them. */
import { EFFECT_COLUMNS, meanOf } from "../../core/effect.ts";
import { EFFECT_MEASURES, EFFECT_SPAN_MS, type EffectAnswer, type EffectMeasure } from "../../protocol/effect-api.ts";
import type { Clock } from "../clock.ts";
import type { HistoryReader } from "../history/history-reader.ts";
import type { Flip, Store } from "../store/store.ts";

const STEP_MS = 5_000;
/** Services one answer reads; a change of more is told from the first of them, and says so. */
const SERVICES_MOST = 20;
const EVENT_PAGES_MOST = 4;
const EVENTS_A_PAGE = 500;

export interface EffectParts {
  readonly store: Pick<Store, "listEvents" | "listReceipts">;
  readonly history: Pick<HistoryReader, "series">;
  readonly clock: Clock;
}

interface Half {
  readonly measures: ReadonlyMap<EffectMeasure, number>;
  readonly truncated: boolean;
}

export async function effectOf(parts: EffectParts, flip: Flip): Promise<EffectAnswer> {
  const keys = new Set((await parts.store.listReceipts(flip.id)).map(({ instanceKey }) => instanceKey));
  const ended = flip.endedAt !== null && flip.endedAt < flip.createdAt + EFFECT_SPAN_MS ? flip.endedAt : null;
  const until = Math.min(parts.clock.now(), ended ?? Infinity, flip.createdAt + EFFECT_SPAN_MS);
  const afterMs = Math.max(0, until - flip.createdAt);
  const half = (from: number, to: number): Promise<Half> => readHalf(parts, { environment: flip.environment, keys, from, to });
  const none: Half = { measures: new Map(), truncated: false };
  const [before, after] = await Promise.all([
    half(flip.createdAt - EFFECT_SPAN_MS, flip.createdAt),
    afterMs < STEP_MS ? none : half(flip.createdAt, until),
  ]);
  return {
    flipId: flip.id,
    at: flip.createdAt,
    spanMs: EFFECT_SPAN_MS,
    afterMs,
    endedAt: ended,
    instances: keys.size,
    truncated: before.truncated || after.truncated,
    measures: EFFECT_MEASURES.filter((name) => before.measures.has(name) || after.measures.has(name)).map((name) => ({
      name,
      before: before.measures.get(name) ?? null,
      after: after.measures.get(name) ?? null,
    })),
  };
}

interface HalfQuery {
  readonly environment: string;
  readonly keys: ReadonlySet<string>;
  readonly from: number;
  readonly to: number;
}

async function readHalf(parts: EffectParts, query: HalfQuery): Promise<Half> {
  const services = [...new Set([...query.keys].map((key) => key.slice(0, key.indexOf("/"))))];
  const measures = new Map<EffectMeasure, number>();
  let truncated = services.length > SERVICES_MOST;
  for (const service of services.slice(0, SERVICES_MOST)) {
    const { environment, from, to } = query;
    const answer = await parts.history.series({ environment, service, columns: EFFECT_COLUMNS, from, to, stepMs: STEP_MS });
    truncated ||= answer.truncated;
    const mine = answer.series.filter(({ instance }) => query.keys.has(instance));
    for (const [name, value] of meanOf(mine)) measures.set(name, (measures.get(name) ?? 0) + value);
  }
  const opens = await countOpens(parts.store, query);
  if (measures.size > 0 || opens.count > 0) measures.set("opens", opens.count);
  return { measures, truncated: truncated || opens.truncated };
}

async function countOpens(
  store: EffectParts["store"],
  { environment, keys, from, to }: HalfQuery,
): Promise<{ count: number; truncated: boolean }> {
  let count = 0;
  let cursor: string | null = null;
  for (let page = 0; page < EVENT_PAGES_MOST; page++) {
    const found = await store.listEvents({
      environment,
      kind: "breaker.opened",
      since: from,
      until: to - 1,
      limit: EVENTS_A_PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    count += found.items.filter(({ service, instance }) => keys.has(`${service ?? ""}/${instance ?? ""}`)).length;
    cursor = found.nextCursor;
    if (cursor === null) return { count, truncated: false };
  }
  return { count, truncated: true };
}
