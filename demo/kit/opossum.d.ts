/** The part of opossum that the shop uses; the library has no types of its own. */
declare module "opossum" {
  import type { EventEmitter } from "node:events";

  interface BreakerOptions<Args extends unknown[]> {
    readonly name?: string;
    /** Milliseconds. */
    readonly timeout?: number;
    readonly resetTimeout?: number;
    readonly errorThresholdPercentage?: number;
    readonly rollingCountTimeout?: number;
    readonly volumeThreshold?: number;
    readonly enableSnapshots?: boolean;
    /** True: the error is the caller's fault and does not count. */
    readonly errorFilter?: (error: Error, ...args: Args) => boolean;
  }

  class CircuitBreaker<Args extends unknown[], Result> extends EventEmitter {
    constructor(action: (...args: Args) => Promise<Result>, options?: BreakerOptions<Args>);
    readonly opened: boolean;
    readonly halfOpen: boolean;
    readonly closed: boolean;
    fire(...args: Args): Promise<Result>;
    fallback(call: (...args: [...Args, Error]) => Result | Promise<Result>): this;
    shutdown(): void;
  }

  export { CircuitBreaker as default };
}
