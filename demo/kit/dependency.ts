/** Calls to another service of the shop through one pipeline, named after that service. */
import { pipeline, type Pipeline, type PipelineOptions } from "@holdfast/agent/resilience";
import type { Role } from "../shop-plan.ts";
import { isFailure } from "./http-problem.ts";
import { Peers, type Call } from "./peers.ts";
import type { ServiceContext } from "./service-context.ts";

/** The field's defaults wait for twenty calls and half a minute; in a small shop things shall be seen sooner. */
const BREAKER = { minimumCalls: 6, openMs: 5_000, probes: 2, isFailure };
const RETRY = { maxAttempts: 2, baseMs: 50, maxDelayMs: 500 };

export interface Answered<T> {
  readonly answer: T;
  /** True: the service itself; false: the fallback. */
  readonly live: boolean;
}

export class Dependency {
  readonly #pipeline: Pipeline;
  readonly #peers: Peers;

  constructor(context: ServiceContext, target: Role, options: PipelineOptions) {
    this.#peers = new Peers(context, target);
    this.#pipeline = pipeline(target, { target, retry: RETRY, ...options, breaker: { ...BREAKER, ...options.breaker } });
  }

  /** No call is made now. */
  get open(): boolean {
    return ["open", "forced_open"].includes(this.#pipeline.state);
  }

  /** The JSON that the service answers, or what the fallback answers. */
  async json<T>(call: Call): Promise<Answered<T>> {
    let live = false;
    const answer = await this.#run(call, async (signal) => {
      const fresh = JSON.parse(await this.#peers.send(call, signal)) as T;
      live = true;
      return fresh;
    });
    return { answer, live };
  }

  /** The text that the service answers; null is what a fallback may answer. */
  text(call: Call): Promise<string | null> {
    return this.#run(call, (signal) => this.#peers.send(call, signal));
  }

  /** A GET may be made twice, and so may a POST that has a key. */
  #run<T>(call: Call, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const key = call.body === undefined ? call.path : call.key;
    return this.#pipeline.run(({ signal }) => send(signal), { key, idempotent: key !== undefined });
  }
}
