export { instrument } from "./opentelemetry/instrument.ts";
export type { InstrumentOptions } from "./opentelemetry/instrument.ts";
export type { MeterProvider, OpenTelemetryApi } from "./opentelemetry/api.ts";
export type { Topic, Topics } from "./topics.ts";
