import * as api from "@opentelemetry/api";
import { MeterProvider, MetricReader, type MetricData } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { AsyncLocalStorage } from "node:async_hooks";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createNoopAgent } from "../../../agent/src/noop.ts";
import { instrument as start } from "../../../agent/src/opentelemetry/instrument.ts";
import { viewedAgent, type SeenReading } from "../support/viewed-agent.ts";

class OnDemand extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}

  async metrics(): Promise<Map<string, MetricData>> {
    const { resourceMetrics, errors } = await this.collect();
    expect(errors).toEqual([]);
    return new Map(resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics).map((metric) => [metric.descriptor.name, metric]));
  }
}

const started: (() => void)[] = [];
const instrument: typeof start = (...args) => {
  const end = start(...args);
  started.push(end);
  return end;
};
afterEach(() => {
  for (const end of started.splice(0)) end();
});

function metered() {
  const reader = new OnDemand();
  return { reader, meterProvider: new MeterProvider({ readers: [reader] }) };
}

const points = (metric: MetricData | undefined) => metric?.dataPoints.map(({ attributes, value }) => [attributes, value]);

const ORDERS: SeenReading = {
  kind: "pool",
  name: "orders-db",
  target: "postgres",
  source: "pg.Pool",
  columns: { inUse: 7, idle: 3, waiting: 2, max: 10, acquired: 900, timeouts: 4, waitP99Us: 2_500 },
};
const PAYMENTS: SeenReading = {
  kind: "breaker",
  name: "payments",
  columns: { state: 2, calls: 50, failures: 20, rejected: 5, failurePermille: 400, p99Us: 800_000 },
};

describe("metrics", () => {
  it("names a pool of database connections by the semantic conventions", async () => {
    const { reader, meterProvider } = metered();
    const seen = viewedAgent({ connected: true });
    seen.readings = [ORDERS];
    instrument(seen.agent, api, { meterProvider });
    const metrics = await reader.metrics();
    const pool = { "db.client.connection.pool.name": "orders-db", "holdfast.target": "postgres" };
    expect(points(metrics.get("db.client.connection.count"))).toEqual([
      [{ ...pool, "db.client.connection.state": "used" }, 7],
      [{ ...pool, "db.client.connection.state": "idle" }, 3],
    ]);
    expect(points(metrics.get("db.client.connection.max"))).toEqual([[pool, 10]]);
    expect(points(metrics.get("db.client.connection.pending_requests"))).toEqual([[pool, 2]]);
    expect(points(metrics.get("db.client.connection.timeouts"))).toEqual([[pool, 4]]);
    expect(points(metrics.get("holdfast.pool.acquired"))).toEqual([[pool, 900]]);
    expect(points(metrics.get("holdfast.pool.wait_time.p99"))).toEqual([[pool, 0.0025]]);
    expect(metrics.get("db.client.connection.count")).toMatchObject({ descriptor: { unit: "{connection}" }, isMonotonic: false });
  });

  it("does not call a pool of HTTP connections one of a database", async () => {
    const { reader, meterProvider } = metered();
    const seen = viewedAgent({ connected: true });
    seen.readings = [{ ...ORDERS, source: "undici" }];
    instrument(seen.agent, api, { meterProvider });
    const metrics = await reader.metrics();
    expect(metrics.get("db.client.connection.count")?.dataPoints ?? []).toEqual([]);
    expect(points(metrics.get("holdfast.pool.in_use"))).toEqual([[{ "holdfast.name": "orders-db", "holdfast.target": "postgres" }, 7]]);
  });

  it("reports a breaker's state as one series a state, its counters as counters, its times in seconds", async () => {
    const { reader, meterProvider } = metered();
    const seen = viewedAgent({ connected: true });
    seen.readings = [PAYMENTS];
    instrument(seen.agent, api, { meterProvider });
    const metrics = await reader.metrics();
    const states = metrics.get("holdfast.breaker.state")?.dataPoints.map(({ attributes, value }) => [attributes["holdfast.state"], value]);
    expect(states).toEqual([
      ["closed", 0],
      ["half_open", 0],
      ["open", 1],
      ["forced_open", 0],
      ["forced_closed", 0],
      ["disabled", 0],
    ]);
    expect(metrics.get("holdfast.breaker.calls")).toMatchObject({ isMonotonic: true });
    expect(points(metrics.get("holdfast.breaker.failure_ratio"))).toEqual([[{ "holdfast.name": "payments" }, 0.4]]);
    expect(points(metrics.get("holdfast.breaker.duration.p99"))?.[0]?.[1]).toBeCloseTo(0.8);
  });

  it("leaves out what is unknown, and what is gone", async () => {
    const { reader, meterProvider } = metered();
    const seen = viewedAgent({ connected: true });
    seen.readings = [{ ...PAYMENTS, columns: { calls: 1, failures: null } }];
    instrument(seen.agent, api, { meterProvider });
    const metrics = await reader.metrics();
    expect(points(metrics.get("holdfast.breaker.calls"))).toHaveLength(1);
    expect(points(metrics.get("holdfast.breaker.failures")) ?? []).toEqual([]);
    seen.readings = [ORDERS];
    expect((await reader.metrics()).get("holdfast.breaker.failure_ratio")?.dataPoints ?? []).toEqual([]);
  });

  it("reports nothing any more once it is ended", async () => {
    const { reader, meterProvider } = metered();
    const seen = viewedAgent({ connected: true });
    seen.readings = [PAYMENTS];
    instrument(seen.agent, api, { meterProvider })();
    expect((await reader.metrics()).get("holdfast.breaker.calls")?.dataPoints ?? []).toEqual([]);
  });

  it("reads once a collection", async () => {
    const { reader, meterProvider } = metered();
    const seen = viewedAgent({ connected: true });
    let reads = 0;
    Object.defineProperty(seen, "readings", { get: () => (reads++, [ORDERS, PAYMENTS]) });
    instrument(seen.agent, api, { meterProvider });
    await reader.metrics();
    await reader.metrics();
    expect(reads).toBe(2);
  });

  it("warns and throws nothing when what it is given is not the API", async () => {
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    const end = instrument(viewedAgent({ connected: true }).agent, {} as typeof api);
    end();
    expect((await warned).message).toMatch(/holdfast: OpenTelemetry is not told/);
  });

  it("does nothing for an agent that does nothing", async () => {
    const { reader, meterProvider } = metered();
    instrument(createNoopAgent(), api, { meterProvider })();
    expect(await reader.metrics()).toEqual(new Map());
  });
});

