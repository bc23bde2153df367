/**
 * Shapes of incidents: incidents, timelines, write-ups and accounting. The server builds its OpenAPI document from them; core and
 * the browser import only the types. Times are milliseconds since the epoch.
 */
import { z } from "zod";
import { at, eventSchema, nameText, page } from "./api.ts";
import { line, severitySchema, triggerNames } from "./incident-rule-api.ts";
import { KIND_NAMES } from "./kinds.ts";
import { clean } from "./text.ts";

/** Some lines. */
const prose = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .refine((value) => clean(value.replaceAll("\n", "")), "no control characters other than line breaks");
export const INCIDENT_STATUSES = ["open", "acknowledged", "resolved", "merged"] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** Bad from `from` to `to`; null: still. */
export const spanSchema = z.object({
  from: at,
  to: at.nullable(),
  /** When it had been bad for long enough; null when it never was. */
  openedAt: at.nullable(),
  /** Bad in all, without the good moments in between and without what still lasts. */
  badMs: z.number(),
  /** When it last went bad. */
  lastFrom: at,
  /** How often it went bad. */
  times: z.number().int(),
});
export type Span = z.infer<typeof spanSchema>;

/** One thing that went bad. */
export const symptomSchema = z.object({
  /** Names it within the incident. */
  key: z.string(),
  ruleId: z.string(),
  on: z.enum(triggerNames),
  service: z.string(),
  resource: z.object({ kind: z.enum(KIND_NAMES), name: z.string() }).nullable(),
  /** What is on the far side; null when the trouble is the service's own. */
  target: z.string().nullable(),
  /** Instances that had it. */
  instances: z.array(z.string()),
  spans: z.array(spanSchema),
});
export type Symptom = z.infer<typeof symptomSchema>;

/** Who calls what through which breaker or pool. */
export const edgeSchema = z.object({ from: z.string(), to: z.string(), through: z.string() });
export type Edge = z.infer<typeof edgeSchema>;

export const markSchema = z.object({ verdict: z.enum(["cause", "not_cause"]), by: z.string(), at });
export type CauseMark = z.infer<typeof markSchema>;

/** A symptom in the order of the cascade. Never a score: why it stands here, and how sure that is, in words. */
export const suspectSchema = z.object({
  key: z.string(),
  title: z.string(),
  service: z.string(),
  target: z.string().nullable(),
  /** First departure from normal. */
  at,
  confidence: z.enum(["stated", "likely", "possible", "unlikely", "ruled_out"]),
  reasons: z.array(z.string()),
  mark: markSchema.nullable(),
});
export type Suspect = z.infer<typeof suspectSchema>;

/** What people say of it afterwards. */
export const reviewSchema = z.object({
  summary: z.string(),
  trigger: z.string(),
  contributing: z.array(z.string()),
  wentWell: z.array(z.string()),
  wentBadly: z.array(z.string()),
  lucky: z.array(z.string()),
  actions: z.array(
    z.object({
      text: z.string(),
      type: z.enum(["mitigate", "prevent", "process"]),
      owner: z.string().nullable(),
      link: z.string().nullable(),
    }),
  ),
});
export type Review = z.infer<typeof reviewSchema>;

/** Everything of an incident that is not a column of its own. */
const shape = {
  id: z.string(),
  number: z.number().int(),
  environment: z.string(),
  status: z.enum(INCIDENT_STATUSES),
  /** First departure from normal, or when a person says it began. */
  startedAt: at,
  updatedAt: at,
  mergedInto: z.string().nullable(),
  version: z.number().int(),
  title: z.string(),
  severity: severitySchema,
  assignee: z.string().nullable(),
  /** Opened by hand: it is resolved by hand, too. */
  manual: z.boolean(),
  /** When a rule, or a person, noticed. */
  detectedAt: at,
  detectedBy: z.string(),
  resolvedAt: at.nullable(),
  resolvedBy: z.string().nullable(),
  acknowledgedAt: at.nullable(),
  services: z.array(z.string()),
  symptoms: z.array(symptomSchema),
  edges: z.array(edgeSchema),
  /** From when until when it was open; the last `to` is null while it is. */
  phases: z.array(z.object({ from: at, to: at.nullable() })),
  /** Each severity from when on. */
  severities: z.array(z.object({ at, severity: severitySchema, by: z.string() })),
  review: reviewSchema,
};
export const incidentSchema = z.object({ ...shape, suspects: z.array(suspectSchema) });
export type IncidentAnswer = z.infer<typeof incidentSchema>;

