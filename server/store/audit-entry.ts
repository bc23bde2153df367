/** An entry of the audit log, before it has its place. */
import type { AuditAction, AuditActorKind, AuditFaultKind, AuditOutcome, AuditSource } from "../../protocol/audit.ts";

export interface AuditActor {
  readonly kind: AuditActorKind;
  readonly id: string | null;
  readonly name: string;
}

/** A small JSON object. What is larger than an entry may be is cut by the store. */
export type AuditDetails = Readonly<Record<string, unknown>>;

export interface NewAuditEntry {
  readonly at: number;
  readonly actor: AuditActor;
  readonly role: string | null;
  readonly source: AuditSource;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly action: AuditAction;
  readonly target: { readonly environment: string | null; readonly service: string | null; readonly thing: string | null };
  readonly before: AuditDetails | null;
  readonly after: AuditDetails | null;
  readonly reason: string | null;
  /** Number of the incident it belongs to. */
  readonly incident: number | null;
  readonly flipId: string | null;
  readonly outcome: AuditOutcome;
  /** Error code of what was refused. */
  readonly code: string | null;
}

export interface AuditEntry extends NewAuditEntry {
  /** Without gaps, from 1. */
  readonly seq: number;
  /** SHA-256, hex: of the entry before, and of this one. */
  readonly previous: string;
  readonly hash: string;
}

/** A place in the chain. Sequence 0 is its beginning. */
export interface AuditPlace {
  readonly seq: number;
  readonly hash: string;
}

/** The first entry that does not fit. */
export interface AuditFault {
  readonly seq: number;
  readonly what: AuditFaultKind;
}

export interface AuditStep {
  /** The last entry that fits. */
  readonly last: AuditPlace;
  readonly fault: AuditFault | null;
  /** Nothing follows. */
  readonly done: boolean;
}
