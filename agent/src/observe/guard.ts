/**
 * The wall between us and the libraries we watch. A listener that throws inside opossum, p-queue or a pool changes the result of the
 * host's own call, so nothing we hand out can throw: the first error switches the adapter off and is logged once.
 */
import { describeError, type Journal } from "../journal.ts";

export class Guard {
  #off = false;
  readonly #journal: Journal;
  readonly #name: string;
  readonly #onFailure: () => void;

  /** @param onFailure removes the adapter; called once, and itself guarded. */
  constructor(journal: Journal, name: string, onFailure: () => void) {
    this.#journal = journal;
    this.#name = name;
    this.#onFailure = onFailure;
  }

  get off(): boolean {
    return this.#off;
  }

  /** A callback that never throws and does nothing once the adapter is off. Up to three arguments; more are not passed. */
  wrap<A = unknown, B = unknown, C = unknown>(call: (a: A, b: B, c: C) => void): (a?: A, b?: B, c?: C) => void {
    return (a, b, c) => {
      if (this.#off) return;
      try {
        call(a as A, b as B, c as C);
      } catch (error) {
        this.fail(error);
      }
    };
  }

  /** Runs now; `otherwise` when it throws or the adapter is off. */
  run<T>(call: () => T, otherwise: T): T {
    if (this.#off) return otherwise;
    try {
      return call();
    } catch (error) {
      this.fail(error);
      return otherwise;
    }
  }

  /** Switches the adapter off without an error. */
  close(): void {
    this.#off = true;
  }

  fail(error: unknown): void {
    if (this.#off) return;
    this.#off = true;
    this.#journal.errors++;
    this.#journal.once(`adapter ${this.#name}`, "error", `${this.#name} is no longer observed: ${describeError(error)}`);
    try {
      this.#onFailure();
    } catch {
      this.#journal.errors++;
    }
  }
}
