/** Hedging: when an attempt is late, the same is asked once more beside it, and the first answer counts. After Dean and Barroso, "The Tail at Scale". */
import type { CallContext, Work } from "./call.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { RunOptions } from "./runner-parts.ts";
import type { TimerWheel } from "./timer-wheel.ts";
import { sleep } from "./sleep.ts";

/** What decides about hedges. */
export interface Hedging {
  /** How late an attempt is to be before the next is sent; Infinity: none is. */
  delayMs(): number;
  /** Hedges beside the first. */
  readonly max: number;
  /** Hedges are counted, and not sent. */
  readonly shadow?: boolean;
  /** Told of each call, hedge, hedge that won, and hedge the budget denied. */
  count?(what: "calls" | "hedges" | "wins" | "denied"): void;
}

export interface RaceParts {
  readonly run: <T>(fn: Work<T>, options: RunOptions) => Promise<T>;
  readonly hedge: Hedging;
  readonly budget: RetryBudget | null;
  readonly wheel: TimerWheel;
}

/** Rejects when all it sent have failed, with the first one's error. */
export async function race<T>(parts: RaceParts, fn: Work<T>, context: CallContext, options: RunOptions): Promise<T> {
  const { hedge, budget, wheel, run } = parts;
  // One signal for all: the winner has ended by the time it aborts.
  const over = new AbortController();
  const abort = (): void => over.abort(context.signal.reason);
  context.signal.addEventListener("abort", abort);
  hedge.count?.("calls");
  try {
    return await new Promise<T>((resolve, reject) => {
      let running = 0;
      let first: Error | null = null;
      const send = (hedged: boolean): void => {
        running++;
        run(fn, { ...options, signal: over.signal }).then(
          (value) => {
            if (hedged && !over.signal.aborted) hedge.count?.("wins");
            over.abort();
            resolve(value);
          },
          (error: unknown) => {
            first ??= error as Error;
            if (--running > 0) return;
            over.abort();
            reject(first);
          },
        );
      };
      const hedgeOn = async (): Promise<void> => {
        for (let sent = 0; sent < hedge.max; sent++) {
          const delayMs = hedge.delayMs();
          if (delayMs === Infinity) return;
          await sleep(wheel, delayMs);
          if (over.signal.aborted) return;
          if (hedge.shadow !== true && budget !== null && !budget.take()) {
            hedge.count?.("denied");
            return;
          }
          hedge.count?.("hedges");
          if (hedge.shadow === true) continue;
          send(true);
        }
      };
      send(false);
      void hedgeOn();
    });
  } finally {
    context.signal.removeEventListener("abort", abort);
  }
}
