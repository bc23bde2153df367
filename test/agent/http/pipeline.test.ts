import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { remainingMs, resilientFetch, withDeadline, withPriority } from "../../../agent/src/entry-http.ts";
import { pipeline, type PipelineOptions } from "../../../agent/src/resilience/pipeline.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function through(options: PipelineOptions) {
  const payments = pipeline("payments", options);
  closers.push(() => payments.close());
  return { call: resilientFetch(fetch, { pipeline: payments }), payments };
}

const QUICK = { retry: { baseMs: 1, maxDelayMs: 5 } };

describe("resilientFetch through a pipeline of ours", () => {
  it("tries a failed GET again, with the call it belongs to", async () => {
    const heard: [unknown, number][] = [];
    const url = await listening(({ headers }, response) => {
      heard.push([headers["baggage"], Number(headers["x-holdfast-deadline-ms"])]);
      response.writeHead(heard.length < 3 ? 503 : 200).end("done");
    });
    const response = await withDeadline(5_000, () => withPriority("high", () => through(QUICK).call(url)));
    expect(await response.text()).toBe("done");
    expect(heard.map(([baggage]) => baggage)).toEqual(Array(3).fill("holdfast.priority=high"));
    expect(heard[2]![1]).toBeLessThan(heard[0]![1]);
  });

  it("never repeats a POST, and gives the caller its answer", async () => {
    let heard = 0;
    const url = await listening((_message, response) => response.writeHead(++heard && 500).end("broken"));
    const response = await through(QUICK).call(url, { method: "POST", body: "x" });
    expect([response.status, await response.text(), heard]).toEqual([500, "broken", 1]);
  });

  it("repeats answers marked overloaded only as far as the budget goes", async () => {
    let heard = 0;
    const url = await listening((_message, response) => response.writeHead(++heard && 503, { "x-envoy-overloaded": "true" }).end());
    const { call } = through({ ...QUICK, budget: { floor: 1, permille: 0 } });
    for (let i = 0; i < 5; i++) expect((await call(url)).status).toBe(503);
    expect(heard).toBe(6);
  });

  it("does not try again sooner than the server asks, nor wait past its limit", async () => {
    let heard = 0;
    const url = await listening((_message, response) => response.writeHead(++heard && 429, { "retry-after": "60" }).end());
    expect((await through(QUICK).call(url)).status).toBe(429);
    expect(heard).toBe(1);
  });

  it("opens the circuit after failed answers, not after refused requests", async () => {
    let status = 404;
    const url = await listening((_message, response) => response.writeHead(status).end());
    const { call, payments } = through({ breaker: { window: "count", windowCalls: 10, minimumCalls: 4, failurePermille: 500 } });
    for (let i = 0; i < 6; i++) await call(url);
    expect(payments.state).toBe("closed");
    status = 500;
    for (let i = 0; i < 5; i++) await call(url);
    expect(payments.state).toBe("open");
    await expect(call(url)).rejects.toMatchObject({ code: "breaker_open" });
  });

  it("ends with the deadline of the call around it", async () => {
    const mute = await listening(() => undefined);
    await withDeadline(60, async () => {
      await expect(through({ timeout: {} }).call(mute)).rejects.toMatchObject({ code: "deadline_exceeded" });
      expect(remainingMs()).toBe(0);
    });
  });
});
