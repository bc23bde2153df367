/** Beside every receipt its effect: the same instances before and after the change, from what was stored of them. */
import { EFFECT_COLUMNS, meanOf } from "../../core/effect.ts";
import { EFFECT_MEASURES, EFFECT_SPAN_MS, type EffectAnswer, type EffectMeasure } from "../../protocol/effect-api.ts";
import { floorTo, MINUTE_MS, type TierName } from "../../core/tiers.ts";
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
  /** The coarsest that it was read from. */
  readonly tier: TierName;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is read of before and after; null: nothing. */
interface Spans {
  readonly before: Span | null;
  readonly after: Span | null;
}

export async function effectOf(parts: EffectParts, flip: Flip): Promise<EffectAnswer> {
  const keys = new Set((await parts.store.listReceipts(flip.id)).map(({ instanceKey }) => instanceKey));
  const ended = flip.endedAt !== null && flip.endedAt < flip.createdAt + EFFECT_SPAN_MS ? flip.endedAt : null;
  const until = Math.min(parts.clock.now(), ended ?? Infinity, flip.createdAt + EFFECT_SPAN_MS);
  const afterMs = Math.max(0, until - flip.createdAt);
  const exact: Spans = {
    before: { from: flip.createdAt - EFFECT_SPAN_MS, to: flip.createdAt },
    after: afterMs < STEP_MS ? null : { from: flip.createdAt, to: until },
  };
  const read = async (sampled: Spans): Promise<[Half, Half]> => {
    const half = (told: Span | null, samples: Span | null): Promise<Half> =>
      readHalf(parts, { environment: flip.environment, keys, told, samples });
    return [await half(exact.before, sampled.before), await half(exact.after, sampled.after)];
  };
  let [before, after] = await read(exact);
  const tier = before.tier;
  // A bucket that the change lies in is neither before it nor after it.
  if (tier !== "1s") [before, after] = await read(tier === "1m" ? wholeMinutes(flip) : NO_SPANS);
  return {
    flipId: flip.id,
    at: flip.createdAt,
    spanMs: EFFECT_SPAN_MS,
    afterMs,
    endedAt: ended,
    instances: keys.size,
    tier,
    truncated: before.truncated || after.truncated,
    measures: EFFECT_MEASURES.filter((name) => before.measures.has(name) || after.measures.has(name)).map((name) => ({
      name,
      before: before.measures.get(name) ?? null,
      after: after.measures.get(name) ?? null,
    })),
  };
}

const NO_SPANS: Spans = { before: null, after: null };

/** After only where the change held through that minute. */
function wholeMinutes({ createdAt, endedAt }: Flip): Spans {
  const before = floorTo(createdAt, MINUTE_MS);
  const after = before === createdAt ? createdAt : before + MINUTE_MS;
  return {
    before: { from: before - EFFECT_SPAN_MS, to: before },
    after: (endedAt ?? Infinity) < after + EFFECT_SPAN_MS ? null : { from: after, to: after + EFFECT_SPAN_MS },
  };
}

interface HalfQuery {
  readonly environment: string;
  readonly keys: ReadonlySet<string>;
  /** Whose events count; null: nothing is over yet. */
  readonly told: Span | null;
  /** Whose samples are read; null: none. */
  readonly samples: Span | null;
}

async function readHalf(parts: EffectParts, query: HalfQuery): Promise<Half> {
  const services = [...new Set([...query.keys].map((key) => key.slice(0, key.indexOf("/"))))];
  const measures = new Map<EffectMeasure, number>();
  const { environment, told, samples } = query;
  let truncated = services.length > SERVICES_MOST;
  let tier: TierName = "1s";
  for (const service of services.slice(0, SERVICES_MOST)) {
    if (samples === null) break;
    const answer = await parts.history.series({ environment, service, columns: EFFECT_COLUMNS, ...samples, stepMs: STEP_MS });
    truncated ||= answer.truncated;
    if (answer.tier !== undefined && answer.tier !== "1s") tier = answer.tier;
    const mine = answer.series.filter(({ instance }) => query.keys.has(instance));
    for (const [name, value] of meanOf(mine)) measures.set(name, (measures.get(name) ?? 0) + value);
  }
  if (told === null) return { measures, truncated, tier };
  const opens = await countOpens(parts.store, query, told);
  if (measures.size > 0 || opens.count > 0) measures.set("opens", opens.count);
  return { measures, truncated: truncated || opens.truncated, tier };
}

async function countOpens(
  store: EffectParts["store"],
  { environment, keys }: HalfQuery,
  { from, to }: Span,
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
