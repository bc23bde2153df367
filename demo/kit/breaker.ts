/** An opossum breaker under the agent's observation, with a fallback for each call. */
import CircuitBreaker from "opossum";
import { isCallersFault } from "./http-problem.ts";
import type { ServiceContext } from "./service-context.ts";

type Action = () => Promise<unknown>;
type Fallback = (error: Error) => unknown;

export interface BreakerOptions {
  readonly name: string;
  /** The service or system on the far side. */
  readonly target: string;
  readonly timeoutMs: number;
  /** Per cent of failures in the window that opens it. Default 50. */
  readonly threshold?: number;
  /** Calls in the window before it may open. Default 6. */
  readonly volume?: number;
  /** How long it stays open before it lets a probe through. Default 5 s. */
  readonly resetTimeoutMs?: number;
}

const WINDOW_MS = 10_000;

export class Breaker {
  readonly #circuit: CircuitBreaker<[Action, Fallback], unknown>;

  constructor(context: ServiceContext, options: BreakerOptions) {
    const { name, target, timeoutMs, threshold = 50, volume = 6, resetTimeoutMs = 5_000 } = options;
    this.#circuit = new CircuitBreaker((action: Action, _fallback: Fallback) => action(), {
      name,
      timeout: timeoutMs,
      errorThresholdPercentage: threshold,
      volumeThreshold: volume,
      resetTimeout: resetTimeoutMs,
      rollingCountTimeout: WINDOW_MS,
      enableSnapshots: false,
      errorFilter: isCallersFault,
    });
    this.#circuit.fallback((_action, fallback, error) => fallback(error));
    context.agent.observe(this.#circuit, name, { target, settings: { threshold, timeoutMs, resetTimeoutMs, volume } });
  }

  get opened(): boolean {
    return this.#circuit.opened;
  }

  /** The action's result; the fallback's when the breaker is open or the action fails. The caller's own faults (4xx) are thrown. */
  run<T>(action: () => Promise<T>, fallback: (error: Error) => T): Promise<T> {
    return this.#circuit.fire(action, fallback) as Promise<T>;
  }

  onChange(listener: (state: "open" | "halfOpen" | "close") => void): void {
    for (const state of ["open", "halfOpen", "close"] as const) this.#circuit.on(state, () => listener(state));
  }
}
