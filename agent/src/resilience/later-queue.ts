/** Work put off: keys in the order they came, each once, until a function of the host has taken care of them. Lives as long as the process. */
export interface Later<T> {
  /** Does what could not be done. A key that rejects is tried again at the next drain, so a key may come more than once. */
  readonly send: (key: string) => void | PromiseLike<void>;
  /** What the caller is told meanwhile. */
  readonly answer: (key: string) => T;
  /** Default: 1,000. A key that finds no room is not put off. */
  readonly capacity?: number | undefined;
}

export class LaterQueue {
  readonly #send: (key: string) => void | PromiseLike<void>;
  readonly #capacity: number;
  /** Turn of each key: it tells whether a key came again while it was sent. */
  readonly #waiting = new Map<string, number>();
  #turn = 0;
  #draining: Promise<number> | null = null;

  constructor({ send, capacity = 1_000 }: Pick<Later<unknown>, "send" | "capacity">) {
    this.#send = send;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Puts a key off, one that waits already keeps its place. False: there is no room. */
  add(key: string): boolean {
    if (this.#waiting.size >= this.#capacity && !this.#waiting.has(key)) return false;
    this.#waiting.set(key, ++this.#turn);
    return true;
  }

  /** Sends what waits, one after the other, until one fails. Answers how many went. Calling it while it runs joins in. Never rejects. */
  drain(): Promise<number> {
    return (this.#draining ??= this.#run().finally(() => (this.#draining = null)));
  }

  async #run(): Promise<number> {
    let sent = 0;
    for (const key of [...this.#waiting.keys()]) {
      const turn = this.#waiting.get(key);
      try {
        await this.#send(key);
      } catch {
        break;
      }
      if (this.#waiting.get(key) === turn) this.#waiting.delete(key);
      sent++;
    }
    return sent;
  }
}
