/** p-queue 9 (`on`) and 10 (an EventTarget). */
import { indexesOf } from "../telemetry/columns.ts";
import { field, hasFunctions, hasNumbers, listen, plainSettings, unlisten, type Adapter, type EmitterLike } from "./adapter.ts";

const COLUMN = indexesOf("queue");

export interface PQueue {
  readonly size: number;
  readonly pending: number;
  readonly concurrency: number;
  readonly isPaused: boolean;
}

type Listeners = Readonly<Record<"add" | "completed" | "error", () => void>>;

export const pQueue: Adapter<PQueue> = {
  kind: "queue",
  source: "p-queue",
  counts: [COLUMN.added, COLUMN.completed, COLUMN.failed],

  recognises: (thing): thing is PQueue =>
    hasNumbers(thing, "size", "pending", "concurrency") &&
    hasFunctions(thing, "add", "onIdle", "pause") &&
    typeof field(thing, "isPaused") === "boolean" &&
    (isTarget(thing) || isEmitter(thing)),

  settings: (queue) => plainSettings(queue, ["concurrency", "timeout"]),

  attach: (queue, { guard, sink }) => {
    const listeners: Listeners = {
      add: guard.wrap(() => sink.count(COLUMN.added)) as () => void,
      completed: guard.wrap(() => sink.count(COLUMN.completed)) as () => void,
      error: guard.wrap(() => sink.count(COLUMN.failed)) as () => void,
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
