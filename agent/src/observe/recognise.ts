/** Which library a thing is of, by its shape alone: nothing observed is ever imported. */
import { field, type Adapter } from "./adapter.ts";
import { bottleneck } from "./bottleneck.ts";
import { bullQueue } from "./bullmq-queue.ts";
import { bullWorker } from "./bullmq-worker.ts";
import { cockatiel } from "./cockatiel.ts";
import type { Family } from "./family.ts";
import { genericPool } from "./generic-pool.ts";
import { httpServer } from "./http-server.ts";
import { ioredis, redisCluster } from "./ioredis.ts";
import { kafkaConsumer, kafkaProducer } from "./kafkajs.ts";
import { mysqlPool } from "./mysql-pool.ts";
import { nodeRuntime } from "./node-runtime.ts";
import { opossum } from "./opossum.ts";
import { pQueue } from "./p-queue.ts";
import { pgPool } from "./pg-pool.ts";
import { tarn } from "./tarn.ts";
import { undiciAgent } from "./undici-agent.ts";
import { undiciPool } from "./undici-pool.ts";

/** In order: a more telling shape comes first. */
const ADAPTERS: readonly Adapter[] = [
  opossum,
  pgPool,
  mysqlPool,
  tarn,
  genericPool,
  undiciPool,
  ioredis,
  bullQueue,
  bullWorker,
  pQueue,
  bottleneck,
  kafkaConsumer,
  kafkaProducer,
  ...cockatiel,
  httpServer,
  nodeRuntime,
];

const FAMILIES: readonly Family[] = [undiciAgent, redisCluster];

/** The adapter for a thing, or null. A getter that throws counts as absent. */
export function recognise(thing: object): Adapter | null {
  return ADAPTERS.find((adapter) => adapter.recognises(thing)) ?? null;
}

export function recogniseFamily(thing: object): Family | null {
  return FAMILIES.find((family) => family.recognises(thing)) ?? null;
}

/** The thing that has the numbers: mysql2's pool of promises stands before a pool. */
export function unwrapped(thing: object): object {
  const inner = field(thing, "pool");
  return typeof inner === "object" && inner !== null && mysqlPool.recognises(inner) ? inner : thing;
}
