/**
 * BullMQ queues live in Redis: counting costs it a script each time. So one process polls a queue, at most every five seconds: whoever
 * holds a lease in that Redis, taken through the queue's own client. Everywhere else the numbers are unknown.
 */
import { indexesOf } from "../telemetry/columns.ts";
import { field, hasFunctions, type Adapter } from "./adapter.ts";

const COLUMN = indexesOf("queue");
const POLL_MS = 5_000;
/** Added to each wait by chance, so that processes do not ask in step. */
const JITTER_MS = 1_000;
/** Longer than two polls: the holder keeps it, and another takes over soon after the holder is gone. */
const LEASE_MS = 12_000;
/** Counts older than this are unknown: Redis does not answer. */
const STALE_MS = 15_000;

interface RedisCommands {
  call(command: string, ...parameters: readonly (string | number)[]): Promise<unknown>;
}

export interface BullQueue {
  readonly name: string;
  readonly closing?: unknown;
  /** Up to BullMQ 5; later it is of the backend. */
  readonly client?: Promise<RedisCommands>;
  readonly backend?: { readonly client?: Promise<RedisCommands> };
  toKey(type: string): string;
  getJobCounts(...types: readonly string[]): Promise<Readonly<Record<string, number>>>;
  isPaused(): Promise<boolean>;
}

interface Counts {
  readonly depth: number;
  readonly running: number;
  readonly paused: boolean;
}

export const bullQueue: Adapter<BullQueue> = {
  kind: "queue",
  source: "bullmq",
  counts: [],

  recognises: (thing): thing is BullQueue =>
    hasFunctions(thing, "add", "getJobCounts", "isPaused", "toKey") && typeof field(thing, "name") === "string",

  settings: () => ({}),

  attach: (_queue, { guard, now, random }) => {
    // Tells the pollers apart; no secret.
    const token = `${random()}${random()}`;
    let asking = false;
    let nextAt = now() + random() * JITTER_MS;
    let latest: Counts | null = null;
    let countedAt = 0;
    const answered = guard.wrap((counts: Counts | null) => {
      asking = false;
      latest = counts;
      countedAt = now();
    });
    return {
      read: (queue, cells) => {
        const time = now();
        if (!asking && time >= nextAt && queue.closing === undefined) {
          asking = true;
          nextAt = time + POLL_MS + random() * JITTER_MS;
          // Redis that cannot be asked is the host's to know: the numbers are unknown.
          poll(queue, token).then(answered, () => answered(null));
        }
        if (latest === null || time - countedAt > STALE_MS) return;
        cells[COLUMN.depth] = latest.depth;
        cells[COLUMN.running] = latest.running;
        cells[COLUMN.paused] = latest.paused ? 1 : 0;
      },
    };
  },
};

/** Null when another process is the poller, or the queue's client is not ioredis. */
async function poll(queue: BullQueue, token: string): Promise<Counts | null> {
  const client = await (queue.backend?.client ?? queue.client);
  if (client === undefined || !hasFunctions(client, "call")) return null;
  const key = queue.toKey("holdfast:poller");
  if ((await client.call("SET", key, token, "PX", LEASE_MS, "NX")) !== "OK") {
    if ((await client.call("GET", key)) !== token) return null;
    await client.call("PEXPIRE", key, LEASE_MS);
  }
  const { waiting = 0, prioritized = 0, paused = 0, active = NaN } = await queue.getJobCounts("waiting", "prioritized", "active");
  return { depth: waiting + prioritized + paused, running: active, paused: await queue.isPaused() };
}
