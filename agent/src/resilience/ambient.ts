/** The deadline and priority of the request that code runs for, where a server of the process keeps them. */
import type { AsyncLocalStorage } from "node:async_hooks";
import type { CallContext } from "../http/context.ts";
import type { TimerWheel } from "./timer-wheel.ts";

const KEY = Symbol.for("@holdfast/agent:call:1");
const holder = globalThis as { readonly [KEY]?: AsyncLocalStorage<CallContext> };

export class Ambient {
  readonly #wheel: TimerWheel;
  #storage: AsyncLocalStorage<CallContext> | undefined;
  #lookedAt = -1;

  constructor(wheel: TimerWheel) {
    this.#wheel = wheel;
  }

  /** Undefined where nobody keeps any: looking for the keeper once in a turn of the wheel is enough. */
  call(): CallContext | undefined {
    if (this.#storage !== undefined) return this.#storage.getStore();
    const wheel = this.#wheel;
    if (wheel.turn === this.#lookedAt) return undefined;
    // Keeps the wheel turning, so that there is a next look.
    wheel.coarse();
    this.#lookedAt = wheel.turn;
    this.#storage = holder[KEY];
    return this.#storage?.getStore();
  }
}
