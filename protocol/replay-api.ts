/**
 * Shapes of the past as the browser plays it: descriptions of instances, events and, as packed pages, samples. Folded by the same reducer as
 * the live messages. The server builds its OpenAPI document from them; the browser imports only the types. Times are milliseconds
 * since the epoch, of the console's clock.
 */
import { z } from "zod";
import { at, eventSchema } from "./api.ts";
import { KIND_NAMES } from "./kinds.ts";

/** What one window of the past may span; longer incidents are read window by window. */
export const REPLAY_WINDOW_MS = 300_000;

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

/** What changed about descriptions at a moment: each as it was from then on, whole. */
export const recordedChangeSchema = z.object({ at, instances: z.array(recordedInstanceSchema), forgotten: z.array(z.string()) });
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
