"use client";
import { useState } from "react";
import { newId } from "../../api/new-id.ts";

/**
 * An Idempotency-Key that stays the same while the same thing is sent again: after a cut line the person holds once more, and the
 * console does it once. Another body gets another key.
 */
export class SteadyKey {
  readonly #newKey: () => string;
  #last: { readonly body: string; readonly key: string } | null = null;

  constructor(newKey: () => string) {
    this.#newKey = newKey;
  }

  readonly keyFor = (body: unknown): string => {
    const text = JSON.stringify(body);
    if (this.#last?.body !== text) this.#last = { body: text, key: this.#newKey() };
    return this.#last.key;
  };

  /** The console says the key is spent without a known outcome: the next attempt is a new one. */
  readonly forget = (): void => {
    this.#last = null;
  };
}

export function useSteadyKey(): SteadyKey {
  const [keys] = useState(() => new SteadyKey(newId));
  return keys;
}
