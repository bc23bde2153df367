/** Messages an agent sends as text frames (JSON). Samples travel as binary frames: see frame.ts. */
import * as z from "zod/mini";
import { KIND_NAMES } from "./kinds.ts";
import { LIMITS } from "./limits.ts";
import { OVERRIDE_STATES, POLICY_NAMES } from "./settings.ts";
import { count, data, durationMs, id, labels, name, revision, text, title, wallMs } from "./schema.ts";

/** First message of a connection. `boot` changes with every start of the process; sequences count from 1 within a boot. */
export const hello = z.strictObject({
  t: z.literal("hello"),
  v: z.int(),
  service: name,
  instance: name,
  boot: id,
  version: z.optional(name),
  labels: z.optional(labels),
  agentVersion: name,
  runtime: name,
  /** Agent wall clock at sending, to estimate the skew. */
  now: wallMs,
  /** When the process started. */
  startedAt: wallMs,
  /** Policy held: the last revision applied and its digest (see policyDigest); 0 and 0 when none. */
  policy: z.strictObject({ revision, digest: count }),
});

export const resource = z.strictObject({
  /** Ids are dense and ascending from 0 within a boot; the slots of a frame follow this order. */
  id: z.int().check(z.gte(0), z.lt(LIMITS.resourcesPerAgent)),
  kind: z.enum(KIND_NAMES),
  name,
  /** What the resource protects the caller from: the service or system on the far side, when the host names it. */
  target: z.optional(name),
  /** The library recognised, for people. */
  source: z.optional(name),
  /** Settings worth showing beside the values: threshold, time-out, volume... */
  settings: z.optional(data),
});

export const switchDeclaration = z.strictObject({
  key: z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "a switch key is lower case letters, digits, dot, dash, underscore")),
  title,
  whatUsersLose: text,
  /** The first position is the normal one; the others degrade. */
  positions: z.array(name).check(z.minLength(2), z.maxLength(LIMITS.positionsPerSwitch)),
  /** The position taken while nothing is known: never heard from a console, no policy kept. */
  safeDefault: name,
  /** Position in force now, by the agent's own resolution. */
  position: name,
});

/** A policy the console can steer: what the code says, and how far a remote value may go. */
export const policyDeclaration = z.strictObject({
  policy: z.enum(POLICY_NAMES),
  /** Name of the policy, or of the pipeline it is part of. One of each policy under one name. */
  name,
  /** Every setting as the code gives it. */
  values: z.record(name, z.union([z.int(), z.boolean(), name])),
  /** Limits of the code, where narrower than the table's. */
  bounds: z.record(name, z.tuple([z.int(), z.int()])),
  /** Settings that cannot be changed here. */
  fixed: z.array(name).check(z.maxLength(32)),
  /** Overrides that are possible here; all that make sense when left out. */
  states: z.optional(z.array(z.enum(OVERRIDE_STATES)).check(z.maxLength(8))),
  /** What a change here does not do, for people. */
  note: z.optional(text),
  /** The service allows failures to be injected here. */
  faults: z.boolean(),
});

/** Adds to the dictionary. The whole dictionary is sent after each welcome, additions later. `retired` ids read as unknown for ever. */
export const declare = z.strictObject({
  t: z.literal("declare"),
  resources: z.array(resource).check(z.maxLength(LIMITS.resourcesPerAgent)),
  switches: z.array(switchDeclaration).check(z.maxLength(LIMITS.switchesPerAgent)),
  policies: z.optional(z.array(policyDeclaration).check(z.maxLength(LIMITS.policiesPerAgent))),
  retired: z.array(z.int().check(z.gte(0))).check(z.maxLength(LIMITS.resourcesPerAgent)),
});

/** Something that happened. Never sampled, never dropped silently. */
export const agentEvent = z.strictObject({
  seq: z.int().check(z.gte(1)),
  at: wallMs,
  /** Dotted, most general first: breaker.opened, pool.saturated, switch.applied, deploy, note... */
  type: z.string().check(z.regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,3}$/), z.maxLength(64)),
  /** The resource it is about, if any. */
  resource: z.optional(z.strictObject({ kind: z.enum(KIND_NAMES), name })),
  data,
});

/** Events in sequence. `dropped` is how many were lost to the bounded ring since the last message, all older than the first here. */
export const events = z.strictObject({
  t: z.literal("events"),
  dropped: count,
  events: z.array(agentEvent).check(z.maxLength(LIMITS.eventsPerMessage)),
});

/** The transaction was applied. `digest` is of all items held afterwards. */
export const ack = z.strictObject({
  t: z.literal("ack"),
  txn: count,
  revision,
  digest: count,
  /** From the first byte handled to in force, by the agent's monotonic clock. */
  appliedMs: durationMs,
});

/** Items refused; the valid ones of the same transaction were applied. */
export const nack = z.strictObject({
  t: z.literal("nack"),
  txn: count,
  revision,
  digest: count,
  appliedMs: durationMs,
  rejected: z.array(z.strictObject({ id, code: name, message: text })).check(z.maxLength(LIMITS.policyItemsPerMessage)),
});

export const probeAck = z.strictObject({ t: z.literal("probe-ack"), id });

/** The agent on itself, every 10 s and after a reconnect. */
export const status = z.strictObject({
  t: z.literal("status"),
  droppedSamples: count,
  droppedEvents: count,
  bufferedSamples: count,
  bufferedEvents: count,
  adapterErrors: count,
  /** Resources or switches refused because a limit was reached. */
  capped: count,
  reconnects: count,
});

export const agentUp = z.discriminatedUnion("t", [hello, declare, events, ack, nack, probeAck, status]);

export type Hello = z.infer<typeof hello>;
export type ResourceDeclaration = z.infer<typeof resource>;
export type SwitchDeclaration = z.infer<typeof switchDeclaration>;
export type PolicyDeclaration = z.infer<typeof policyDeclaration>;
export type Declare = z.infer<typeof declare>;
export type AgentEvent = z.infer<typeof agentEvent>;
export type AgentStatus = z.infer<typeof status>;
export type AgentUp = z.infer<typeof agentUp>;
