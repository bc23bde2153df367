/** An opossum breaker under the agent's observation: what a service that has breakers already needs to do. */
import CircuitBreaker from "opossum";
import { isCallersFault } from "./http-problem.ts";
import type { ServiceContext } from "./service-context.ts";

type Action = () => Promise<unknown>;

export interface BreakerOptions {
  readonly name: string;
  /** The service or system on the far side. */
  readonly target: string;
  readonly timeoutMs: number;
  /** Calls in the window before it may open. */
  readonly volume: number;
}

/** Per cent of failures in the window that opens it. */
const THRESHOLD = 50;
const RESET_MS = 5_000;
const WINDOW_MS = 10_000;

export class Breaker {
  readonly #circuit: CircuitBreaker<[Action], unknown>;

  constructor(context: ServiceContext, { name, target, timeoutMs, volume }: BreakerOptions) {
    this.#circuit = new CircuitBreaker((action: Action) => action(), {
      name,
      timeout: timeoutMs,
      errorThresholdPercentage: THRESHOLD,
      volumeThreshold: volume,
      resetTimeout: RESET_MS,
      rollingCountTimeout: WINDOW_MS,
      enableSnapshots: false,
      errorFilter: isCallersFault,
    });
    context.agent.observe(this.#circuit, name, { target, control: true });
  }

  /** The action's result. Rejects when the action does, takes too long, or is not made because the breaker is open. */
  run<T>(action: () => Promise<T>): Promise<T> {
    return this.#circuit.fire(action) as Promise<T>;
  }
}
