/** What is used of `@opentelemetry/api` 1.x, by shape: the host passes the module in, so that nothing is imported. */

export type Attributes = Record<string, string | number | boolean>;

export interface BatchResult {
  observe(instrument: object, value: number, attributes?: Attributes): void;
}

interface InstrumentOptions {
  readonly unit: string;
}

export interface Meter {
  createObservableGauge(name: string, options?: InstrumentOptions): object;
  createObservableCounter(name: string, options?: InstrumentOptions): object;
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): object;
  addBatchObservableCallback(callback: (result: BatchResult) => void, instruments: object[]): void;
  removeBatchObservableCallback(callback: (result: BatchResult) => void, instruments: object[]): void;
}

export interface MeterProvider {
  getMeter(name: string, version?: string): Meter;
}

export interface ActiveSpan {
  isRecording(): boolean;
  addEvent(name: string, attributes?: Attributes): unknown;
}

export interface OpenTelemetryApi {
  readonly metrics: MeterProvider;
  readonly trace: { getActiveSpan(): ActiveSpan | undefined };
}
