/** What every part of the store speaks of. */
import type { Kind } from "../../protocol/kinds.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import type { NewAuditEntry } from "./audit-entry.ts";

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null at the end. */
  readonly nextCursor: string | null;
}

/** An event the console makes itself, or one of an agent before it has an id. */
export interface NewEvent {
  readonly environment: string;
  readonly at: number;
  readonly receivedAt: number;
  readonly type: string;
  readonly service: string | null;
  readonly instance: string | null;
  readonly resource: { readonly kind: Kind; readonly name: string } | null;
  readonly actor: string;
  readonly data: LoggedEvent["data"];
  /** Goes into the audit log in the same transaction; never told with the event. */
  readonly audit?: NewAuditEntry;
}

/** A logged event with the environment it belongs to. */
export type LoggedEventIn = LoggedEvent & { readonly environment: string };

/** One packed page of samples: one instance, one minute (core/page.ts knows the bytes). */
export interface SamplePage {
  readonly environment: string;
  readonly service: string;
  readonly instance: string;
  readonly boot: string;
  /** First and last sample in the page. */
  readonly from: number;
  readonly to: number;
  /** Highest frame sequence inside, for the acknowledgement. */
  readonly lastSeq: number;
  readonly samples: number;
  readonly bytes: Uint8Array;
}

/** A stored page of the service that was asked for. */
export interface FoundPage extends Pick<SamplePage, "instance" | "boot" | "from" | "to" | "bytes"> {
  readonly id: number;
}

export interface PageQuery {
  readonly environment: string;
  readonly service: string;
  readonly instance?: string;
  readonly from: number;
  readonly to: number;
  /** At most this many pages; the caller says so when it was cut. */
  readonly limit: number;
}
