/**
 * A host that uses everything at once and leaves it all in use: calls that never end under armed timers, a retry in its wait, a queue,
 * leases held and campaigned for, a key that runs, a saga between two attempts. Then it has nothing left to do. Prints what is in use when
 * it has no more to do, and when it exits, how many milliseconds later that was.
 */
import { createServer } from "node:http";
import { idempotent, leader, lock, memoryIdempotency, memoryJournal, saga } from "../../../../agent/src/entry-coordination.ts";
import { createGuard, withDeadline } from "../../../../agent/src/entry-http.ts";
import { holdfastProvider } from "../../../../agent/src/entry-openfeature.ts";
import { bulkhead, fallback, hedge, loadShedder, pipeline, rateLimiter } from "../../../../agent/src/entry-resilience.ts";
import { createAgent } from "../../../../agent/src/index.ts";
import { memoryLeases } from "../../coordination/support/memory-leases.ts";
import { until } from "../../support/until.ts";

const [url = "", wanted = ""] = process.argv.slice(2);
const agent = createAgent({ url, token: "hfa_test", service: "busy", policyFile: process.env["POLICY_FILE"], log: () => undefined });
const forever = (): Promise<never> => new Promise(() => undefined);
const ignore = (): void => undefined;

agent.observe(createServer(), "http");
agent.switch({ key: "prices", title: "Prices", whatUsersLose: "Prices" });
agent.event("note", { text: "busy" });
const provider = holdfastProvider(agent);
await provider.initialize();

const shedder = loadShedder("shedder", { loopDelayMs: 60_000 });
const limiter = rateLimiter("limiter");
const guard = createGuard({ shedder, limiter, deadline: { defaultMs: 60_000 } });
const visit = guard.enter({}, { get: () => null, set: ignore });

const slow = pipeline("slow", {
  limiter,
  timeout: { attemptMs: 60_000, totalMs: 120_000 },
  breaker: {},
  bulkhead: {},
  retry: { baseMs: 60_000, maxDelayMs: 60_000, idempotent: true },
  fallback: { queue: { send: forever, answer: () => "later" } },
  hedge: { delayMs: 60_000 },
  faults: true,
});
let hanging = 0;
withDeadline(60_000, () => void slow.run(() => (hanging++, forever())).catch(ignore));
let tried = 0;
const tries = pipeline("tries", { retry: { baseMs: 60_000, maxDelayMs: 60_000, idempotent: true }, timeout: { totalMs: 120_000 } });
void tries
  .run(() => {
    tried++;
    return Promise.reject(new Error("down"));
  })
  .catch(ignore);

const slots = bulkhead("slots", { maxConcurrent: 1, maxQueue: 1, maxWaitMs: 60_000 });
let queued = 0;
void slots.run(forever).catch(ignore);
void slots.run(async () => queued++).catch(ignore);
void fallback("answers", { default: () => 0 })
  .run(forever)
  .catch(ignore);
void hedge("twice", { delayMs: 60_000, idempotent: true }).run(forever).catch(ignore);

const leases = memoryLeases(() => performance.now());
const orders = lock("orders", leases);
const held = await orders.acquire();
void orders.acquire({ waitMs: 60_000 }).catch(ignore);
const poller = leader("poller", leases);
const follower = leader("poller", leases);

const keys = idempotent(memoryIdempotency(), { scope: () => "someone" });
const request = { method: "POST", url: "/", header: () => "key-1", source: null };
const begun = await keys.begin(request, "");

let compensated = 0;
const sagas = saga(
  "order",
  [
    { name: "reserve", run: () => 1, compensate: () => (compensated++, Promise.reject(new Error("down"))) },
    { name: "pay", run: () => Promise.reject(new Error("no money")) },
  ],
  { journal: memoryJournal(), baseMs: 60_000, resumeEveryMs: 60_000 },
);
void sagas.start({}).catch(ignore);

await until(`the link is ${wanted}`, () => agent.status.state === wanted);
await until("everything is in use", () => hanging > 0 && tried > 0 && compensated > 0 && (poller.isLeader || follower.isLeader));
const inUse = {
  visit: "leave" in visit,
  key: "run" in begun,
  lock: held.valid,
  queued: queued === 0,
  tried: tried > 0,
  "one leader": poller.isLeader !== follower.isLeader,
};
process.stdout.write(
  `${Object.entries(inUse)
    .filter(([, is]) => is)
    .map(([what]) => what)
    .join(", ")}\n`,
);
if (process.env["CLOSE"] === "1") await agent.close();
const since = performance.now();
process.on("exit", () => process.stdout.write(`${Math.round(performance.now() - since)}\n`));
