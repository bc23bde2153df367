/** Bottleneck 2. It has no way to take a listener off: after the end ours stay, and do nothing. */
import { indexesOf } from "../telemetry/columns.ts";
import { field, hasFunctions, plainSettings, type Adapter } from "./adapter.ts";
import type { Knob } from "./control.ts";

const COLUMN = indexesOf("queue");

interface StoreOptions {
  readonly maxConcurrent?: number | null;
  readonly highWater?: number | null;
}

export interface Limiter {
  readonly datastore: string;
  counts(): { readonly RECEIVED: number; readonly QUEUED: number; readonly RUNNING: number; readonly EXECUTING: number };
  on(event: string, listener: (first: object, second: object) => void): unknown;
  updateSettings(settings: StoreOptions): Promise<unknown>;
  /** Not public: without it the limits are unknown. */
  readonly _store?: { readonly storeOptions?: StoreOptions };
}

const concurrency: Knob<Limiter> = {
  get: (limiter) => limiter._store?.storeOptions?.maxConcurrent,
  // It starts those who wait by itself.
  set: (limiter, raw) => void limiter.updateSettings({ maxConcurrent: raw as number | null }).catch(() => undefined),
};

export const bottleneck: Adapter<Limiter> = {
  kind: "queue",
  source: "bottleneck",
  counts: [COLUMN.added, COLUMN.completed, COLUMN.failed],

  recognises: (thing): thing is Limiter =>
    hasFunctions(thing, "schedule", "counts", "updateSettings", "on") && typeof field(thing, "datastore") === "string",

  settings: (limiter) => plainSettings(limiter._store?.storeOptions, ["maxConcurrent", "minTime", "highWater", "reservoir"]),

  attach: (limiter, { guard, sink }) => {
    // A job that failed is 'failed' and then 'done', unless it is tried again: both carry the same object.
    const failed = new WeakSet();
    limiter.on(
      "received",
      guard.wrap(() => sink.count(COLUMN.added)),
    );
    limiter.on(
      "failed",
      guard.wrap((_error: object, job: object) => void failed.add(job)),
    );
    limiter.on(
      "retry",
      guard.wrap((_message: object, job: object) => void failed.delete(job)),
    );
    limiter.on(
      "done",
      guard.wrap((job: object) => sink.count(failed.has(job) ? COLUMN.failed : COLUMN.completed)),
    );
    return {
      read: (thing, cells) => {
        const { RECEIVED, QUEUED, RUNNING, EXECUTING } = thing.counts();
        const limits = thing._store?.storeOptions;
        cells[COLUMN.depth] = RECEIVED + QUEUED;
        cells[COLUMN.running] = RUNNING + EXECUTING;
        cells[COLUMN.concurrency] = limits?.maxConcurrent ?? NaN;
        cells[COLUMN.capacity] = limits?.highWater ?? NaN;
      },
      // Settings of a limiter in Redis are of all its processes: not ours to change from one.
      controls:
        limiter.datastore === "local"
          ? [
              {
                policy: "queue",
                knobs: { concurrency },
                note: "Jobs that run go on. Only the concurrency can change, not pause or time-out.",
              },
            ]
          : [],
    };
  },
};
