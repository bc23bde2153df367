/** Shapes of the audit log over the HTTP API. */
import { z } from "zod";
import { AUDIT_ACTIONS, AUDIT_ACTOR_KINDS, AUDIT_FAULTS, AUDIT_OUTCOMES, AUDIT_SOURCES } from "./audit.ts";

const small = z.record(z.string(), z.unknown()).nullable();
const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const auditEntrySchema = z.object({
  /** Without gaps, from 1. */
  seq: z.number().int(),
  at: z.number(),
  actor: z.object({ kind: z.enum(AUDIT_ACTOR_KINDS), id: z.string().nullable(), name: z.string() }),
  role: z.string().nullable(),
  source: z.enum(AUDIT_SOURCES),
  address: z.string().nullable(),
  requestId: z.string().nullable(),
  action: z.enum(AUDIT_ACTIONS),
  target: z.object({ environment: z.string().nullable(), service: z.string().nullable(), thing: z.string().nullable() }),
  before: small,
  after: small,
  reason: z.string().nullable(),
  incident: z.number().int().nullable(),
  /** Receipts are found by it. */
  flipId: z.string().nullable(),
  outcome: z.enum(AUDIT_OUTCOMES),
  /** Error code of what was refused. */
  code: z.string().nullable(),
  /** Hash of the entry before. */
  previous: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditPageSchema = z.object({ items: z.array(auditEntrySchema), nextCursor: z.string().nullable() });
export type AuditPage = z.infer<typeof auditPageSchema>;

/** The last entry; seq 0 when there is none. Noted elsewhere, it shows later that nothing was cut off. */
export const auditHeadSchema = z.object({ seq: z.number().int(), hash, at: z.number().nullable() });
export type AuditHead = z.infer<typeof auditHeadSchema>;

export const auditCheckSchema = z.object({
  /** The entry that this step went on from. */
  from: z.number().int(),
  /** The last entry that fits, and its hash: where the next step goes on. */
  to: z.number().int(),
  hash,
  /** The first entry that does not fit. */
  fault: z.object({ seq: z.number().int(), what: z.enum(AUDIT_FAULTS) }).nullable(),
  /** Nothing follows. */
  done: z.boolean(),
  at: z.number(),
});
export type AuditCheck = z.infer<typeof auditCheckSchema>;
