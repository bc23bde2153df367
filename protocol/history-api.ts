/** Shapes of the HTTP API about what is kept: tiers, jobs, states, latencies. Times are milliseconds since the epoch. */
import { z } from "zod";
import { at } from "./api.ts";
import { KIND_NAMES } from "./kinds.ts";

const tierName = z.enum(["1s", "1m", "1h"]);
const count = z.number().int();

export const tiersSchema = z.object({
  tiers: z.array(
    z.object({
      tier: tierName,
      stepMs: count,
      keepMs: count,
      pages: count,
      bytes: count,
      oldestAt: at.nullable(),
      newestAt: at.nullable(),
      /** Bytes it will take when it holds all it may, at the pace so far; null while that cannot be told. */
      projectedBytes: count.nullable(),
    }),
  ),
  /** The whole database, with events and all the rest; null when it cannot tell. */
  databaseBytes: count.nullable(),
  /** The sum of what can be projected. */
  projectedBytes: count.nullable(),
  /** When this was measured: once a minute at most. */
  at,
});
export type TiersAnswer = z.infer<typeof tiersSchema>;

export const jobsSchema = z.object({
  /** This console leads. */
  leading: z.boolean(),
  lease: z.object({ name: z.string(), holder: z.string(), token: count, since: at, expiresAt: at }).nullable(),
  /** Hours that are over and not rolled up yet. */
  hoursDue: count,
  jobs: z.array(z.object({ job: z.string(), updatedAt: at, state: z.record(z.string(), z.unknown()) })),
});
export type JobsAnswer = z.infer<typeof jobsSchema>;

const window = {
  from: at,
  to: at,
  tier: tierName,
  truncated: z.boolean(),
  /** What ended the answer early: the pages it may read, the entries it may carry, its time. */
  cut: z.enum(["pages", "points", "time"]).nullable(),
};

export const statesSchema = z.object({
  ...window,
  states: z.array(
    z.object({
      instance: z.string(),
      resource: z.string(),
      kind: z.enum(KIND_NAMES),
      column: z.string(),
      /** State to milliseconds, exact for the window, to the sample. */
      inStateMs: z.record(z.string(), z.number()),
      /** Sum of them; the rest nobody saw. */
      knownMs: z.number(),
      /** Changes from one sample to the next. */
      transitions: count,
      /** The first thousand. */
      runs: z.array(z.object({ from: at, to: at, state: z.string() })),
      runsCut: z.boolean(),
    }),
  ),
});
export type StatesAnswer = z.infer<typeof statesSchema>;

export const latencySchema = z.object({
  ...window,
  meaning: z.string(),
  latencies: z.array(
    z.object({
      service: z.string(),
      /** `service/instance` when each was asked for; null: of all together. */
      instance: z.string().nullable(),
      resource: z.string(),
      kind: z.enum(KIND_NAMES),
      column: z.string(),
      instances: count,
      samples: count,
      /** Calls, or samples where calls are not counted. */
      weight: count,
      low: z.number(),
      high: z.number(),
      p50: z.number().nullable(),
      p90: z.number().nullable(),
      p99: z.number().nullable(),
    }),
  ),
});
export type LatencyAnswer = z.infer<typeof latencySchema>;
