/**
 * Load on an HTTP service. Closed: so many callers, each with one request at a time. Open: requests leave when they are due, whether or not
 * earlier ones were answered, as those of many users do. Driven over IPC: {port, seconds, callers} or {port, seconds, perSecond} -> {answers}.
 */
import { Agent, get } from "node:http";
import { PRIORITY_CLASSES, type PriorityClass } from "../../protocol/kinds.ts";

export interface LoadOrder {
  readonly port: number;
  readonly seconds: number;
  readonly callers?: number;
  readonly perSecond?: number;
}

/** `ms` from the moment the request was due. Status 0: no answer in time. */
export interface Answered {
  readonly priority: PriorityClass;
  readonly status: number;
  readonly ms: number;
  /** When it was due, from the start. */
  readonly dueMs: number;
}

const PATIENCE_MS = 2_000;
/** Of ten requests: four low, three medium, two high, one critical. */
const MIX = [0, 1, 0, 2, 1, 0, 3, 1, 0, 2];
const PACE_MS = 4;

const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 1_024, scheduling: "fifo" });
let sent = 0;

function ask(port: number, startedAt: number, dueAt: number): Promise<Answered> {
  const priority = PRIORITY_CLASSES[MIX[sent++ % MIX.length] as number] as PriorityClass;
  return new Promise((resolve) => {
    const done = (status: number): void => {
      clearTimeout(impatient);
      resolve({ priority, status, ms: performance.now() - dueAt, dueMs: dueAt - startedAt });
    };
    const request = get({ host: "127.0.0.1", port, path: "/", agent, headers: { "x-class": priority } }, (response) => {
      response.resume();
      response.on("end", () => done(response.statusCode ?? 0));
      response.on("error", () => done(0));
    });
    const impatient = setTimeout(() => request.destroy(new Error("too late")), PATIENCE_MS - (performance.now() - dueAt));
    request.on("error", () => done(0));
  });
}

async function closed({ port, seconds, callers = 1 }: LoadOrder): Promise<Answered[]> {
  const startedAt = performance.now();
  const answers: Answered[] = [];
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() - startedAt < seconds * 1_000) answers.push(await ask(port, startedAt, performance.now()));
    }),
  );
  return answers;
}

async function open({ port, seconds, perSecond = 1 }: LoadOrder): Promise<Answered[]> {
  const startedAt = performance.now();
  const asked: Promise<Answered>[] = [];
  await new Promise<void>((resolve) => {
    const pace = setInterval(() => {
      const passed = performance.now() - startedAt;
      for (let dueMs = (asked.length * 1_000) / perSecond; dueMs <= Math.min(passed, seconds * 1_000);) {
        asked.push(ask(port, startedAt, startedAt + dueMs));
        dueMs = (asked.length * 1_000) / perSecond;
      }
      if (passed < seconds * 1_000) return;
      clearInterval(pace);
      resolve();
    }, PACE_MS);
  });
  return Promise.all(asked);
}

process.on("message", (order: LoadOrder) => {
  void (order.callers === undefined ? open(order) : closed(order)).then((answers) => process.send?.({ answers }));
});
process.on("disconnect", () => process.exit(0));
