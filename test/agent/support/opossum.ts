/** The part of opossum the tests use; it has no types of its own. */
import type { EventEmitter } from "node:events";

export interface Breaker extends EventEmitter {
  readonly opened: boolean;
  readonly halfOpen: boolean;
  fire(...args: unknown[]): Promise<unknown>;
  fallback(call: (...args: unknown[]) => unknown): this;
  open(): void;
  close(): void;
  disable(): void;
  shutdown(): void;
}

export type BreakerClass = new (action: (...args: never[]) => Promise<unknown>, options?: Record<string, unknown>) => Breaker;