describe("span events", () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const contexts = new AsyncLocalStorage<api.Context>();

  beforeAll(() => {
    api.context.setGlobalContextManager({
      active: () => contexts.getStore() ?? api.ROOT_CONTEXT,
      with: (context, call, self, ...args) => contexts.run(context, () => call.apply(self, args)),
      bind: (_context, target) => target,
      enable() {
        return this;
      },
      disable() {
        return this;
      },
    });
  });
  afterAll(() => api.context.disable());

  it("puts a transition on the span in which it happens, and nothing anywhere else", () => {
    const seen = viewedAgent({ connected: true });
    const other = viewedAgent({ connected: true });
    const end = instrument(seen.agent, api);
    const tracer = provider.getTracer("test");
    const span = tracer.startSpan("POST /orders");
    api.context.with(api.trace.setSpan(api.context.active(), span), () => {
      seen.happen("breaker.opened", PAYMENTS, { from: "closed", to: "open", failurePermille: 510, note: null });
    });
    other.happen("breaker.closed", PAYMENTS, {});
    span.end();
    const [finished] = exporter.getFinishedSpans();
    expect(finished?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        "holdfast.breaker.opened",
        {
          "holdfast.kind": "breaker",
          "holdfast.name": "payments",
          "holdfast.from": "closed",
          "holdfast.to": "open",
          "holdfast.failurePermille": 510,
        },
      ],
    ]);
    end();
    const later = tracer.startSpan("GET /");
    api.context.with(api.trace.setSpan(api.context.active(), later), () => seen.happen("breaker.closed", PAYMENTS, {}));
    later.end();
    expect(exporter.getFinishedSpans().at(-1)?.events).toEqual([]);
  });
});
