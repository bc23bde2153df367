/** Where a process that works on a store is to die, and what such a process is told. */
import type { StoreMethod } from "../../server/store/sqlite/messages.ts";

/** A point inside a transaction, or just behind it. */
export interface KillPoint {
  /** The store method whose transactions are counted. */
  readonly method: StoreMethod;
  /** Which of them, from 1. */
  readonly transaction: number;
  /** After so many of its statements, after all of them, or after the commit and before anybody is told. */
  readonly after: number | "written" | "committed";
}

export type Place = { readonly provider: "sqlite"; readonly path: string } | { readonly provider: "postgresql"; readonly url: string };

interface StoreWork {
  readonly place: Place;
  readonly kill: KillPoint | null;
}

/** Writes the events of several agents, each from the first that it has no acknowledgement of. */
export interface EventWork extends StoreWork {
  readonly role: "events";
  readonly acked: readonly number[];
  /** The last sequence to write. */
  readonly until: number;
  /** Acknowledges without waiting for the disk: what a test of durability must find out. */
  readonly synchronous?: "off";
}

/** Writes samples, then rolls up and drops what is old. */
export interface HistoryWork extends StoreWork {
  readonly role: "history";
  /** Starts of the process before this one. */
  readonly start: number;
  readonly stepHours: number;
  /** Acknowledged frames of each instance. */
  readonly acked: readonly number[];
}

/** Writes down how a fleet is described: changes, and now and then a key frame. */
export interface StoryWork extends StoreWork {
  readonly role: "story";
  /** Starts of the process before this one. */
  readonly start: number;
}

/** Brings a database up to date. */
export interface MigrationWork {
  readonly role: "migration";
  readonly place: Place;
  /** PostgreSQL: the statement after which it dies; null for none. The other store is killed from outside. */
  readonly kill: number | null;
}

export type Work = EventWork | HistoryWork | StoryWork | MigrationWork;

/** Nothing runs after it. */
export function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("it lived on");
}
