import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { AgentIdentity, PolicyChange, PolicyFeed } from "../policy/feed.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { frameText } from "./peer.ts";
import { transactionFrames } from "./policy-frames.ts";
import type { PolicyLink } from "./policy-link.ts";

/** A connected agent as a policy change sees it. */
export interface PolicyTarget {
  readonly agent: AgentIdentity;
  readonly key: string;
  readonly open: boolean;
  readonly policy: PolicyLink;
  /** Writes a frame made by `frameText`. */
  write(framed: Buffer): void;
}

export interface PolicyFanoutOptions {
  readonly feed: PolicyFeed;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  readonly nextTxn: () => number;
  /** Everyone connected to an environment now. */
  readonly targets: (environment: string) => Iterable<PolicyTarget>;
}

/** Sockets written in one turn of the loop: about 5 ms of work. */
const PER_TURN = 500;

/**
 * Writes each policy change to every agent in its scope: encoded once, the same bytes for all, changes strictly one after the other.
 * An agent that connects meanwhile gets the change with its full policy.
 */
export class PolicyFanout {
  readonly #options: PolicyFanoutOptions;
  readonly #queue: PolicyChange[] = [];
  readonly #unsubscribe: () => void;
  #running = false;

  constructor(options: PolicyFanoutOptions) {
    this.#options = options;
    this.#unsubscribe = options.feed.subscribe((change) => {
      this.#queue.push(change);
      if (!this.#running) void this.#run();
    });
  }

  stop(): void {
    this.#unsubscribe();
    this.#queue.length = 0;
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let change = this.#queue.shift(); change; change = this.#queue.shift()) {
      try {
        await this.#push(change);
      } catch (error) {
        this.#options.log.error({ err: error, revision: change.revision }, "a policy change could not be pushed");
      }
    }
    this.#running = false;
  }

  async #push(change: PolicyChange): Promise<void> {
    const { feed, clock, metrics, nextTxn, targets } = this.#options;
    const started = clock.monotonic();
    const inScope = [...targets(change.environment)].filter((target) => change.affects(target.agent));
    if (inScope.length === 0) return;
    const txn = nextTxn();
    const { revision, puts, dels } = change;
    const frames = transactionFrames({ txn, revision, mode: "delta", puts, dels }, clock.now()).map(frameText);
    const written: string[] = [];
    for (let at = 0; at < inScope.length; at += PER_TURN) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve));
      for (const target of inScope.slice(at, at + PER_TURN)) {
        if (!target.open) continue;
        if (target.policy.delta(txn, revision)) for (const frame of frames) target.write(frame);
        written.push(target.key);
      }
    }
    // Said once all are written: who has answered by then needs no receipt that says less.
    if (written.length > 0) feed.sent(change, written, clock.now());
    metrics.observePush(inScope.length, clock.monotonic() - started);
  }
}
