/** What the store is told of changes of policy that are made or ended together. */
import type { LoggedEventIn, NewEvent } from "./basics.ts";
import type { Flip, NewFlip, Receipt } from "./flip.ts";

export interface FlipCreation {
  readonly flip: NewFlip;
  readonly receipts: readonly Pick<Receipt, "instanceKey" | "state" | "lastRevision">[];
  readonly event: NewEvent;
  readonly expectedRevision: number | undefined;
}

export interface FlipEnd {
  readonly id: string;
  readonly end: { readonly status: "expired" | "reverted"; readonly at: number; readonly by: string };
  readonly event: NewEvent;
}

export interface FlipDone {
  readonly flip: Flip;
  readonly event: LoggedEventIn;
}

/** Several changes that were made as one, and are undone as one. */
export interface ChangeSet {
  readonly id: string;
  readonly environment: string;
  readonly title: string;
  readonly reason: string;
  readonly author: string;
  readonly createdAt: number;
  /** Changes it made, by id. */
  readonly made: readonly string[];
  /** Changes it ended. */
  readonly ended: readonly string[];
  /** The set that took it back. */
  readonly undoneBy: string | null;
}

export interface ChangeSetWrite {
  readonly set: Omit<ChangeSet, "made" | "ended" | "undoneBy">;
  readonly ends: readonly FlipEnd[];
  readonly creations: readonly FlipCreation[];
  /** The set that this one takes back. */
  readonly undoes: string | null;
}

export interface ChangeSetDone {
  readonly set: ChangeSet;
  readonly ended: readonly FlipDone[];
  readonly made: readonly FlipDone[];
}

export interface ChangeSetQuery {
  readonly environment: string;
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

/** Thrown when one of the changes to end, or the set to take back, was over already. */
export class AlreadyOver extends Error {
  override readonly name = "AlreadyOver";
  readonly what: "change" | "set";
  constructor(what: "change" | "set") {
    super(`the ${what} was over already`);
    this.what = what;
  }
}
