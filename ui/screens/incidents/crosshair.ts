/** The moment that is pointed at, shared by everything that has a time axis. Kept apart from React, for it moves with the pointer. */

export interface Cross {
  /** Under the pointer. */
  readonly hovered: number | null;
  /** Clicked, or moved to by key. */
  readonly chosen: number | null;
}

export class Crosshair {
  #cross: Cross = { hovered: null, chosen: null };
  readonly #listeners = new Set<() => void>();

  get cross(): Cross {
    return this.#cross;
  }

  /** What is pointed at now: under the pointer, else chosen. */
  get at(): number | null {
    return this.#cross.hovered ?? this.#cross.chosen;
  }

  hover(hovered: number | null): void {
    this.#set({ ...this.#cross, hovered });
  }

  choose(chosen: number | null): void {
    this.#set({ ...this.#cross, chosen });
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(next: Cross): void {
    if (next.hovered === this.#cross.hovered && next.chosen === this.#cross.chosen) return;
    this.#cross = next;
    for (const listener of this.#listeners) listener();
  }
}
