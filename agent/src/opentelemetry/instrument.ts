/** Tells OpenTelemetry what the agent sees: metrics once a collection, events on the active span when something moves. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { BREAKER_STATES } from "../../../protocol/kinds.ts";
import { describeError } from "../journal.ts";
import type { Topics } from "../topics.ts";
import type { Agent, Disposer } from "../types.ts";
import { AGENT_VERSION } from "../version.ts";
import { viewOf, type AgentView, type ViewedReading } from "../view.ts";
import type { Attributes, BatchResult, Meter, MeterProvider, OpenTelemetryApi } from "./api.ts";
import { allMetrics, isDatabasePool, metricsOf, type Metric } from "./metrics.ts";

const SCOPE = "@holdfast/agent";

export interface InstrumentOptions {
  /** Default: the global one. */
  readonly meterProvider?: MeterProvider | undefined;
}

/**
 * Reports every resource of the agent as metrics and its transitions as span events. Takes `@opentelemetry/api` from the host:
 * `instrument(agent, api)`. Never throws. The answer ends it.
 */
export function instrument(agent: Agent, api: OpenTelemetryApi, options: InstrumentOptions = {}): Disposer {
  const view = viewOf(agent);
  if (view === null) return () => undefined;
  try {
    const endMetrics = reportMetrics((options.meterProvider ?? api.metrics).getMeter(SCOPE, AGENT_VERSION), view);
    const endEvents = reportEvents(agent, api);
    return () => {
      endEvents();
      endMetrics();
    };
  } catch (error) {
    process.emitWarning(`holdfast: OpenTelemetry is not told: ${describeError(error)}`);
    return () => undefined;
  }
}

function reportMetrics(meter: Meter, view: AgentView): Disposer {
  const instruments = new Map<string, object>();
  for (const { name, instrument, unit } of allMetrics()) {
    if (!instruments.has(name)) instruments.set(name, meter[`createObservable${instrument}`](name, { unit }));
  }
  const collect = (result: BatchResult): void => {
    const observe = (metric: Metric, value: number, attributes: Attributes): void => {
      const found = instruments.get(metric.name);
      if (found !== undefined) result.observe(found, value, attributes);
    };
    for (const reading of view.readings()) observeReading(reading, observe);
  };
  const all = [...instruments.values()];
  meter.addBatchObservableCallback(collect, all);
  return () => meter.removeBatchObservableCallback(collect, all);
}

function observeReading(reading: ViewedReading, observe: (metric: Metric, value: number, attributes: Attributes) => void): void {
  const { kind, name, target, source } = reading;
  const own: Attributes = { [isDatabasePool(kind, source) ? "db.client.connection.pool.name" : "holdfast.name"]: name };
  if (target !== undefined) own["holdfast.target"] = target;
  const columns = reading.columns() as Readonly<Record<string, number | null | undefined>>;
  for (const metric of metricsOf(kind, source)) {
    const value = columns[metric.column];
    if (value === undefined || value === null) continue;
    if (metric.states === undefined) observe(metric, value * metric.scale, { ...own, ...metric.attributes });
    else BREAKER_STATES.forEach((state, i) => observe(metric, i === value ? 1 : 0, { ...own, "holdfast.state": state }));
  }
}

function reportEvents(agent: Agent, { trace }: OpenTelemetryApi): Disposer {
  const { service, instance } = agent.status;
  const hear = (published: unknown): void => {
    const { type, resource, data, ...origin } = published as Topics["holdfast:event"];
    if (origin.service !== service || origin.instance !== instance) return;
    try {
      const span = trace.getActiveSpan();
      if (span?.isRecording() !== true) return;
      const attributes: Attributes = resource === null ? {} : { "holdfast.kind": resource.kind, "holdfast.name": resource.name };
      for (const [key, value] of Object.entries(data)) if (value !== null) attributes[`holdfast.${key}`] = value;
      span.addEvent(`holdfast.${type}`, attributes);
    } catch {
      // A span that cannot take an event is not ours to mend.
    }
  };
  subscribe("holdfast:event", hear);
  return () => void unsubscribe("holdfast:event", hear);
}
