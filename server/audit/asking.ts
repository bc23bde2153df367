/**
 * The request that the running code serves: where it comes from, and who asks once that is known. It follows the calls by itself, so that
 * what is recorded deep inside needs no address and request id handed down through every function. Nothing is decided by it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Principal } from "../auth/principal.ts";

export interface Asking {
  readonly address: string;
  readonly requestId: string;
  principal: Principal | null;
}

const asking = new AsyncLocalStorage<Asking>();

/** Runs `work` as part of a request. */
export function serving<T>(from: Pick<Asking, "address" | "requestId">, work: () => T): T {
  return asking.run({ ...from, principal: null }, work);
}

/** Now it is known who asks. */
export function identified(principal: Principal): void {
  const now = asking.getStore();
  if (now) now.principal = principal;
}

/** Null outside of requests. */
export const currentRequest = (): Readonly<Asking> | null => asking.getStore() ?? null;
