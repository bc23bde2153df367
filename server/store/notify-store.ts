/** The part of the store that notifications stand on: sinks, and an outbox that is written together with how far the log was read. */
import type { Hears } from "../../protocol/notify-api.ts";
import type { DeliveryStatus, SinkKind } from "../../protocol/notify.ts";
import type { NewAuditEntry } from "./audit-entry.ts";
import type { LoggedEventIn, NewEvent, Page } from "./basics.ts";
import type { Lease, Progress } from "./tier-store.ts";

/** What people decide of a sink. Sealed texts can be opened by nobody but the console. */
export interface NewSink {
  readonly id: string;
  readonly name: string;
  readonly kind: SinkKind;
  readonly enabled: boolean;
  /** Sealed. */
  readonly url: string;
  readonly origin: string;
  /** Sealed; null where nothing is signed. */
  readonly secret: string | null;
  /** Sealed. */
  readonly previousSecret: string | null;
  readonly previousUntil: number | null;
  readonly hears: Hears;
  readonly createdAt: number;
  readonly createdBy: string;
}

export interface Sink extends NewSink {
  /** It hears only of events with a higher id. */
  readonly afterId: number;
  readonly failingSince: number | null;
  readonly failures: number;
  readonly lastError: string | null;
  readonly lastDeliveredAt: number | null;
  readonly pausedAt: number | null;
  /** Left out because too many waited: ever, and since the last delivery that arrived. */
  readonly dropped: number;
  readonly droppedUntold: number;
}

export type SinkChanges = Partial<
  Pick<NewSink, "name" | "enabled" | "url" | "origin" | "secret" | "previousSecret" | "previousUntil" | "hears">
>;

export interface NewDelivery {
  readonly id: string;
  readonly sinkId: string;
  readonly topic: string;
  readonly title: string;
  /** JSON. */
  readonly message: string;
  readonly createdAt: number;
  /** Not tried before. */
  readonly nextAt: number;
  readonly deadline: number;
}

/** What came of a try. */
export interface Outcome {
  readonly status: DeliveryStatus;
  readonly at: number;
  readonly attempts: number;
  readonly nextAt: number;
  readonly code: number | null;
  readonly answer: string | null;
  readonly error: string | null;
  readonly tookMs: number | null;
}

export interface Delivery extends NewDelivery, Omit<Outcome, "at"> {
  readonly settledAt: number | null;
}

export interface Notices {
  readonly created: readonly NewDelivery[];
  /** Deliveries that wait and say more now. */
  readonly grown: readonly { readonly id: string; readonly title: string; readonly message: string }[];
  readonly progress: Progress;
  /** Of a sink wait at most so many; the oldest are dropped and counted. */
  readonly waitingMost: number;
}

export interface Settlement {
  readonly id: string;
  readonly sinkId: string;
  readonly outcome: Outcome;
  /** A try that says nothing of the sink's health: none was made. */
  readonly untried?: boolean;
  /** Dropped ones that the message told of. */
  readonly toldDropped?: number;
  /** The sink is paused, with these events. */
  readonly pause?: readonly NewEvent[];
}

export interface NotifyStore {
  /** Oldest first. */
  listNotifySinks(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<Sink>>;
  getNotifySink(id: string): Promise<Sink | null>;
  countNotifyWaiting(): Promise<Readonly<Record<string, number>>>;
  /** It hears of what happens from now on. */
  createNotifySink(sink: NewSink, audit: NewAuditEntry): Promise<Sink>;
  /**
   * Switched on, it hears of what happens from now on, and a pause ends. Switched off, what waits is dropped. Null when there is none.
   */
  changeNotifySink(id: string, changes: SinkChanges, audit: NewAuditEntry): Promise<Sink | null>;
  /** With its deliveries. Null, and no entry, when there is none. */
  deleteNotifySink(id: string, audit: NewAuditEntry): Promise<Sink | null>;

  /** Newest first. */
  listNotifyDeliveries(query: { readonly sinkId?: string; readonly cursor?: string; readonly limit: number }): Promise<Page<Delivery>>;
  getNotifyDelivery(id: string): Promise<Delivery | null>;
  /** The first that waits of each sink that is on and not paused, where its time has come. */
  listDueDeliveries(now: number, sinkId?: string): Promise<readonly Delivery[]>;
  /** A settled one waits again. Null when it is not there or still waits. */
  repeatNotifyDelivery(
    id: string,
    times: { readonly nextAt: number; readonly deadline: number },
    audit: NewAuditEntry,
  ): Promise<Delivery | null>;
  /** A try that was made already, outside of the order; success ends a pause. */
  recordNotifyTest(delivery: NewDelivery, outcome: Outcome, audit: NewAuditEntry): Promise<Delivery>;

  /** Events of every environment with a higher id, in the order of ids. */
  listEventsAfter(id: number, limit: number): Promise<readonly LoggedEventIn[]>;
  /** One transaction: the outbox, and how far the log was read. @throws LeaseLost */
  saveNotices(lease: Lease, notices: Notices): Promise<void>;
  /** @returns the events of a pause. @throws LeaseLost */
  settleNotifyDelivery(lease: Lease, settlement: Settlement): Promise<readonly LoggedEventIn[]>;
  /** Drops settled deliveries older than `before`, and of each sink all but the newest `keep`. @throws LeaseLost */
  pruneNotifyDeliveries(lease: Lease, drop: { readonly before: number; readonly keep: number }): Promise<number>;
}
