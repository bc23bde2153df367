/** Work that nobody waits for any more: what a request leaves to be done must not end with the request's deadline. */
import { AsyncResource } from "node:async_hooks";

const outside = new AsyncResource("background");

/** Runs `work` as if no request had asked for it. */
export function inBackground<T>(work: () => T): T {
  return outside.runInAsyncScope(work);
}
