import type { Clock } from "../clock.ts";

const ENTRIES_MOST = 10_000;

/**
 * Remembers answers for a short time, so that a burst of requests with one credential asks the database once. Look-ups that run at
 * the same time share one question. `forget` also voids a question that is still on its way.
 */
export class BriefCache<T> {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #keepMs: number;
  readonly #entries = new Map<string, { readonly at: number; readonly value: Promise<T> }>();

  constructor(clock: Pick<Clock, "monotonic">, keepMs: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const now = this.#clock.monotonic();
    const held = this.#entries.get(key);
    if (held && now - held.at < this.#keepMs) return held.value;
    const value = ask();
    const entry = { at: now, value };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > ENTRIES_MOST)
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    // A failure is nobody's answer but those who waited for it.
    value.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return value;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
