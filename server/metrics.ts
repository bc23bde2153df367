/** Our own health in Prometheus text. One registry for each server, so that tests can start several. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics, type MetricObjectWithValues, type MetricValue } from "prom-client";
import type { GatewayMetrics } from "./gateway/metrics.ts";

export interface StoreCommit {
  readonly ms: number;
  readonly calls: number;
}

export class Metrics implements GatewayMetrics {
  readonly #registry = new Registry();
  readonly #agents = this.#gauge("holdfast_agents", "Agents connected now.");
  readonly #browsers = this.#gauge("holdfast_browsers", "Browsers connected now.");
  readonly #lag = this.#gauge("holdfast_lag_seconds", "How late the gateway's one-second tick last ran.");
  readonly #frames = this.#counter("holdfast_frames_total", "Sample frames taken.", ["kind"]);
  readonly #frameBytes = this.#counter("holdfast_frame_bytes_total", "Bytes of sample frames taken.", ["kind"]);
  readonly #samples = this.#counter("holdfast_samples_total", "Values in sample frames taken.", ["kind"]);
  readonly #events = this.#counter("holdfast_events_total", "Events committed and acknowledged.", []);
  readonly #dropped = this.#counter("holdfast_dropped_total", "What was not taken or not delivered.", ["what"]);
  readonly #evicted = this.#counter("holdfast_evicted_total", "Sockets closed by the console, by close code.", ["socket", "reason"]);
  readonly #rejected = this.#counter("holdfast_handshakes_rejected_total", "Upgrades refused, by status.", ["socket", "status"]);
  readonly #push = this.#histogram("holdfast_policy_push_seconds", "From a policy change to the last socket it was written to.");
  readonly #acks = this.#histogram("holdfast_policy_ack_seconds", "From a socket write to the agent's acknowledgement.");
  readonly #writes = this.#histogram("holdfast_db_write_seconds", "One commit of the database.");
  readonly #written = this.#counter("holdfast_db_writes_total", "Writes, several of which share a commit.", []);
  readonly #requests = this.#histogram("holdfast_http_request_seconds", "Requests of the HTTP API.", ["method", "status"]);

  /** Ten thousand frames a second are counted here and moved to the counters when somebody asks. */
  readonly #tallies = { live: { frames: 0, samples: 0, bytes: 0 }, backfill: { frames: 0, samples: 0, bytes: 0 } };

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  readonly contentType = this.#registry.contentType;

  text(): Promise<string> {
    this.#settle();
    return this.#registry.metrics();
  }

  /** The same as objects. */
  values(): Promise<MetricObjectWithValues<MetricValue<string>>[]> {
    this.#settle();
    return this.#registry.getMetricsAsJSON();
  }

  #settle(): void {
    for (const [kind, tally] of Object.entries(this.#tallies)) {
      this.#frames.inc({ kind }, tally.frames);
      this.#samples.inc({ kind }, tally.samples);
      this.#frameBytes.inc({ kind }, tally.bytes);
      tally.frames = tally.samples = tally.bytes = 0;
    }
  }

  setAgents(count: number): void {
    this.#agents.set(count);
  }

  setBrowsers(count: number): void {
    this.#browsers.set(count);
  }

  setLagMs(ms: number): void {
    this.#lag.set(ms / 1_000);
  }

  countFrame(kind: "live" | "backfill", slots: number, bytes: number): void {
    const tally = this.#tallies[kind];
    tally.frames++;
    tally.samples += slots;
    tally.bytes += bytes;
  }

  countEvents(committed: number): void {
    this.#events.inc(committed);
  }

  countDropped(what: string, count: number): void {
    this.#dropped.inc({ what }, count);
  }

  countEvicted(socket: "agent" | "browser", reason: string): void {
    this.#evicted.inc({ socket, reason });
  }

  countHandshakeRejected(socket: "agent" | "browser" | "other", status: number): void {
    this.#rejected.inc({ socket, status });
  }

  observePush(_agents: number, ms: number): void {
    this.#push.observe(ms / 1_000);
  }

  observePolicyAck(ms: number): void {
    this.#acks.observe(ms / 1_000);
  }

  observeCommit({ ms, calls }: StoreCommit): void {
    this.#writes.observe(ms / 1_000);
    this.#written.inc(calls);
  }

  observeRequest(method: string, status: number, ms: number): void {
    this.#requests.observe({ method, status }, ms / 1_000);
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.#registry] });
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  #histogram<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Histogram<L> {
    const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    return new Histogram({ name, help, labelNames: [...labelNames], buckets, registers: [this.#registry] });
  }
}
