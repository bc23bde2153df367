/** Shapes of notifications under /api/v1. The server builds its OpenAPI document from them; the browser imports only the types. */
import { z } from "zod";
import { at, nameText, page } from "./api.ts";
import { severitySchema } from "./incident-rule-api.ts";
import { DELIVERY_STATUSES, NOTIFY_TOPICS, SINK_KINDS } from "./notify.ts";

const url = z.string().min(1).max(2_000);

export const hearsSchema = z.strictObject({
  topics: z.array(z.enum(NOTIFY_TOPICS)).min(1, "choose at least one"),
  /** Incidents at least as bad as this; 5 is all of them. */
  severity: severitySchema,
  /** Empty: every environment. */
  environments: z.array(nameText).max(50),
});
export type Hears = z.infer<typeof hearsSchema>;

export const sinkRequestSchema = z.strictObject({
  name: nameText,
  kind: z.enum(SINK_KINDS),
  /** Kept sealed and never answered whole: it may hold a secret. */
  url,
  hears: hearsSchema,
  enabled: z.boolean().default(true),
});
export type SinkRequest = z.input<typeof sinkRequestSchema>;
export const sinkChangeSchema = z
  .strictObject({
    name: nameText.optional(),
    url: url.optional(),
    hears: hearsSchema.optional(),
    /** True also ends a pause. */
    enabled: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, "name something to change");
export type SinkChange = z.infer<typeof sinkChangeSchema>;

export const sinkSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(SINK_KINDS),
  enabled: z.boolean(),
  /** Scheme, host and port of the address; the rest is not shown. */
  origin: z.string(),
  hears: hearsSchema,
  /** The signature's secret before this one counts until then; null when there is none. */
  previousUntil: at.nullable(),
  createdAt: at,
  createdBy: z.string(),
  /** Why nothing can be sent there as the console is configured; null when it can. */
  refused: z.string().nullable(),
  /** Since when nothing arrives. */
  failingSince: at.nullable(),
  failures: z.number().int(),
  lastError: z.string().nullable(),
  lastDeliveredAt: at.nullable(),
  /** Nothing is sent until somebody resumes it. */
  pausedAt: at.nullable(),
  waiting: z.number().int(),
  /** Ever left out because too many waited. */
  dropped: z.number().int(),
});
export type SinkAnswer = z.infer<typeof sinkSchema>;
export const sinkPageSchema = page(sinkSchema);
/** The secret is shown only here; null for kinds that are not signed. */
export const newSinkSchema = sinkSchema.extend({ secret: z.string().nullable() });
export type NewSinkAnswer = z.infer<typeof newSinkSchema>;

export const deliverySchema = z.object({
  id: z.string(),
  sinkId: z.string(),
  topic: z.string(),
  title: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  createdAt: at,
  /** When it is tried next; of one that waits behind another, not before this. */
  nextAt: at.nullable(),
  attempts: z.number().int(),
  /** Of the last try: the status of the answer, its first words, or what went wrong. */
  code: z.number().int().nullable(),
  answer: z.string().nullable(),
  error: z.string().nullable(),
  tookMs: z.number().nullable(),
  settledAt: at.nullable(),
});
export type DeliveryAnswer = z.infer<typeof deliverySchema>;
export const deliveryPageSchema = page(deliverySchema);

export const notifySettingsSchema = z.object({
  /** Hosts that may be sent to, as HOLDFAST_NOTIFY_HOSTS has them. Empty: none. */
  hosts: z.array(z.string()),
});
export type NotifySettings = z.infer<typeof notifySettingsSchema>;
