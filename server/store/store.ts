/**
 * The port to durable storage. Adapters: SQLite (libSQL, embedded) and PostgreSQL, both through Prisma, both passing the contract
 * suite in test/contract. Times are milliseconds since the epoch. Every write resolves only after it is on disk (SQLite: WAL,
 * synchronous FULL; PostgreSQL: synchronous_commit on). Writes of one call are one transaction, all or nothing.
 */
import type { Subject } from "../../core/policy.ts";
import type { AgentEvent, PolicyDeclaration, SwitchDeclaration } from "../../protocol/agent-up.ts";
import type { Kind } from "../../protocol/kinds.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import type { NewAuditEntry } from "./audit-entry.ts";
import type { AuditStore } from "./audit-store.ts";
import type { LoggedEventIn, NewEvent, Page, PageQuery, SamplePage } from "./basics.ts";
import type { ChangeSet, ChangeSetDone, ChangeSetQuery, ChangeSetWrite } from "./change-set.ts";
import type { Flip, FlipQuery, NewFlip, Receipt } from "./flip.ts";
import type { IncidentStore } from "./incident-store.ts";
import type { PlanStore } from "./plan-store.ts";
import type { NotifyStore } from "./notify-store.ts";
import type { ReplayStore } from "./replay-store.ts";
import type { TierStore } from "./tier-store.ts";

export type { LoggedEventIn, NewEvent, Page, PageQuery, SamplePage } from "./basics.ts";
export {
  RevisionConflict,
  type Flip,
  type FlipPurpose,
  type FlipQuery,
  type FlipScope,
  type FlipStatus,
  type NewFlip,
  type Receipt,
  type ReceiptState,
} from "./flip.ts";

/** Events of one agent, to be committed once however often they arrive: unique by (environment, service, instance, boot, seq). */
export interface AgentEventBatch {
  readonly environment: string;
  readonly service: string;
  readonly instance: string;
  readonly boot: string;
  readonly receivedAt: number;
  /** Added to the agent's clock to get the console's. */
  readonly skewMs: number;
  readonly events: readonly AgentEvent[];
}

/** Without a window the order is that of the log (ids, the order of commits); with `since` or `until` it is the order of `at`. */
export interface EventQuery {
  readonly environment: string;
  /** Of any of several, too; of none when the list is empty. */
  readonly service?: string | readonly string[];
  readonly instance?: string;
  /** Exact type, or a prefix ending in a dot: `breaker.`; or any of several. */
  readonly kind?: string | readonly string[];
  /** Only events at this time or later, by the corrected clock of the source. */
  readonly since?: number;
  /** Only events at this time or earlier. */
  readonly until?: number;
  /** Only events with a higher id: what a reader that saw everything up to it has missed. */
  readonly afterId?: number;
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
  /** Newest first unless "asc". */
  readonly order?: "asc" | "desc";
}

export interface EventSpan {
  readonly environment: string;
  readonly after: number;
  readonly upTo: number;
  readonly most: number;
}

/** What is remembered of an instance across restarts of the console. */
export interface KnownInstance {
  readonly environment: string;
  readonly service: string;
  readonly instance: string;
  readonly boot: string;
  readonly version: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** It said goodbye by itself. */
  readonly left: boolean;
  readonly policyRevision: number;
  /** Dictionary of the last connection, so that an offline instance can still be described. */
  readonly resources: readonly {
    readonly id: number;
    readonly kind: Kind;
    readonly name: string;
    readonly target?: string;
    readonly source?: string;
  }[];
  readonly switches: readonly SwitchDeclaration[];
  readonly policies: readonly PolicyDeclaration[];
}

/** So that the pages around a window can be found by their end alone. */
export const PAGE_SPAN_MAX_MS = 86_400_000;

/** A switch as the fleet declares it. */
export interface KnownSwitch {
  readonly environment: string;
  readonly key: string;
  readonly title: string;
  readonly whatUsersLose: string;
  readonly positions: readonly string[];
  readonly safeDefault: string;
  readonly services: readonly string[];
  readonly firstSeenAt: number;
}

/** Thrown by lists for a cursor that no list of this kind ever gave out. */
export class InvalidCursor extends Error {
  override readonly name = "InvalidCursor";
  constructor() {
    super("the cursor is not one of this list");
  }
}

/** The database does not answer, is full or was closed. A write that failed so may or may not be on disk; nothing says it is. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** The store cannot be opened. The message is one sentence for the operator: print it and stop. */
export class StoreStartError extends Error {
  override readonly name = "StoreStartError";
}

