/**
 * Shapes of the rules that open incidents. The server builds its OpenAPI document from them; core and the browser import only the types.
 */
import { z } from "zod";
import { at, nameText, page } from "./api.ts";
import { clean } from "./text.ts";

/** A line a person writes. */
export const line = (most: number) => z.string().trim().min(1).max(most).refine(clean, "no line breaks or control characters");
const delay = (most: number) => z.number().int().min(0).max(most);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** 1 is the worst. */
export const severitySchema = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]);
export type Severity = z.infer<typeof severitySchema>;

/** What a rule watches. */
export const triggerSchema = z.discriminatedUnion("on", [
  /** A breaker is open, half-open included, on some instance. */
  z.strictObject({ on: z.literal("breaker_open") }),
  /** A service turns away more than this many calls a second, all its instances together. */
  z.strictObject({ on: z.literal("shed"), perSecond: z.number().positive().max(1e9) }),
  /** Somebody waits for a pool that has nothing free. */
  z.strictObject({ on: z.literal("pool_saturated") }),
  /** At least this many instances of a service are gone without goodbye. */
  z.strictObject({ on: z.literal("agents_lost"), atLeast: z.number().int().min(1).max(10_000) }),
  /**
   * A service fails so often that it uses up its error budget `burn` times as fast as it may: over the window, more than burn times
   * (1000 - objective) thousandths of its requests failed.
   */
  z.strictObject({
    on: z.literal("error_budget"),
    objectivePermille: z.number().min(500).max(999.999),
    windowMs: z.number().int().min(30_000).max(HOUR),
    burn: z.number().positive().max(1_000),
  }),
]);
export type Trigger = z.infer<typeof triggerSchema>;
export const triggerNames = [
  "breaker_open",
  "shed",
  "pool_saturated",
  "agents_lost",
  "error_budget",
] as const satisfies readonly Trigger["on"][];
export type TriggerName = (typeof triggerNames)[number];

export const ruleBodySchema = z.strictObject({
  title: line(120),
  enabled: z.boolean(),
  severity: severitySchema,
  trigger: triggerSchema,
  /** Only this service, only this breaker or pool; null for all. */
  service: nameText.nullable(),
  resource: nameText.nullable(),
  /** Bad for so long in all before an incident is opened. */
  openDelayMs: delay(HOUR),
  /** Good for so long before it is resolved. */
  resolveDelayMs: delay(DAY),
  /** The same trouble within this time after the end opens the same incident again. */
  reopenWindowMs: delay(7 * DAY),
  /** Troubles along a dependency path this close in time are one incident. */
  groupWindowMs: delay(DAY),
  /** Nothing new for so long: it counts as over, though it was never said to be. */
  inactivityMs: z
    .number()
    .int()
    .min(60_000)
    .max(30 * DAY),
});
export const ruleSchema = ruleBodySchema.extend({ id: z.string() });
export type IncidentRule = z.infer<typeof ruleSchema>;
export type IncidentRuleBody = z.infer<typeof ruleBodySchema>;
export const ruleAnswerSchema = ruleSchema.extend({
  /** Comes with the console; deleting what was stored for it brings it back as it was. */
  builtIn: z.boolean(),
  updatedAt: at.nullable(),
  updatedBy: z.string().nullable(),
});
export type RuleAnswer = z.infer<typeof ruleAnswerSchema>;
export const rulePageSchema = page(ruleAnswerSchema);

export const tryRequestSchema = z.strictObject({
  rule: ruleBodySchema,
  /** Days to look back. */
  days: z.number().int().min(1).max(7).default(7),
  /** With the rules in force, so that grouping shows; else by itself. */
  withOthers: z.boolean().default(false),
});
export const tryAnswerSchema = z.object({
  from: at,
  to: at,
  /** Incidents the rule would have opened, oldest first; at most 100. */
  incidents: z.array(
    z.object({
      startedAt: at,
      detectedAt: at,
      resolvedAt: at.nullable(),
      title: z.string(),
      severity: severitySchema,
      services: z.array(z.string()),
      symptoms: z.number(),
      reopened: z.number(),
      openMinutes: z.number(),
    }),
  ),
  opened: z.number(),
  openMinutes: z.number(),
  /** There was more than could be read: the answer is of a part. */
  truncated: z.boolean(),
});
export type TryAnswer = z.infer<typeof tryAnswerSchema>;
