/** The browser socket `/live/v1`, both directions, JSON text frames. The console sends; the browser only says what it wants to see. */
import * as z from "zod/mini";
import { switchDeclaration } from "./agent-up.ts";
import { KIND_NAMES } from "./kinds.ts";
import { count, data, labels, name, revision, wallMs } from "./schema.ts";

/** What a browser watches: an environment, or one service of it. */
export const scope = z.strictObject({ environment: name, service: z.optional(name) });
export type Scope = z.infer<typeof scope>;

/** Browser to console. First message after the upgrade; again to change the scope. `since` resumes events after a reconnect. */
export const subscribe = z.strictObject({ t: z.literal("subscribe"), scope, sinceEvent: z.optional(count) });
/** The browser is still reading; sent every 10 s. */
export const alive = z.strictObject({ t: z.literal("alive") });
export const liveUp = z.discriminatedUnion("t", [subscribe, alive]);
export type LiveUp = z.infer<typeof liveUp>;

export const LINK_STATES = ["live", "stale", "offline", "unseen"] as const;
export type LinkState = (typeof LINK_STATES)[number];

export const liveResource = z.object({
  id: count,
  kind: z.enum(KIND_NAMES),
  name,
  target: z.optional(name),
  source: z.optional(name),
  settings: z.optional(data),
  retired: z.optional(z.boolean()),
});
export type LiveResource = z.infer<typeof liveResource>;

/** One instance, whole. `row` is the slots of a sample frame: value + 1, or 0 for unknown. */
export const liveInstance = z.object({
  /** Stable key of the instance in this environment: service/instance. */
  key: z.string(),
  service: name,
  instance: name,
  boot: z.string(),
  version: z.optional(name),
  labels,
  /** Server clock: connected since, last frame received. null = not in this state. */
  connectedAt: z.nullable(wallMs),
  lastFrameAt: z.nullable(wallMs),
  disconnectedAt: z.nullable(wallMs),
  /** The agent said goodbye by itself. */
  left: z.boolean(),
  clockSkewMs: z.nullable(z.number()),
  policyRevision: revision,
  resources: z.array(liveResource),
  switches: z.array(switchDeclaration),
  row: z.array(z.number()),
});
export type LiveInstance = z.infer<typeof liveInstance>;

/** An event as the log keeps it. `id` is the order of commit, one counter for all environments. */
export const loggedEvent = z.object({
  id: count,
  /** When it happened by the source's clock, corrected by the skew; `receivedAt` is the server's. */
  at: wallMs,
  receivedAt: wallMs,
  type: z.string(),
  service: z.nullable(name),
  instance: z.nullable(name),
  resource: z.nullable(z.object({ kind: z.enum(KIND_NAMES), name })),
  /** Who caused it: `agent`, `system`, or `user:<name>` / `token:<name>`. */
  actor: z.string(),
  data,
});
export type LoggedEvent = z.infer<typeof loggedEvent>;

/** Console to browser. */
export const snapshot = z.object({
  t: z.literal("snapshot"),
  now: wallMs,
  environment: name,
  lastEvent: count,
  revision,
  instances: z.array(liveInstance),
});
/** Changed slots of one instance: pairs slot, value, flattened. */
export const delta = z.object({
  t: z.literal("delta"),
  now: wallMs,
  instances: z.array(z.object({ key: z.string(), at: wallMs, slots: z.array(z.number()) })),
});
/** Instances whose description changed (joined, declared, left, policy applied): whole again. */
export const upsert = z.object({ t: z.literal("upsert"), now: wallMs, instances: z.array(liveInstance) });
/** In commit order, none missing, or a resync says so. */
export const event = z.object({ t: z.literal("event"), now: wallMs, events: z.array(loggedEvent) });
/** Policy of the environment moved; read the switchboard again. */
export const policyMoved = z.object({ t: z.literal("policy"), now: wallMs, revision, flip: z.nullable(z.string()) });
/** A beat every second, so that silence means trouble; carries the server clock. */
export const beat = z.object({ t: z.literal("beat"), now: wallMs });
/** The browser was too slow or away too long: `missed` events are not coming (read them by the API); a snapshot follows. */
export const resync = z.object({ t: z.literal("resync"), now: wallMs, missed: count, reason: z.enum(["slow", "gap", "restart"]) });

export const liveDown = z.discriminatedUnion("t", [snapshot, delta, upsert, event, policyMoved, beat, resync]);
export type LiveDown = z.infer<typeof liveDown>;