const summaryShape = z.object(shape).omit({ symptoms: true, edges: true, review: true, phases: true, severities: true });
/** As lists show it. */
export const incidentSummarySchema = summaryShape.extend({
  /** Most probable cause in a line; null when nothing is known of one. */
  cause: z.string().nullable(),
  symptoms: z.number().int(),
  /** Instances that had any of them. */
  instances: z.number().int(),
  /** How many symptoms were bad at once, in equal steps from its beginning to its end, or to now. */
  strain: z.array(z.number().int()),
  /** Live changes of policy that touch its services; 0 once it is over. */
  overrides: z.number().int(),
  /** Open in all, up to now. */
  openMs: z.number(),
  reopened: z.number().int(),
});
export type IncidentSummary = z.infer<typeof incidentSummarySchema>;
export const incidentPageSchema = page(incidentSummarySchema);

export const incidentRequestSchema = z.strictObject({
  title: line(120),
  severity: severitySchema,
  services: z.array(nameText).max(50).default([]),
  /** When it began, if before now. */
  startedAt: at.min(0).optional(),
  assignee: line(120).nullable().default(null),
});
export type IncidentRequest = z.infer<typeof incidentRequestSchema>;

const entries = (most: number) => z.array(line(500)).max(most);
const reviewRequest = z
  .strictObject({
    summary: prose(4_000),
    trigger: prose(1_000),
    contributing: entries(20),
    wentWell: entries(20),
    wentBadly: entries(20),
    lucky: entries(20),
    actions: z
      .array(
        z.strictObject({
          text: line(500),
          type: z.enum(["mitigate", "prevent", "process"]),
          owner: line(120).nullable().default(null),
          link: z
            .url({ protocol: /^https?$/ })
            .max(500)
            .nullable()
            .default(null),
        }),
      )
      .max(50),
  })
  .partial();
/** The version looked at; a newer one gives 409. */
const expectedVersion = z.number().int().min(1).optional();

export const incidentChangeSchema = z
  .strictObject({
    title: line(120).optional(),
    severity: severitySchema.optional(),
    status: z.enum(["open", "acknowledged", "resolved"]).optional(),
    assignee: line(120).nullable().optional(),
    review: reviewRequest.optional(),
    expectedVersion,
  })
  .refine(({ expectedVersion: _, ...change }) => Object.values(change).some((value) => value !== undefined), "say what to change");
export type IncidentChange = z.infer<typeof incidentChangeSchema>;

export const mergeRequestSchema = z.strictObject({ into: z.string().min(1).max(64), expectedVersion });
export const splitRequestSchema = z.strictObject({
  /** Keys of the symptoms that become an incident of their own. */
  symptoms: z.array(z.string().max(400)).min(1).max(100),
  title: line(120).optional(),
  expectedVersion,
});
export const reopenRequestSchema = z.strictObject({ reason: line(500).optional() });
export const markRequestSchema = z.strictObject({ symptom: z.string().max(400), verdict: z.enum(["cause", "not_cause", "none"]) });

