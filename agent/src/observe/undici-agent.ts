/** undici Agent: a pool for each origin it talks to, found as they appear. */
import { field, hasFunctions } from "./adapter.ts";
import type { Family } from "./family.ts";
import { isStats, maxOf, readStats, type UndiciStats } from "./undici-pool.ts";

export interface UndiciAgent {
  readonly stats: Readonly<Record<string, UndiciStats>>;
}

export const undiciAgent: Family<UndiciAgent> = {
  kind: "pool",
  source: "undici",

  /** `stats` of an Agent is a record by origin, empty before the first request. */
  recognises: (thing): thing is UndiciAgent => {
    if (!hasFunctions(thing, "dispatch", "request", "close")) return false;
    const stats = field(thing, "stats");
    return typeof stats === "object" && stats !== null && !isStats(stats) && Object.values(stats).every(isStats);
  },

  members: (agent) => Object.keys(agent.stats),

  /** An origin without connections has no stats for a while; it is not gone. */
  read: (agent, origin, cells, settings) => {
    const stats: unknown = agent.stats[origin];
    if (isStats(stats)) readStats(stats, maxOf(settings), cells);
    return true;
  },
};
