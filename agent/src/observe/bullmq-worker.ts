/** BullMQ workers: what this process works on. Never listens to 'error': that would silence the host's own unheard errors. */
import { indexesOf } from "../telemetry/columns.ts";
import { field, hasFunctions, hasNumbers, listen, unlisten, type Adapter, type EmitterLike } from "./adapter.ts";
import { knob, type Knob } from "./control.ts";

const COLUMN = indexesOf("queue");

export interface BullWorker extends EmitterLike {
  concurrency: number;
  isPaused(): boolean;
  pause(doNotWaitForJobs: boolean): Promise<unknown>;
  resume(): Promise<unknown>;
  /** Not public: without it the jobs in hand are unknown. */
  readonly lockManager?: { getActiveJobCount?(): number };
}

const paused: Knob<BullWorker> = {
  get: (worker) => worker.isPaused(),
  set: (worker, raw) => {
    // What goes wrong here the worker tells by its own 'error' event.
    Promise.resolve(raw === true ? worker.pause(true) : worker.resume()).catch(() => undefined);
  },
};

export const bullWorker: Adapter<BullWorker> = {
  kind: "queue",
  source: "bullmq",
  counts: [COLUMN.completed, COLUMN.failed],

  recognises: (thing): thing is BullWorker =>
    hasFunctions(thing, "isRunning", "isPaused", "pause", "resume", "on", "removeListener") &&
    hasNumbers(thing, "concurrency") &&
    typeof field(thing, "name") === "string",

  settings: () => ({}),

  attach: (worker, { guard, sink }) => {
    const listeners = {
      completed: guard.wrap(() => sink.count(COLUMN.completed)),
      failed: guard.wrap(() => sink.count(COLUMN.failed)),
    };
    listen(worker, listeners);
    return {
      read: (thing, cells) => {
        cells[COLUMN.running] = thing.lockManager?.getActiveJobCount?.() ?? NaN;
        cells[COLUMN.concurrency] = thing.concurrency;
        cells[COLUMN.paused] = thing.isPaused() ? 1 : 0;
      },
      detach: (thing) => unlisten(thing, listeners),
      controls: [
        {
          policy: "queue",
          knobs: { concurrency: knob("concurrency"), paused },
          note: "For this process alone; other workers of the queue go on. Jobs in hand are finished. More concurrency is used from the next job on.",
        },
      ],
    };
  },
};
