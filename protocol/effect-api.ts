/**
 * Shapes that prove a change: what the instances it hit did before and after, and how fast the way to them is now. The server builds
 * its OpenAPI document from them; the browser imports only the types. Times are milliseconds since the epoch.
 */
import { z } from "zod";
import { at } from "./api.ts";

/** How long before and after a change is looked at. */
export const EFFECT_SPAN_MS = 60_000;

export const EFFECT_MEASURES = ["requests", "errors", "shed", "rejected", "opens", "queued", "waiting"] as const;
export type EffectMeasure = (typeof EFFECT_MEASURES)[number];

const reading = z.number().nullable();

/**
 * The same instances before and after. `requests`, `errors`, `shed` and `rejected` are a second, of all of them together; `opens` is how often
 * a breaker opened; `queued` and `waiting` are the mean of what stood in their queues and waited for their pools. Null: nothing is known.
 */
export const effectSchema = z.object({
  flipId: z.string(),
  /** When the change was committed. */
  at,
  spanMs: z.number(),
  /** How much of the time after it is over; less than `spanMs` while it is young. */
  afterMs: z.number(),
  /** Ended before so much time had passed: what came later is not its effect. */
  endedAt: at.nullable(),
  instances: z.number().int(),
  /**
   * What the figures were read from: samples; or, when those are no longer kept, the whole minutes before and after that of the change; or
   * nothing but events, because only hours are kept.
   */
  tier: z.enum(["1s", "1m", "1h"]),
  /** More was stored than one answer reads: the figures are of a part. */
  truncated: z.boolean(),
  measures: z.array(z.object({ name: z.enum(EFFECT_MEASURES), before: reading, after: reading })),
});
export type EffectAnswer = z.infer<typeof effectSchema>;

export const probeSchema = z.object({
  environment: z.string(),
  at,
  /** Agents that were asked: all that are connected. */
  asked: z.number().int(),
  answered: z.number().int(),
  /** From the first question to the answers, by the console's clock. Null when nobody answered. */
  p50Ms: reading,
  p99Ms: reading,
  lastMs: reading,
  /** Connected, and silent for as long as was waited; some of them by name. */
  silent: z.array(z.string()),
  /** Known and not connected: a change reaches them when they come back. */
  absent: z.number().int(),
  absentKeys: z.array(z.string()),
});
export type ProbeAnswer = z.infer<typeof probeSchema>;
