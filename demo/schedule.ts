/** The quiet drama of a demo: something fails every few minutes and recovers, each failure in turn. */
import { failure, type FailureName } from "./failures.ts";
import type { Random } from "./random.ts";

const FIRST_AFTER_MS = 60_000;
const GAP_AT_LEAST_MS = 120_000;
const GAP_SPREAD_MS = 120_000;

/** The first ones are what a newcomer should see first. */
const ORDER: readonly [FailureName, ...FailureName[]] = [
  "payments-slow",
  "recommendations-down",
  "pool-exhausted",
  "flash-sale",
  "queue-backlog",
  "search-down",
  "instance-lost",
  "scraper",
  "images-down",
  "releases-refused",
];

export interface Planned {
  readonly name: FailureName;
  /** From the end of the one before. */
  readonly afterMs: number;
  readonly seconds: number;
}

/** The failure number `turn` (from 0) of a schedule. */
export function planned(turn: number, random: Random): Planned {
  const name = ORDER[turn % ORDER.length] ?? ORDER[0];
  const afterMs = turn === 0 ? FIRST_AFTER_MS : GAP_AT_LEAST_MS + random() * GAP_SPREAD_MS;
  return { name, afterMs: Math.round(afterMs), seconds: failure(name).seconds };
}
