/** p-queue 9 (`on`) and 10 (an EventTarget). */
import { indexesOf } from "../telemetry/columns.ts";
import { field, hasFunctions, hasNumbers, listen, plainSettings, unlisten, type Adapter, type EmitterLike } from "./adapter.ts";
import { knob, type Control } from "./control.ts";

const COLUMN = indexesOf("queue");

const CONTROL: Control<PQueue> = {
  policy: "queue",
  knobs: {
    concurrency: knob("concurrency"),
    timeoutMs: knob("timeout", { none: undefined }),
    paused: { get: (queue: PQueue) => queue.isPaused, set: (queue: PQueue, raw) => (raw === true ? queue.pause() : queue.start()) },
  },
  note: "Tasks that run go on. A time-out holds for tasks added later.",
};

export interface PQueue {
  readonly size: number;
  readonly pending: number;
  readonly concurrency: number;
  readonly isPaused: boolean;
  pause(): void;
  start(): void;
}

type Listeners = Readonly<Record<"add" | "completed" | "error", () => void>>;

export const pQueue: Adapter<PQueue> = {
  kind: "queue",
  source: "p-queue",
  counts: [COLUMN.added, COLUMN.completed, COLUMN.failed],

  recognises: (thing): thing is PQueue =>
    hasNumbers(thing, "size", "pending", "concurrency") &&
    hasFunctions(thing, "add", "onIdle", "pause", "start") &&
    typeof field(thing, "isPaused") === "boolean" &&
    (isTarget(thing) || isEmitter(thing)),

  settings: (queue) => plainSettings(queue, ["concurrency", "timeout"]),

  attach: (queue, { guard, sink }) => {
    const listeners: Listeners = {
      add: guard.wrap(() => sink.count(COLUMN.added)),
      completed: guard.wrap(() => sink.count(COLUMN.completed)),
      error: guard.wrap(() => sink.count(COLUMN.failed)),
    };
    subscribe(queue, listeners);
    return {
      read: (thing, cells) => {
        cells[COLUMN.depth] = thing.size;
        cells[COLUMN.running] = thing.pending;
        // An unlimited queue has Infinity here, which is no number to show.
        cells[COLUMN.concurrency] = Number.isFinite(thing.concurrency) ? thing.concurrency : NaN;
        cells[COLUMN.paused] = thing.isPaused ? 1 : 0;
      },
      detach: (thing) => unsubscribe(thing, listeners),
      controls: [CONTROL],
    };
  },
};

function isEmitter(thing: object): thing is EmitterLike {
  return hasFunctions(thing, "on", "removeListener");
}

function isTarget(thing: object): thing is EventTarget {
  return hasFunctions(thing, "addEventListener", "removeEventListener");
}

function subscribe(queue: PQueue, listeners: Listeners): void {
  if (isEmitter(queue)) listen(queue, listeners);
  else if (isTarget(queue)) for (const [event, listener] of Object.entries(listeners)) queue.addEventListener(event, listener);
}

function unsubscribe(queue: PQueue, listeners: Listeners): void {
  if (isEmitter(queue)) unlisten(queue, listeners);
  else if (isTarget(queue)) for (const [event, listener] of Object.entries(listeners)) queue.removeEventListener(event, listener);
}
