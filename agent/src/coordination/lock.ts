/** A lock across processes. Advisory: what it protects must check the fencing token. */
import { randomUUID } from "node:crypto";
import { LeaseDesk, type Held, type Holding, type LeaseOptions } from "./holding.ts";
import type { LeaseStore } from "./lease-store.ts";
import { pause, textOf } from "./world.ts";

export interface LockOptions extends LeaseOptions {
  /** Callers of this process that may wait at once; more are refused. Default 100. */
  readonly maxWaiting?: number | undefined;
  /** Time between two looks at the store, give or take a half. One caller of a process looks, the others queue behind it. Default 200. */
  readonly pollMs?: number | undefined;
}

export interface WaitOptions {
  /** Default 10 s; 0 asks once. */
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Why a lock was not had. `code`: busy (too many wait here), timeout, aborted, closed. */
export class LockError extends Error {
  readonly code: "busy" | "timeout" | "aborted" | "closed";

  constructor(name: string, code: LockError["code"], cause?: unknown) {
    super(`lock ${name}: ${code}${cause === undefined ? "" : `, ${textOf(cause)}`}`);
    this.name = "LockError";
    this.code = code;
    if (cause !== undefined) this.cause = cause;
  }
}

export interface Lock {
  /** @throws LockError (rejects). An unreachable store is asked again until the time is over, and then is the `cause`. */
  acquire(options?: WaitOptions): Promise<Held>;
  /** Runs with the lock and releases it after, whatever happens. Rejects as `acquire` and `work` do. */
  run<T>(work: (held: Held) => T | Promise<T>, options?: WaitOptions): Promise<T>;
  /** Refuses all who wait or come. What is held stays held until it is released. */
  close(): void;
}

/** `const orders = lock("orders", sqlLeases(db, { dialect: "postgresql" })); await orders.run(({ token, signal }) => ...)` */
export function lock(name: string, leases: LeaseStore, options: LockOptions = {}): Lock {
  const { maxWaiting = 100, pollMs = 200 } = options;
  const desk = new LeaseDesk(name, leases, options);
  const { world, counts } = desk;
  const closing = new AbortController();
  const queue: (() => void)[] = [];
  let looking = false;

  const acquire = async ({ waitMs = 10_000, signal }: WaitOptions = {}): Promise<Held> => {
    if (counts.waiting >= maxWaiting) throw new LockError(name, "busy");
    const deadline = world.monoNow() + waitMs;
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    const timer = waitMs > 0 ? world.after(waitMs, abort) : null;
    signal?.addEventListener("abort", abort);
    closing.signal.addEventListener("abort", abort);
    if (signal?.aborted === true || closing.signal.aborted || (waitMs <= 0 && looking)) abort();
    counts.waiting++;
    let first = false;
    try {
      first = await turn(stop.signal);
      return await look(first, deadline, stop.signal);
    } catch (error) {
      if (closing.signal.aborted) throw new LockError(name, "closed");
      if (signal?.aborted === true) throw new LockError(name, "aborted", signal.reason);
      throw error;
    } finally {
      if (first) pass();
      timer?.cancel();
      signal?.removeEventListener("abort", abort);
      closing.signal.removeEventListener("abort", abort);
      counts.waiting--;
    }
  };

  /** True once the caller is the one that looks; false when it was stopped before. */
  const turn = (stop: AbortSignal): Promise<boolean> => {
    if (stop.aborted) return Promise.resolve(false);
    if (!looking) {
      looking = true;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const go = (): void => {
        stop.removeEventListener("abort", leave);
        resolve(true);
      };
      const leave = (): void => {
        queue.splice(queue.indexOf(go), 1);
        resolve(false);
      };
      queue.push(go);
      stop.addEventListener("abort", leave, { once: true });
    });
  };
  const pass = (): void => {
    const next = queue.shift();
    if (next === undefined) looking = false;
    else next();
  };

  const look = async (first: boolean, deadline: number, stop: AbortSignal): Promise<Holding> => {
    const holder = randomUUID();
    const gone = new Promise<null>((resolve) => stop.addEventListener("abort", () => resolve(null), { once: true }));
    let cause: unknown;
    const stopped = (): boolean => stop.aborted;
    while (first && !stopped()) {
      const asked = desk.ask(holder).catch((error: unknown) => {
        cause = error;
        return null;
      });
      const holding = await Promise.race([asked, gone]);
      if (stopped()) {
        void asked.then((late) => late?.release());
        break;
      }
      if (holding !== null) {
        holding.onLost = (reason) => desk.tell("lock.lost", { token: holding.token, reason });
        return holding;
      }
      if (world.monoNow() >= deadline) break;
      await pause(world, Math.min(pollMs * (0.5 + world.random()), deadline - world.monoNow()), stop);
    }
    throw new LockError(name, "timeout", cause);
  };

  return {
    acquire,
    run: async (work, wait) => {
      const held = await acquire(wait);
      try {
        return await work(held);
      } finally {
        await held.release();
      }
    },
    close: () => {
      closing.abort();
      desk.closed();
    },
  };
}
