/** Which library a thing is of, by its shape alone: nothing observed is ever imported. */
import type { Adapter } from "./adapter.ts";
import { genericPool } from "./generic-pool.ts";
import { httpServer } from "./http-server.ts";
import { opossum } from "./opossum.ts";
import { pQueue } from "./p-queue.ts";
import { pgPool } from "./pg-pool.ts";
import { undiciPool } from "./undici-pool.ts";

/** In order: a more telling shape comes first. */
const ADAPTERS: readonly Adapter[] = [opossum, pgPool, genericPool, undiciPool, pQueue, httpServer];

/** The adapter for a thing, or null. A getter that throws counts as absent. */
export function recognise(thing: object): Adapter | null {
  for (const adapter of ADAPTERS) {
    if (adapter.recognises(thing)) return adapter;
  }
  return null;
}
