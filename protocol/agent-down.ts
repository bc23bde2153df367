/** Messages the console sends to an agent as text frames. A frame holds one message or an array of messages, handled in order. */
import * as z from "zod/mini";
import { LIMITS } from "./limits.ts";
import { count, durationMs, id, name, revision, text, wallMs } from "./schema.ts";

/** Answer to hello. */
export const welcome = z.strictObject({
  t: z.literal("welcome"),
  v: z.int(),
  /** Server wall clock at sending. */
  now: wallMs,
  session: id,
  environment: name,
  sampleMs: z.int().check(z.gte(1000), z.lte(60_000)),
  /** Highest event sequence of this boot already committed; 0 when none. */
  eventsAcked: count,
  /** Highest live frame sequence of this boot already committed to history; 0 when none. */
  framesAcked: count,
});

/** Cumulative: everything up to and including these sequences is on disk. */
export const serverAck = z.strictObject({ t: z.literal("ack"), events: z.optional(count), frames: z.optional(count) });

/** Begins a transaction. `full` replaces everything held; `delta` adds and removes; `none` says the held policy is current. */
export const intent = z.strictObject({ t: z.literal("intent"), txn: count, mode: z.enum(["full", "delta", "none"]), revision });

/**
 * One policy item. For `switch`: among the items held for `key`, the one with the highest revision decides; when it ends, the one
 * beneath it shows again. `leaseMs` is the time left at sending, counted by the agent's monotonic clock; null has no expiry.
 */
export const put = z.strictObject({
  t: z.literal("put"),
  txn: count,
  id,
  kind: z.string().check(z.maxLength(32)),
  key: name,
  revision,
  leaseMs: z.nullable(durationMs),
  body: z.record(z.string(), z.unknown()),
});

export const del = z.strictObject({ t: z.literal("del"), txn: count, id });

/** Ends a transaction: apply all valid items at once, then ack or nack. Without it nothing of the transaction counts. */
export const commit = z.strictObject({ t: z.literal("commit"), txn: count, revision });

/** Sets the time left of items already held. */
export const renew = z.strictObject({
  t: z.literal("renew"),
  items: z.array(z.strictObject({ id, leaseMs: z.nullable(durationMs) })).check(z.maxLength(LIMITS.policyItemsPerMessage)),
});

export const probe = z.strictObject({ t: z.literal("probe"), id });

/** Sample less often from now on; the console sends the normal cadence again when it can take it. */
export const slowDown = z.strictObject({ t: z.literal("slow-down"), sampleMs: z.int().check(z.gte(1000), z.lte(60_000)), reason: text });

/** The console will close. Come back after a delay drawn evenly from the window. */
export const goodbye = z.strictObject({ t: z.literal("goodbye"), reason: text, reconnectAfterMs: z.tuple([durationMs, durationMs]) });

/** A message of the agent was refused and changed nothing; the connection goes on. */
export const refused = z.strictObject({ t: z.literal("refused"), code: name, message: text, of: z.string().check(z.maxLength(32)) });

export const agentDown = z.discriminatedUnion("t", [
  welcome,
  serverAck,
  intent,
  put,
  del,
  commit,
  renew,
  probe,
  slowDown,
  goodbye,
  refused,
]);

export type Welcome = z.infer<typeof welcome>;
export type PolicyPut = z.infer<typeof put>;
export type AgentDown = z.infer<typeof agentDown>;