export const ENTRY_KINDS = ["transition", "pressure", "change", "receipt", "deploy", "fleet", "incident", "note", "other"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** Series that prove an entry, for GET /series. */
export const proofSchema = z.object({
  service: z.string(),
  instance: z.string().nullable(),
  resource: z.string().nullable(),
  columns: z.array(z.string()),
  from: at,
  to: at,
});

export const entrySchema = z.object({
  /** `e` and the id of the event, or `n` and the id of the note: for links. */
  key: z.string(),
  at,
  kind: z.enum(ENTRY_KINDS),
  title: z.string(),
  /** A person's words below the title; empty without any. */
  text: z.string(),
  actor: z.string(),
  /** Where it comes from. */
  source: z.enum(["agent", "console", "person"]),
  /** Hidden unless asked for. */
  noise: z.boolean(),
  pinned: z.boolean(),
  /** As it was before somebody edited it. */
  original: z.object({ at, title: z.string(), editedBy: z.string(), editedAt: at }).nullable(),
  service: z.string().nullable(),
  instance: z.string().nullable(),
  /** Of a change: how many instances were told and what they answered. */
  receipts: z.object({ targeted: z.number(), applied: z.number(), refused: z.number() }).nullable(),
  proof: proofSchema.nullable(),
  /** As the log has it; null for a note. */
  event: eventSchema.nullable(),
});
export type Entry = z.infer<typeof entrySchema>;
export const entryPageSchema = page(entrySchema);

/** What a person added, as it is kept. */
export const additionSchema = entrySchema.pick({ key: true, at: true, text: true, pinned: true, actor: true, original: true }).extend({
  /** Null: an event tells itself. */
  title: z.string().nullable(),
});

export const noteRequestSchema = z.strictObject({
  text: prose(4_000).min(1),
  at: at.min(0).optional(),
  pinned: z.boolean().default(false),
});
export const entryChangeSchema = z
  .strictObject({ title: line(500).optional(), at: at.min(0).optional(), text: prose(4_000).optional(), pinned: z.boolean().optional() })
  .refine((change) => Object.values(change).some((value) => value !== undefined), "say what to change");
export type EntryChange = z.infer<typeof entryChangeSchema>;

/** What an incident cost, and what protection kept away. Counted from stored samples. */
export const impactSchema = z.object({
  /** Calls turned away by load shedders, by class. */
  shed: z.object({ low: z.number(), medium: z.number(), high: z.number(), critical: z.number() }),
  /** Calls that an open breaker answered at once. */
  shortCircuited: z.number(),
  fallbacks: z.number(),
  /** Calls behind breakers that failed or ran out of time. */
  failures: z.number(),
  requests: z.number(),
  errors: z.number(),
  /** Highest share of failed requests in one step, thousandths; null without requests. */
  peakErrorPermille: z.number().nullable(),
  /** The window held more than could be read: the counts are at least this. */
  truncated: z.boolean(),
});
export type Impact = z.infer<typeof impactSchema>;

export const writeUpSchema = z.object({
  id: z.string(),
  number: z.number(),
  title: z.string(),
  environment: z.string(),
  status: z.string(),
  summary: z.string(),
  startedAt: at,
  detectedAt: at,
  resolvedAt: at.nullable(),
  durationMs: z.number(),
  severityMinutes: z.array(z.object({ severity: severitySchema, minutes: z.number() })),
  impact: impactSchema,
  detection: z.string(),
  trigger: z.string(),
  cascade: z.array(suspectSchema),
  contributing: z.array(z.string()),
  timeline: z.array(
    z.object({ key: z.string(), at, utc: z.string(), title: z.string(), text: z.string(), actor: z.string(), pinned: z.boolean() }),
  ),
  timelineTruncated: z.boolean(),
  changes: z.array(z.object({ at, utc: z.string(), title: z.string(), actor: z.string(), revertedAt: at.nullable() })),
  wentWell: z.array(z.string()),
  wentBadly: z.array(z.string()),
  lucky: z.array(z.string()),
  actions: reviewSchema.shape.actions,
  /** SVG documents. */
  charts: z.array(z.object({ title: z.string(), svg: z.string() })),
});
export type WriteUp = z.infer<typeof writeUpSchema>;

export const breakerAccountSchema = z.object({
  service: z.string(),
  name: z.string(),
  target: z.string().nullable(),
  /** On any instance. */
  openMinutes: z.number(),
  /** Summed over instances. */
  instanceMinutes: z.number(),
  longestOpenMs: z.number(),
  openings: z.number(),
  /** Most openings on one instance within an hour. */
  flapsPerHour: z.number(),
  /** steady: it stays as it is; restless: opens now and then; flapping: opens and closes over and over. */
  flap: z.enum(["steady", "restless", "flapping"]),
  shortCircuited: z.number(),
  fallbacks: z.number(),
});
export const accountingSchema = z.object({
  from: at,
  to: at,
  breakers: z.array(breakerAccountSchema),
  shed: z.array(z.object({ service: z.string(), low: z.number(), medium: z.number(), high: z.number(), critical: z.number() })),
  incidents: z.object({ opened: z.number(), reopened: z.number(), openMinutes: z.number() }),
  /** What protection saved, in a sentence. */
  saved: z.string(),
  truncated: z.boolean(),
});
export type BreakerAccount = z.infer<typeof breakerAccountSchema>;
export type Accounting = z.infer<typeof accountingSchema>;
