/**
 * Shapes of the HTTP API under /api/v1. The server builds its OpenAPI document from them; the browser imports only the types.
 * Times are milliseconds since the epoch.
 */
import { z } from "zod";
import { KIND_NAMES } from "./kinds.ts";
import { LINK_STATES } from "./live.ts";
import { POLICY_KINDS } from "./policy.ts";
import { clean, isName } from "./text.ts";
import { OVERRIDE_STATES, POLICY_NAMES } from "./settings.ts";

export const nameText = z.string().refine(isName, "a name is 1 to 64 characters without control or direction marks");
export const at = z.number().int();
export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  retryable: z.boolean(),
  requestId: z.string(),
  /** Field problems of a bad request: path and what to do. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** What differs, for a conflict. */
  conflict: z.unknown().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export const roleSchema = z.enum(["viewer", "operator", "admin"]);

export const eventSchema = z.object({
  id: z.number().int(),
  at,
  receivedAt: at,
  type: z.string(),
  service: z.string().nullable(),
  instance: z.string().nullable(),
  resource: z.object({ kind: z.enum(KIND_NAMES), name: z.string() }).nullable(),
  actor: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export const eventPageSchema = page(eventSchema);

export const fleetSchema = z.object({
  at,
  environment: z.string(),
  services: z.array(
    z.object({ name: z.string(), instances: z.number(), live: z.number(), stale: z.number(), offline: z.number(), unseen: z.number() }),
  ),
  instances: z.array(
    z.object({
      key: z.string(),
      service: z.string(),
      instance: z.string(),
      version: z.string().nullable(),
      labels: z.record(z.string(), z.string()),
      state: z.enum(LINK_STATES),
      lastFrameAt: at.nullable(),
      connectedAt: at.nullable(),
      policyRevision: z.number(),
      positions: z.record(z.string(), z.string()),
    }),
  ),
  resources: z.array(
    z.object({
      instance: z.string(),
      service: z.string(),
      kind: z.enum(KIND_NAMES),
      name: z.string(),
      target: z.string().nullable(),
      /** Column name to value; null is unknown. A breaker's state is its name. */
      values: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
    }),
  ),
});
export type FleetAnswer = z.infer<typeof fleetSchema>;

export const seriesSchema = z.object({
  from: at,
  to: at,
  stepMs: z.number(),
  /** True when the window held more than one answer may carry; narrow it or raise the step. */
  truncated: z.boolean(),
  /** What it was read from; a step and window that it cannot give exactly are rounded to its buckets. */
  tier: z.enum(["1s", "1m", "1h"]).optional(),
  /** What ended it early: the pages it may read, the points it may carry, its time. */
  cut: z.enum(["pages", "points", "time"]).nullable().optional(),
  /** One entry for each instance, resource and column. Lists have one place a step; the first step begins at `from`. */
  series: z.array(
    z.object({
      instance: z.string(),
      resource: z.string(),
      kind: z.enum(KIND_NAMES),
      column: z.string(),
      /** The lowest of a gauge, the last of a state, the increase of a counter; null in a gap. */
      values: z.array(z.number().nullable()),
      /** The highest of a gauge or a state; absent where it is `values` all along. */
      highest: z.array(z.number().nullable()).optional(),
      /** Of a counter: over how many milliseconds the increase was seen. Increase * 1000 / overMs is the rate a second. */
      overMs: z.array(z.number()).optional(),
    }),
  ),
});
/** A list a series: what is sent, because it is a tenth of the points. */
export type SeriesColumns = z.infer<typeof seriesSchema>;
type SeriesNames = Pick<SeriesColumns["series"][number], "instance" | "resource" | "kind" | "column">;
/** [start of the step, low or last or rate a second, high or rate]; null in a gap. */
export type SeriesPoint = [number, number | null, number | null];
/** The same as points: what charts and reports work with. */
export interface SeriesAnswer extends Omit<SeriesColumns, "series"> {
  series: (SeriesNames & { points: SeriesPoint[] })[];
}

export const scopeSchema = z
  .strictObject({
    service: nameText.optional(),
    instances: z.array(z.string().min(3).max(129)).min(1).max(1000).optional(),
    percentage: z.number().int().min(1).max(100).optional(),
  })
  .refine((scope) => !(scope.instances && scope.percentage), "name instances or a percentage, not both");

export const settingValueSchema = z.union([z.number().int(), z.boolean(), z.string().max(64)]);
export const settingValuesSchema = z.record(z.string().max(64), settingValueSchema);

export const receiptCountsSchema = z.object({
  targeted: z.number(),
  pending: z.number(),
  sent: z.number(),
  applied: z.number(),
  refused: z.number(),
  unknown: z.number(),
});

/** A change of policy of any kind. */
export const changeSchema = z.object({
  id: z.string(),
  kind: z.enum(POLICY_KINDS),
  /** Key of the switch, or name of the policy or, for a fault, of the pipeline. */
  key: z.string(),
  /** Which policy under that name; null for switches and faults. */
  policy: z.enum(POLICY_NAMES).nullable(),
  /** What agents are given. */
  body: z.union([
    z.object({ position: z.string() }),
    z.object({ policy: z.enum(POLICY_NAMES), values: settingValuesSchema }),
    z.object({ policy: z.enum(POLICY_NAMES), state: z.enum(OVERRIDE_STATES) }),
    z.object({ values: settingValuesSchema }),
  ]),
  environment: z.string(),
  scope: z.object({ service: z.string().optional(), instances: z.array(z.string()).optional(), percentage: z.number().optional() }),
  reason: z.string(),
  author: z.string(),
  createdAt: at,
  expiresAt: at.nullable(),
  revision: z.number(),
  status: z.enum(["live", "expired", "reverted"]),
  endedAt: at.nullable(),
  endedBy: z.string().nullable(),
  /** A fire drill, or a step of the ladder; absent for a change made for itself. */
  purpose: z.enum(["drill", "ladder"]).optional(),
  receipts: receiptCountsSchema,
});
export type ChangeAnswer = z.infer<typeof changeSchema>;
export const changePageSchema = page(changeSchema);

/** A change of a switch. */
export const flipSchema = changeSchema.extend({ switchKey: z.string(), position: z.string() });
export type FlipAnswer = z.infer<typeof flipSchema>;
export const flipPageSchema = page(flipSchema);

const receiptsShape = {
  instances: z.array(
    z.object({
      instance: z.string(),
      state: z.enum(["pending", "sent", "applied", "refused", "unknown"]),
      at,
      roundTripMs: z.number().nullable(),
      appliedMs: z.number().nullable(),
      reason: z.string().nullable(),
      lastRevision: z.number().nullable(),
    }),
  ),
};
export const flipDetailSchema = flipSchema.extend(receiptsShape);
export type FlipDetail = z.infer<typeof flipDetailSchema>;
export const changeDetailSchema = changeSchema.extend(receiptsShape);
export type ChangeDetail = z.infer<typeof changeDetailSchema>;

export const switchSchema = z.object({
  key: z.string(),
  title: z.string(),
  whatUsersLose: z.string(),
  positions: z.array(z.string()),
  safeDefault: z.string(),
  services: z.array(z.string()),
  /** Position wanted for the whole environment now: the newest live flip without a narrower scope, else the normal one. */
  desired: z.string(),
  /** Instances that have the switch, and those whose own report equals what is wanted of them. */
  instances: z.object({ total: z.number(), asDesired: z.number(), unknown: z.number() }),
  /** Live flips, newest first: the first that covers an instance decides for it. */
  flips: z.array(flipSchema),
  revision: z.number(),
  lastChange: z.object({ at, by: z.string(), reason: z.string() }).nullable(),
});
export type SwitchAnswer = z.infer<typeof switchSchema>;
export const switchPageSchema = page(switchSchema);

const flipIdText = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/, "use the flipId of a preview");

export const flipRequestSchema = z.strictObject({
  position: nameText,
  scope: scopeSchema.optional(),
  reason: z.string().trim().min(3, "say why, in at least 3 characters").max(500).refine(clean, "no line breaks or control characters"),
  /** Seconds, 5 to 30 days; null for none. Must be said. */
  expiresInSeconds: z
    .number({
      error: (issue) => (issue.input === undefined ? "must be said: seconds until it ends by itself, or null for no expiry" : undefined),
    })
    .int()
    .min(5)
    .max(2_592_000)
    .nullable(),
  /** The switch's revision the author looked at; a newer one gives 409 with the difference. */
  expectedRevision: z.number().int().min(0).optional(),
  /** From a preview: which instances a percentage hits hangs on it, so the flip hits exactly what was shown. */
  flipId: flipIdText.optional(),
  /** A fire drill: short, and afterwards the switch counts as proven. */
  purpose: z.literal("drill").optional(),
});
export type FlipRequest = z.infer<typeof flipRequestSchema>;

/** A flip that is only looked at; the reason may still be missing. */
export const previewRequestSchema = flipRequestSchema.partial({ reason: true, expiresInSeconds: true });

export const revertRequestSchema = z.strictObject({ reason: flipRequestSchema.shape.reason });

/** What a flip would hit, before it is made. */
export const previewSchema = z.object({
  /** Send it with the flip, so that a percentage hits what is shown here. */
  flipId: z.string().optional(),
  revision: z.number(),
  targeted: z.number(),
  live: z.number(),
  /** Will get it when they come back. */
  absent: z.number(),
  services: z.array(z.object({ service: z.string(), instances: z.number() })),
  /** Would refuse it, and why (the position is not declared there). */
  refusals: z.array(z.object({ instance: z.string(), reason: z.string() })),
  instances: z.array(z.object({ instance: z.string(), live: z.boolean(), position: z.string().nullable() })),
  /** Position that shows again when it ends. */
  returnsTo: z.string(),
});
export type PreviewAnswer = z.infer<typeof previewSchema>;

export const tokenSchema = z.object({
  id: z.string(),
  kind: z.enum(["agent", "api"]),
  name: z.string(),
  prefix: z.string(),
  role: roleSchema.nullable(),
  environment: z.string().nullable(),
  services: z.array(z.string()),
  createdAt: at,
  createdBy: z.string(),
  expiresAt: at.nullable(),
  revokedAt: at.nullable(),
  lastUsedAt: at.nullable(),
});
export type TokenAnswer = z.infer<typeof tokenSchema>;
export const tokenPageSchema = page(tokenSchema);
/** The only time the secret is shown. */
export const newTokenSchema = tokenSchema.extend({ token: z.string() });

export const agentTokenRequestSchema = z.strictObject({
  name: nameText,
  environment: nameText.default("production"),
  services: z.array(nameText).max(100).default([]),
  expiresInSeconds: z.number().int().min(60).nullable().default(null),
});
export const apiTokenRequestSchema = z.strictObject({
  name: nameText,
  role: roleSchema,
  expiresInSeconds: z.number().int().min(60).nullable().default(null),
});

export const meSchema = z.object({
  name: z.string(),
  email: z.string().nullable(),
  role: roleSchema,
  kind: z.enum(["user", "token", "bootstrap"]),
  environments: z.array(z.string()),
});
export type Me = z.infer<typeof meSchema>;

export const userSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: roleSchema,
  banned: z.boolean(),
  createdAt: at,
});
export const userPageSchema = page(userSchema);
export const userRequestSchema = z.strictObject({
  name: nameText,
  email: z.email(),
  password: z.string().min(12).max(128),
  role: roleSchema,
});

export type UserAnswer = z.infer<typeof userSchema>;
export const userChangeSchema = z
  .strictObject({ name: nameText.optional(), role: roleSchema.optional(), banned: z.boolean().optional() })
  .refine((change) => Object.values(change).some((value) => value !== undefined), "say what to change: name, role or banned");

export const signInRequestSchema = z.strictObject({ email: z.email(), password: z.string().min(1).max(128) });
/** `token` is the one of the printed set-up link. */
export const setupRequestSchema = z.strictObject({ token: z.string().min(1).max(100), ...userRequestSchema.omit({ role: true }).shape });

export const sessionSchema = z.object({
  id: z.string(),
  userId: z.string(),
  /** The session that asks. */
  current: z.boolean(),
  createdAt: at,
  lastSeenAt: at,
  expiresAt: at,
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
});
export type SessionAnswer = z.infer<typeof sessionSchema>;
export const sessionPageSchema = page(sessionSchema);

/** `now` is the console's clock: what comes over the socket later than that says is old. */
export const ticketSchema = z.object({ ticket: z.string(), expiresAt: at, now: at });
