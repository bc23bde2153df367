/**
 * The part of the store that history's tiers and their jobs stand on. A write of a job carries the lease of its leader and is refused when
 * somebody else leads by now; it carries the job's progress too, and both are one transaction: whatever happens, work is counted once.
 */
import type { RollupTierMs } from "../../core/tiers.ts";
import type { Kind } from "../../protocol/kinds.ts";
import type { FoundPage, LoggedEventIn, NewEvent, PageQuery, SamplePage } from "./basics.ts";

/** Leadership of a named piece of work. Times are by the database's clock. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Grows with each new leader: what fences off the one before. */
  readonly token: number;
  /** When this leadership began. */
  readonly since: number;
  readonly expiresAt: number;
}

/** The lease belongs to somebody else by now; nothing was written. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
  constructor() {
    super("another console leads now");
  }
}

export interface Progress {
  readonly job: string;
  /** As the job likes it; JSON. */
  readonly state: Readonly<Record<string, unknown>>;
}

export interface JobRecord extends Progress {
  readonly token: number;
  /** By the database's clock. */
  readonly updatedAt: number;
}

export interface InstanceHour {
  readonly environment: string;
  readonly service: string;
  readonly instance: string;
  /** Start of the hour. */
  readonly from: number;
}

/** An hour whose pages are not all in its rollups. */
export interface DueHour extends InstanceHour {
  readonly changes: number;
}

export interface DueQuery {
  readonly environment?: string;
  readonly service?: string;
  /** Hours that begin at `from` or later and at `until` or earlier. */
  readonly from?: number;
  readonly until: number;
  readonly limit: number;
}

export interface StoredPage extends SamplePage {
  readonly id: number;
}

/** One packed rollup: a resource of an instance over a span. */
export interface RollupRow {
  readonly tierMs: RollupTierMs;
  readonly environment: string;
  readonly service: string;
  readonly instance: string;
  /** Start of the span. */
  readonly from: number;
  readonly kind: Kind;
  readonly resource: string;
  readonly bytes: Uint8Array;
}

export interface RollupQuery {
  readonly tierMs: RollupTierMs;
  readonly environment: string;
  readonly service: string;
  readonly instance?: string;
  readonly kinds?: readonly Kind[];
  readonly resource?: string;
  /** Spans that begin at `from` or later and before `to`. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** Rollups, and what to name them by when they are asked for again. */
export interface Rollups {
  readonly version: string;
  /** Hours of the window whose pages are not all in the rollups of that version, in no promised order. */
  readonly due: readonly Pick<InstanceHour, "instance" | "from">[];
  /** Null when they are those of the version that was named. */
  readonly rows: readonly RollupRow[] | null;
}

/** What came of rolling up one hour. */
export interface RolledHour {
  readonly due: DueHour;
  readonly rows: readonly RollupRow[];
  /** Minute pages that `compacted` takes the place of. */
  readonly replaced: readonly number[];
  readonly compacted: readonly SamplePage[];
  readonly events: readonly NewEvent[];
  readonly progress: Progress;
}

export interface PageOwner {
  readonly environment: string;
  readonly service: string;
}

export interface PageDrop extends PageOwner {
  /** Pages that ended before this. */
  readonly before: number;
  /** Where the drop before this one stopped. */
  readonly after?: PagePlace;
  /** Pages looked at. */
  readonly limit: number;
  readonly progress: DropProgress;
}

export interface DropProgress extends Progress {
  /** The number in the state that what was dropped is added to. */
  readonly counter: string;
}

export interface PagePlace {
  readonly to: number;
  readonly id: number;
}

export interface Dropped {
  readonly dropped: number;
  /** Where to go on; null at the end. */
  readonly next: PagePlace | null;
}

/** A window whose raw pages outlive their retention. */
export interface PagePin {
  readonly id: string;
  readonly environment: string;
  readonly from: number;
  readonly to: number;
  /** `service/instance`; empty: all of the environment. */
  readonly instances: readonly string[];
  readonly reason: string;
  readonly createdAt: number;
}

export interface StoredTier {
  readonly tierMs: number;
  readonly pages: number;
  readonly bytes: number;
  /** Start of the oldest page, end of the newest; of rollups the starts of their spans. Null when there is none. */
  readonly oldest: number | null;
  readonly newest: number | null;
}

export interface TierStore {
  /** Takes a lease that is free or ran out, or renews one's own (same token). Null while somebody else has it. */
  takeLease(name: string, holder: string, ttlMs: number): Promise<Lease | null>;
  /** Lets the next one lead at once. */
  releaseLease(lease: Lease): Promise<void>;
  listLeases(): Promise<readonly Lease[]>;
  listJobs(): Promise<readonly JobRecord[]>;
  /** @throws LeaseLost */
  saveProgress(lease: Lease, progress: Progress): Promise<void>;

  /** Oldest first. */
  listDue(query: DueQuery): Promise<readonly DueHour[]>;
  countDue(until: number): Promise<number>;
  /** `readPages` with ids. */
  readStoredPages(query: PageQuery): Promise<readonly StoredPage[]>;
  /** `readStoredPages`, but of pages that the reader names the id alone: a stored page never changes. */
  readPagesExcept(query: PageQuery, known: readonly number[]): Promise<readonly (FoundPage | number)[]>;
  /** Oldest span first. */
  readRollups(query: RollupQuery): Promise<readonly RollupRow[]>;
  /** The same, unless nothing of the service changed since `version`. Rows are of the version told, or newer. */
  readRollupsSince(query: RollupQuery, version: string | null): Promise<Rollups>;
  /** Replaces the rollups it brings, swaps the pages, and settles the hour unless pages came meanwhile. @throws LeaseLost */
  saveRolledHour(lease: Lease, hour: RolledHour): Promise<readonly LoggedEventIn[]>;
  /** Who has pages of samples. */
  listPageOwners(): Promise<readonly PageOwner[]>;
  /** Drops old pages, except pinned ones and those of hours that are still to be rolled up. @throws LeaseLost */
  dropPages(lease: Lease, drop: PageDrop): Promise<Dropped>;
  /** Drops rollups of spans that begin before a time, up to a number. @throws LeaseLost */
  dropRollups(
    lease: Lease,
    drop: { readonly tierMs: RollupTierMs; readonly before: number; readonly limit: number; readonly progress: DropProgress },
  ): Promise<number>;

  /** Makes a pin, or replaces the one of this id. */
  pinPages(pin: PagePin): Promise<void>;
  unpinPages(id: string): Promise<void>;
  listPins(environment?: string): Promise<readonly PagePin[]>;

  /** What each tier takes. Looks at every page: for the operator, not for a loop. */
  tierUse(): Promise<readonly StoredTier[]>;
}
