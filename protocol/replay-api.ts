/**
 * Shapes of the past as the browser plays it: descriptions of instances, events and, as packed pages, samples. Folded by the same reducer as
 * the live messages. The server builds its OpenAPI document from them; the browser imports only the types. Times are milliseconds
 * since the epoch, of the console's clock.
 */
import { z } from "zod";
import { at, changeSchema, eventSchema } from "./api.ts";
import { KIND_NAMES } from "./kinds.ts";

/** What one window of the past may span; longer incidents are read window by window. */
export const REPLAY_WINDOW_MS = 300_000;

/** Instances that one question about last samples may name. */
export const REPLAY_KEYS_MOST = 100;

const name = z.string();

/** An instance as it was known at a moment, without its samples. */
export const recordedInstanceSchema = z.object({
  key: z.string(),
  service: name,
  instance: name,
  boot: z.string(),
  version: name.optional(),
  labels: z.record(z.string(), z.string()),
  connectedAt: at.nullable(),
  lastFrameAt: at.nullable(),
  disconnectedAt: at.nullable(),
  left: z.boolean(),
  clockSkewMs: z.number().nullable(),
  policyRevision: z.number(),
  resources: z.array(
    z.object({
      id: z.number(),
      kind: z.enum(KIND_NAMES),
      name,
      target: name.optional(),
      source: name.optional(),
      settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
      retired: z.boolean().optional(),
    }),
  ),
  switches: z.array(
    z.object({
      key: z.string(),
      title: z.string(),
      whatUsersLose: z.string(),
      positions: z.array(z.string()),
      safeDefault: z.string(),
      position: z.string(),
    }),
  ),
});
export type RecordedInstance = z.infer<typeof recordedInstanceSchema>;

/** What moves of many instances alike while the rest of their descriptions stays; parts that are left out stay, too. */
export const recordedAmendmentSchema = z.object({
  keys: z.array(z.string()),
  change: z.object({
    connectedAt: at.nullable().optional(),
    disconnectedAt: at.nullable().optional(),
    lastFrameAt: at.nullable().optional(),
    left: z.boolean().optional(),
    clockSkewMs: z.number().nullable().optional(),
    policyRevision: z.number().optional(),
    /** Of switches, by key. */
    positions: z.record(z.string(), z.string()).optional(),
  }),
});

/** What changed about descriptions at a moment: some are whole as they are from then on, some only said by what moved. */
export const recordedChangeSchema = z.object({
  at,
  instances: z.array(recordedInstanceSchema),
  /** Behind `instances`; absent when there are none. */
  amended: z.array(recordedAmendmentSchema).optional(),
  forgotten: z.array(z.string()),
});
export type RecordedChange = z.infer<typeof recordedChangeSchema>;

/** GET /api/v1/replay/story?environment&from&to: everything of a window except samples. */
export const replayStorySchema = z.object({
  environment: z.string(),
  from: at,
  to: at,
  /** Nothing older was recorded or kept; null when nothing was recorded at all. */
  recordedFrom: at.nullable(),
  /** Revision of the policy at `from`. */
  revision: z.number(),
  /** The fleet at `from`. */
  instances: z.array(recordedInstanceSchema),
  /** In order, within (from, to]. */
  changes: z.array(recordedChangeSchema),
  /** In order of commit, with from < at <= to. */
  events: z.array(eventSchema),
  /** True when there were more events than an answer carries. */
  eventsCut: z.boolean(),
});
export type ReplayStory = z.infer<typeof replayStorySchema>;

/**
 * GET /api/v1/replay/samples?environment&from&to[&service][&cursor]: packed pages (core/page.ts) that touch the window, as
 * application/octet-stream in the framing of core/replay-samples.ts; the header `holdfast-next-cursor` names the next part, if any.
 */
export const replaySamplesQuery = z.object({
  environment: z.string(),
  from: at,
  to: at,
  service: z.string().optional(),
  cursor: z.string().optional(),
});

/** One thing that changed near a moment, in the order of closeness. */
export const nearbyChangeSchema = z.object({
  /** A change of policy, a deploy, an instance that joined, left or restarted, an incident or a transition. */
  kind: z.enum(["policy", "deploy", "instance", "incident", "transition", "pressure"]),
  at,
  /** Milliseconds after the moment; negative is before it. */
  offsetMs: z.number(),
  /** What happened in words. */
  text: z.string(),
  service: z.string().nullable(),
  actor: z.string(),
  event: eventSchema,
  /** How many like it, of other instances, in the same seconds. */
  alike: z.number().int(),
});
export type NearbyChange = z.infer<typeof nearbyChangeSchema>;

/** GET /api/v1/replay/nearby?environment&at[&service][&windowMs]: what changed around a moment, ranked. */
export const nearbySchema = z.object({ environment: z.string(), at, windowMs: z.number(), items: z.array(nearbyChangeSchema) });
export type NearbyAnswer = z.infer<typeof nearbySchema>;

const stepShape = { of: z.string(), text: z.string() };

/** GET /api/v1/policies/difference?environment&at: what of the policy differs from then, and what would bring it back. */
export const policyDifferenceSchema = z.object({
  environment: z.string(),
  at,
  /** Of the environment. */
  revision: z.object({ then: z.number(), now: z.number() }),
  items: z.array(
    changeSchema.pick({ kind: true, key: true, policy: true }).extend({
      /**
       * Of this subject now: expectedRevision of its first step. Each further step of it takes the revision that the one before answered.
       */
      revision: z.number(),
      /** In force, lowest revision first: what lies on top decides. */
      then: z.array(changeSchema),
      now: z.array(changeSchema),
      /** In this order: made by its route of flips, settings or overrides; ended by POST /changes/{of}/revert. */
      steps: z.array(
        z.discriminatedUnion("step", [
          changeSchema.pick({ kind: true, key: true, policy: true, body: true, scope: true }).extend({
            step: z.literal("make"),
            ...stepShape,
            /** What was left of its time then; null for no expiry. */
            expiresInSeconds: z.number().int().nullable(),
          }),
          z.object({ step: z.literal("end"), ...stepShape }),
        ]),
      ),
      /** Changes of then that no step brings back, and why. */
      left: z.array(z.object({ ...stepShape, why: z.string() })),
    }),
  ),
});
export type PolicyDifferenceAnswer = z.infer<typeof policyDifferenceSchema>;