export interface ApiToken {
  readonly id: string;
  readonly kind: "agent" | "api";
  readonly name: string;
  /** Readable start, safe to show: `hfa_Xy12Ab34`. */
  readonly prefix: string;
  /** SHA-256 of the whole token, hex. */
  readonly hash: string;
  /** Only for `api`. */
  readonly role: "viewer" | "operator" | "admin" | null;
  readonly environment: string | null;
  /** Services an agent token may speak for; empty means any. */
  readonly services: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** The stored outcome of a write with an Idempotency-Key. */
export interface StoredResponse {
  readonly fingerprint: string;
  /** null while the first call is still running. */
  readonly status: number | null;
  readonly body: string | null;
}

export interface Store extends TierStore, IncidentStore, AuditStore, ReplayStore, PlanStore, NotifyStore {
  /** Commits events; returns the ones that were new, with ids in commit order. Repeats are recognised and left out. */
  appendAgentEvents(batches: readonly AgentEventBatch[]): Promise<readonly LoggedEventIn[]>;
  appendEvents(events: readonly NewEvent[]): Promise<readonly LoggedEventIn[]>;
  listEvents(query: EventQuery): Promise<Page<LoggedEvent>>;
  /** Highest sequence committed for a boot; 0 when none. */
  lastEventSeq(agent: { environment: string; service: string; instance: string; boot: string }): Promise<number>;
  lastEventId(environment: string): Promise<number>;
  /** How many of an environment have an id above `after`, up to `upTo`; no more than `most` are counted. */
  countEvents(span: EventSpan): Promise<number>;

  saveInstances(instances: readonly KnownInstance[]): Promise<void>;
  listInstances(environment?: string): Promise<readonly KnownInstance[]>;
  forgetInstance(environment: string, service: string, instance: string): Promise<void>;

  /** A page spans at most a day: PAGE_SPAN_MAX_MS. */
  putPages(pages: readonly SamplePage[]): Promise<void>;
  /** Pages that overlap the window, ends included, oldest first. */
  readPages(query: PageQuery): Promise<readonly SamplePage[]>;
  /** Highest frame sequence in a stored page of a boot; 0 when none. */
  lastFrameSeq(agent: { environment: string; service: string; instance: string; boot: string }): Promise<number>;

  saveSwitches(switches: readonly KnownSwitch[]): Promise<void>;
  listSwitches(environment: string): Promise<readonly KnownSwitch[]>;

  /** Environments with anything in them. */
  listEnvironments(): Promise<readonly string[]>;
  /** Current policy revision of an environment; 0 when nothing was ever pushed. */
  currentRevision(environment: string): Promise<number>;
  /**
   * One transaction: takes the next revision of the environment, writes the flip, its pending receipts and its event. The event's
   * data gets the `revision` added.
   * @throws RevisionConflict when `expectedRevision` is given and a newer flip of this subject was made or ended since.
   */
  createFlip(
    flip: NewFlip,
    receipts: readonly Pick<Receipt, "instanceKey" | "state" | "lastRevision">[],
    event: NewEvent,
    expectedRevision?: number,
  ): Promise<{ readonly flip: Flip; readonly event: LoggedEventIn }>;
  /** One transaction: takes the next revision (added to the event's data), ends the flip and writes the event. Null when it was no longer live. */
  endFlip(
    id: string,
    end: { readonly status: "expired" | "reverted"; readonly at: number; readonly by: string },
    event: NewEvent,
  ): Promise<{ readonly flip: Flip; readonly event: LoggedEventIn } | null>;
  /**
   * One transaction: ends and makes all of these, each with its own revision, receipts and event, and writes the set.
   * @throws AlreadyOver, RevisionConflict: nothing was changed
   */
  applyChangeSet(write: ChangeSetWrite): Promise<ChangeSetDone>;
  getChangeSet(id: string): Promise<ChangeSet | null>;
  /** Newest first. */
  listChangeSets(query: ChangeSetQuery): Promise<Page<ChangeSet>>;
  /** Highest revision among flips made or ended for a subject; 0 when none. */
  subjectRevision(environment: string, subject: Subject): Promise<number>;
  getFlip(id: string): Promise<Flip | null>;
  listLiveFlips(environment?: string): Promise<readonly Flip[]>;
  /** Those that were in force at a time, lowest revision first, as they were then. */
  listFlipsAt(environment: string, at: number): Promise<readonly Flip[]>;
  /** Newest first. */
  listFlips(query: FlipQuery): Promise<Page<Flip>>;
  saveReceipts(receipts: readonly Receipt[]): Promise<void>;
  listReceipts(flipId: string): Promise<readonly Receipt[]>;

  /** One transaction: the token and the entry that says so. */
  createToken(token: ApiToken, audit: NewAuditEntry): Promise<void>;
  findToken(hash: string): Promise<ApiToken | null>;
  /** Newest first. */
  listTokens(query: { kind?: "agent" | "api"; cursor?: string; limit: number }): Promise<Page<ApiToken>>;
  /** Every token ever made, revoked ones included. */
  countTokens(kind: "agent" | "api"): Promise<number>;
  /** Null, and no entry, when it is unknown or was revoked already. */
  revokeToken(id: string, at: number, audit: NewAuditEntry): Promise<ApiToken | null>;
  touchToken(id: string, at: number): Promise<void>;

  /** Reserves an idempotency key for a principal; returns what is stored when it was taken already. */
  reserveIdempotency(principal: string, key: string, fingerprint: string, now: number): Promise<StoredResponse | null>;
  settleIdempotency(principal: string, key: string, status: number, body: string): Promise<void>;
  /** Frees a reservation whose call failed without effect; a settled one stays. */
  releaseIdempotency(principal: string, key: string): Promise<void>;
  /** Forgets reservations and answers older than `before`. */
  sweepIdempotency(before: number): Promise<void>;

  /** True when a trivial read works: for readiness. */
  healthy(): Promise<boolean>;
  /** Bytes on disk, for the operator; null when the adapter cannot tell. */
  size(): Promise<number | null>;
  close(): Promise<void>;
}
