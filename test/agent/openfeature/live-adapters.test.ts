/** OpenFeature, OpenTelemetry and the topics at a real agent, with a real link to a console. */
import { OpenFeature, ProviderStatus } from "@openfeature/server-sdk";
import * as api from "@opentelemetry/api";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAgent } from "../../../agent/src/create-agent.ts";
import { holdfastProvider } from "../../../agent/src/openfeature/provider.ts";
import { instrument } from "../../../agent/src/opentelemetry/instrument.ts";
import { circuitBreaker } from "../../../agent/src/resilience/standalone.ts";
import type { Topic, Topics } from "../../../agent/src/topics.ts";
import type { Agent } from "../../../agent/src/types.ts";
import { startFakeConsole, type ConsoleLink, type FakeConsole } from "../support/fake-console.ts";
import { until } from "../support/until.ts";

let control: FakeConsole;
let agent: Agent;

beforeEach(async () => {
  control = await startFakeConsole();
  agent = createAgent({ url: control.url, token: "hfa_test", service: "orders", instance: "orders-1", log: () => undefined });
});
afterEach(async () => {
  await OpenFeature.close();
  await agent.close();
  await control.close();
});

function flip(link: ConsoleLink, revision: number, positions: Record<string, string>) {
  link.say({ t: "intent", txn: revision, mode: "full", revision });
  for (const [key, position] of Object.entries(positions))
    link.say({ t: "put", txn: revision, id: key, kind: "switch", key, revision, leaseMs: null, body: { position } });
  link.say({ t: "commit", txn: revision, revision });
}

function hear<T extends Topic>(topic: T): { readonly heard: Topics[T][]; readonly end: () => void } {
  const heard: Topics[T][] = [];
  const listener = (message: unknown) => void heard.push(message as Topics[T]);
  subscribe(topic, listener);
  return { heard, end: () => void unsubscribe(topic, listener) };
}

describe("flags of a real agent", () => {
  it("follow the console, and stay when it is gone", async () => {
    agent.switch({ key: "gifts", title: "Gifts", whatUsersLose: "Gifts.", safeDefault: "off" });
    const client = OpenFeature.getClient();
    await OpenFeature.setProviderAndWait(holdfastProvider(agent));
    expect(await client.getBooleanDetails("gifts", true)).toMatchObject({ value: false, reason: "DEFAULT" });
    const link = await control.link();
    flip(link, 1, {});
    await until("the normal position holds", async () => (await client.getBooleanDetails("gifts", false)).reason === "STATIC");
    flip(link, 2, { gifts: "off" });
    await until("the flip is in force", async () => !(await client.getBooleanValue("gifts", true)));
    expect((await client.getBooleanDetails("gifts", true)).flagMetadata).toEqual({ revision: 2, source: "policy" });
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    link.socket.terminate();
    await until("the provider is stale", () => client.providerStatus === ProviderStatus.STALE);
    expect(await client.getBooleanDetails("gifts", true)).toMatchObject({ value: false, reason: "STALE" });
    await until("the link is back", () => client.providerStatus === ProviderStatus.READY);
  });
});

describe("metrics of a real agent", () => {
  it("are of its newest sample", async () => {
    class OnDemand extends MetricReader {
      protected override async onForceFlush() {}
      protected override async onShutdown() {}
    }
    const reader = new OnDemand();
    const end = instrument(agent, api, { meterProvider: new MeterProvider({ readers: [reader] }) });
    agent.resource("limiter", "door", () => ({ allowed: 12, limit: 100 }), { target: "partners" });
    const point = await until("the limiter is reported", async () => {
      const { resourceMetrics } = await reader.collect();
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      return metrics.find(({ descriptor }) => descriptor.name === "holdfast.limiter.allowed")?.dataPoints[0];
    });
    expect(point).toMatchObject({ value: 12, attributes: { "holdfast.name": "door", "holdfast.target": "partners" } });
    end();
  });
});

describe("span events of a real agent", () => {
  it("tell of a breaker that opens on the span of the call that opened it", async () => {
    const exporter = new InMemorySpanExporter();
    const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("test");
    const spans = new AsyncLocalStorage<api.Span>();
    const end = instrument(agent, { metrics: api.metrics, trace: { getActiveSpan: () => spans.getStore() } });
    const breaker = circuitBreaker("payments", { agent, minimumCalls: 1, windowCalls: 1, window: "count" });
    const [failing, passing] = [tracer.startSpan("POST /pay"), tracer.startSpan("GET /items")];
    const fails = spans.run(failing, () => breaker.run(() => Promise.reject(new Error("down"))));
    await spans.run(passing, () => Promise.resolve());
    await expect(fails).rejects.toThrow("down");
    failing.end();
    passing.end();
    const names = exporter.getFinishedSpans().map((span) => [span.name, span.events.map(({ name }) => name)]);
    expect(names).toEqual([
      ["POST /pay", ["holdfast.breaker.opened"]],
      ["GET /items", []],
    ]);
    end();
  });
});

describe("topics of a real agent", () => {
  it("tell the link, the switches and the events", async () => {
    const links = hear("holdfast:link:state");
    const changes = hear("holdfast:switch:change");
    const events = hear("holdfast:event");
    const origin = { service: "orders", instance: "orders-1" };
    agent.switch({ key: "gifts", title: "Gifts", whatUsersLose: "Gifts." });
    const link = await control.link();
    flip(link, 1, { gifts: "off" });
    await until("the flip is told", () => changes.heard.length > 0);
    agent.event("deploy", { version: "2" });
    link.socket.terminate();
    await until("the loss is told", () => links.heard.length > 1);
    expect(links.heard.slice(0, 2)).toEqual([
      { ...origin, connected: true },
      { ...origin, connected: false },
    ]);
    expect(changes.heard).toEqual([{ ...origin, key: "gifts", position: "off", previous: "on", revision: 1, source: "policy" }]);
    expect(events.heard).toContainEqual({ ...origin, type: "deploy", resource: null, data: { version: "2" } });
    expect(events.heard.map(({ type }) => type)).toContain("switch.applied");
    for (const { end } of [links, changes, events]) end();
  });
});
