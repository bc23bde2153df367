/** One leader among the instances of a service: it campaigns for ever, leads while it holds the lease, and campaigns again. */
import { randomUUID } from "node:crypto";
import { LeaseDesk, type Held, type Holding, type LeaseOptions } from "./holding.ts";
import type { LeaseStore } from "./lease-store.ts";
import type { Timer } from "../runtime.ts";
import { textOf } from "./world.ts";

export interface LeaderOptions extends LeaseOptions {
  /** Start the work of the leader; stop it when `held.signal` aborts. If it throws or rejects, the leadership is given up. */
  readonly onElected?: ((held: Held) => unknown) | undefined;
  /** Another may lead now. Called after each loss, not after `close`. */
  readonly onLost?: ((reason: string) => unknown) | undefined;
  /** Time between two attempts, give or take a half. Default a third of `ttlMs`. */
  readonly campaignMs?: number | undefined;
}

export interface Leader {
  /** The leadership in hand, null for none. Its `valid` asks the clock. */
  readonly held: Held | null;
  readonly isLeader: boolean;
  /** Resigns and stops. Never rejects. */
  close(): Promise<void>;
}

/** `const poller = leader("queue-poller", leases, { onElected: ({ token, signal }) => ... })` */
export function leader(name: string, leases: LeaseStore, options: LeaderOptions = {}): Leader {
  const desk = new LeaseDesk(name, leases, options);
  const { world, ttlMs } = desk;
  const { campaignMs = ttlMs / 3, onElected, onLost } = options;
  const holder = randomUUID();
  let held: Holding | null = null;
  let closed = false;
  let timer: Timer | null = null;
  let asking: Promise<void> = Promise.resolve();

  const campaign = (): void => {
    asking = attempt();
  };
  const again = (): void => {
    if (!closed) timer = world.after(campaignMs * (0.5 + world.random()), campaign);
  };
  const attempt = async (): Promise<void> => {
    const holding = await desk.ask(holder).catch(() => null);
    if (holding === null) {
      again();
      return;
    }
    if (closed) return holding.release();
    held = holding;
    holding.onLost = (reason) => {
      held = null;
      desk.tell("leader.lost", { token: holding.token, reason });
      void guarded(() => onLost?.(reason));
      again();
    };
    desk.tell("leader.elected", { token: holding.token });
    void guarded(() => onElected?.(holding)).then((error) => {
      if (error !== null && held === holding) void resign(holding, error);
    });
  };
  const resign = async (holding: Holding, reason: string): Promise<void> => {
    await holding.release();
    desk.counts.lost++;
    holding.onLost(reason);
  };

  campaign();
  return {
    get held() {
      return held?.valid === true ? held : null;
    },
    get isLeader() {
      return held?.valid === true;
    },
    close: async () => {
      closed = true;
      timer?.cancel();
      desk.closed();
      const last = held;
      held = null;
      await last?.release();
      await asking;
    },
  };
}

/** What a callback of the host threw, in words; null when it went well. */
async function guarded(call: () => unknown): Promise<string | null> {
  try {
    await call();
    return null;
  } catch (error) {
    return textOf(error);
  }
}
