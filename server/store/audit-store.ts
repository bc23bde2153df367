/** The part of the store that keeps the audit log. Nothing in it is ever changed or deleted. */
import type { AuditEntry, AuditPlace, AuditStep, NewAuditEntry } from "./audit-entry.ts";
import type { Page } from "./basics.ts";

export interface AuditQuery {
  /** A name, or `kind:name`. */
  readonly actor?: string;
  /** Exact, or a prefix ending in a dot: `auth.` */
  readonly action?: string;
  readonly environment?: string;
  readonly service?: string;
  /** What it was done to: the key of a switch, the name of a user. Exact. */
  readonly target?: string;
  readonly outcome?: "done" | "refused";
  readonly requestId?: string;
  readonly flipId?: string;
  /** Of time, ends included. */
  readonly from?: number;
  readonly to?: number;
  /** Anywhere in its words; letters of English in either case. */
  readonly text?: string;
  /** Only this entry and older ones. */
  readonly upTo?: number;
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
  /** Newest first unless "asc". */
  readonly order?: "asc" | "desc";
}

export interface AuditStore {
  /**
   * Appends in order, as one transaction. What is recorded with a write of its own goes along with that write instead: as `audit` of its
   * event, or in place of one.
   */
  appendAudit(entries: readonly NewAuditEntry[]): Promise<readonly AuditEntry[]>;
  listAudit(query: AuditQuery): Promise<Page<AuditEntry>>;
  /** The last entry; null when there is none. */
  auditHead(): Promise<AuditEntry | null>;
  /** Recomputes at most `limit` entries after a place; also says when the place itself is not there as given. */
  verifyAudit(after: AuditPlace, limit: number): Promise<AuditStep>;
}
