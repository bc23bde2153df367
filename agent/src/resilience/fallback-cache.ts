/** Last good answers by key, bounded. One that was asked for is passed over once before it goes (second chance, nearly least recently used). */
interface Kept<T> {
  value: T;
  at: number;
  asked: boolean;
}

export class FallbackCache<T> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** What is kept under the key, however old. */
  get(key: string): { readonly value: T; readonly at: number } | undefined {
    const kept = this.#kept.get(key);
    if (kept !== undefined) kept.asked = true;
    return kept;
  }

  set(key: string, value: T, at: number): void {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      kept.value = value;
      kept.at = at;
      kept.asked = true;
      return;
    }
    if (this.#kept.size >= this.#capacity) this.#makeRoom();
    this.#kept.set(key, { value, at, asked: false });
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }

  clear(): void {
    this.#kept.clear();
  }

  #makeRoom(): void {
    for (const [key, kept] of this.#kept) {
      this.#kept.delete(key);
      if (!kept.asked) return;
      kept.asked = false;
      this.#kept.set(key, kept);
    }
  }
}
