/** Shape of the HTTP API about the console itself. Counters grow since the start: whoever wants a rate asks twice. */
import { z } from "zod";
import { at } from "./api.ts";

const total = z.number();
const counts = z.record(z.string(), total);

/** How often something took at most `le` milliseconds: cumulative, the last one without a bound. */
export const latenciesSchema = z.object({
  count: total,
  sumMs: z.number(),
  buckets: z.array(z.object({ leMs: z.number().nullable(), count: total })),
});
export type Latencies = z.infer<typeof latenciesSchema>;

export const selfHealthSchema = z.object({
  /** When this was read. */
  at,
  startedAt: at,
  /** The database answers. */
  storeHealthy: z.boolean(),
  agents: z.number(),
  browsers: z.number(),
  /** How late the one-second tick last ran, in milliseconds. */
  tickLagMs: z.number(),
  memoryBytes: z.number(),
  frames: z.object({ live: total, backfill: total }),
  /** Values in those frames. */
  samples: z.object({ live: total, backfill: total }),
  frameBytes: z.object({ live: total, backfill: total }),
  events: total,
  /** What was not taken or not delivered, by what it was. */
  dropped: counts,
  /** Sockets the console closed: `agent` or `browser` and the close code's name, with a space between. */
  evicted: counts,
  /** Upgrades refused: whose, and the status. */
  refused: counts,
  /** Writes; several share a commit. */
  writes: total,
  /** Commits of the database. */
  commits: latenciesSchema,
  /** From a change of policy to the last socket it was written to. */
  pushes: latenciesSchema,
  /** From a socket write to the agent's acknowledgement. */
  acknowledgements: latenciesSchema,
});
export type SelfHealth = z.infer<typeof selfHealthSchema>;
