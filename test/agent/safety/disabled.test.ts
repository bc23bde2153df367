import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { createAgent, type Agent } from "@holdfast/agent";
import { idempotent, idempotentNode, inDoubt, leader, lock, memoryIdempotency, memoryJournal, saga } from "@holdfast/agent/coordination";
import { createGuard, remainingMs, resilientFetch, withDeadline, wrapHandler } from "@holdfast/agent/http";
import { holdfastProvider } from "@holdfast/agent/openfeature";
import { instrument } from "@holdfast/agent/opentelemetry";
import {
  bulkhead,
  circuitBreaker,
  fallback,
  hedge,
  isPolicyError,
  loadShedder,
  pipeline,
  rateLimiter,
  retry,
  retryBudget,
  timeout,
} from "@holdfast/agent/resilience";
import * as api from "@opentelemetry/api";
import { OpenFeature } from "@openfeature/server-sdk";
import PQueue from "p-queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryLeases } from "../coordination/support/memory-leases.ts";
import { until } from "../support/until.ts";
import { expectNoProcessErrors } from "./support/process-errors.ts";

expectNoProcessErrors();

let agent: Agent;
let connections = 0;
const console = createTcpServer(() => connections++);
const lines: string[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => console.listen(0, "127.0.0.1", resolve));
  process.env["HOLDFAST_DISABLED"] = "1";
  agent = createAgent({
    url: `http://127.0.0.1:${(console.address() as AddressInfo).port}`,
    token: "hfa_test",
    service: "orders",
    log: (_level, line) => void lines.push(line),
  });
});
afterAll(async () => {
  delete process.env["HOLDFAST_DISABLED"];
  await agent.close();
  expect([connections, lines]).toEqual([0, []]);
  console.close();
});

describe("with HOLDFAST_DISABLED", () => {
  it("the agent takes everything, does nothing, and leaves switches in their safe position", async () => {
    const queue = new PQueue();
    const gone = agent.observe(queue, "mails", { control: true });
    agent.resource("gauge", "g", () => {
      throw new Error("never read");
    })();
    const handle = agent.switch({ key: "gifts", title: "Gifts", whatUsersLose: "Gifts", safeDefault: "off" });
    expect([handle.position, handle.is("on")]).toEqual(["off", false]);
    handle.onChange(() => undefined)();
    agent.event("note");
    gone();
    expect(await queue.add(async () => 1)).toBe(1);
    expect(agent.status).toMatchObject({ enabled: false, state: "off", resources: 0, bufferedEvents: 0 });
  });

  it("each policy works alone, given the agent or not", async () => {
    const one = async (): Promise<number> => 1;
    const policies = [agent, undefined].flatMap((given) => [
      circuitBreaker("b", { agent: given }),
      bulkhead("k", { agent: given }),
      timeout("t", { agent: given }),
      retry("r", { agent: given, budget: retryBudget("rb", { agent: given }) }),
      rateLimiter("l", { agent: given }),
      fallback<number>("f", { agent: given }),
      hedge("h", { agent: given }),
      pipeline("p", {
        agent: given,
        limiter: {},
        timeout: {},
        breaker: {},
        retry: {},
        bulkhead: {},
        fallback: {},
        hedge: {},
        faults: true,
      }),
    ]);
    for (const policy of policies) {
      expect(await policy.run(one)).toBe(1);
      policy.close();
    }
    const breaker = circuitBreaker("opens", { agent, minimumCalls: 1 });
    await breaker.run(() => Promise.reject(new Error("down"))).catch(() => undefined);
    const refused: unknown = await breaker.run(one).catch((error: unknown) => error);
    expect(isPolicyError(refused) && refused.code).toBe("breaker_open");
    const shedder = loadShedder("s", { agent });
    expect(shedder.enter("critical")).toBe(true);
    shedder.leave(performance.now());
    shedder.close();
  });

  it("deadlines, guards and fetch work", async () => {
    const guard = createGuard({ limiter: rateLimiter("door"), shedder: loadShedder("door"), deadline: { defaultMs: 5_000 } });
    const server = createServer(
      wrapHandler((_request: IncomingMessage, response: ServerResponse) => void response.end(String(remainingMs() > 1_000)), guard),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const call = resilientFetch(fetch, { pipeline: pipeline("calls", { timeout: {} }) });
    const answer = await withDeadline(4_000, () => call(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    expect(await answer.text()).toBe("true");
    server.closeAllConnections();
    server.close();
    guard.close();
  });

  it("locks, leaders, keys, sagas and the look for transactions in doubt work", async () => {
    const leases = memoryLeases(() => performance.now());
    expect(await lock("orders", leases).run(({ token }) => token)).toBe(1);
    const poller = leader("poller", leases);
    await until("it leads", () => poller.isLeader);
    await poller.close();

    const keys = idempotent(memoryIdempotency(), { scope: () => "ada" });
    let ran = 0;
    const answer = idempotentNode(keys, (_request, response) => void response.end(String(++ran)));
    const server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const pay = async (): Promise<string> =>
      (await fetch(url, { method: "POST", body: "1", headers: { "idempotency-key": '"k"' } })).text();
    expect([await pay(), await pay()]).toEqual(["1", "1"]);
    server.closeAllConnections();
    server.close();
    keys.close();

    const order = saga("order", [{ name: "pay", run: () => "paid" }], { journal: memoryJournal() });
    expect(await order.start({})).toMatchObject({ status: "completed", results: { pay: "paid" } });
    order.close();
    const doubt = inDoubt({ query: async () => [] });
    doubt.close();
  });

  it("flags are their defaults, and OpenTelemetry is told nothing", async () => {
    await OpenFeature.setProviderAndWait(holdfastProvider(agent));
    expect(await OpenFeature.getClient().getBooleanValue("gifts", true)).toBe(true);
    await OpenFeature.close();
    instrument(agent, api)();
  });
});
