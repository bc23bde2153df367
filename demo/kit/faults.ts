/** What is wrong with this process at the moment, as the director said last. */
import type { Fault } from "../failures.ts";

export class Faults {
  #active: readonly Fault[] = [];
  readonly #listeners: (() => void)[] = [];

  /** Milliseconds that everything behind a connection takes longer. */
  get latencyMs(): number {
    return this.#active.reduce((sum, fault) => (fault.kind === "latency" ? sum + fault.ms : sum), 0);
  }

  get holdingConnections(): boolean {
    return this.#active.some((fault) => fault.kind === "hold-connections");
  }

  /** Milliseconds a job of the outbox takes longer. */
  get slowJobMs(): number {
    return this.#active.reduce((sum, fault) => (fault.kind === "slow-jobs" ? sum + fault.ms : sum), 0);
  }

  refuses(path: string): boolean {
    return this.#active.some((fault) => fault.kind === "refuse" && path.startsWith(fault.path ?? "/"));
  }

  set(active: readonly Fault[]): void {
    this.#active = active;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
