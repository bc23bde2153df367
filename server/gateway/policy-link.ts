import type { AgentDown } from "../../protocol/agent-down.ts";
import type { AgentUp, Hello } from "../../protocol/agent-up.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { policyDigest } from "../../protocol/digest.ts";
import type { Clock } from "../clock.ts";
import type { AgentIdentity, PolicyFeed, PolicyItem } from "../policy/feed.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { leaseLeft, transactionFrames } from "./policy-frames.ts";

export type PolicyAnswer = Extract<AgentUp, { t: "ack" | "nack" }>;

export interface PolicyLinkOptions {
  readonly agent: AgentIdentity;
  readonly feed: PolicyFeed;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  /** One counter for all links, so that the frame of a change can be shared. */
  readonly nextTxn: () => number;
  readonly send: (frame: string | Buffer) => void;
}

type Mode = "full" | "delta" | "none";

const RESYNC_EVERY_MS = 5_000;
/** An item this close to its end may be gone on one side and not on the other; the digests are then not compared. */
const ENDING_MS = 2_000;
const OPEN_TXNS = 256;

/** What one connection holds of the policy, as far as the console knows. */
export class PolicyLink {
  readonly #options: PolicyLinkOptions;
  readonly #open = new Map<number, { readonly mode: Mode; readonly sentAt: number }>();
  #rejected = new Set<string>();
  #lastTxn = 0;
  #revision = 0;
  #resyncWanted = false;
  #resyncAt = -RESYNC_EVERY_MS;

  constructor(options: PolicyLinkOptions) {
    this.#options = options;
  }

  /** Highest revision written to this socket. */
  get revision(): number {
    return this.#revision;
  }

  /** After the welcome: nothing to do when both ends agree, everything otherwise. */
  start(held: Hello["policy"]): void {
    const { agent, feed, clock, nextTxn, send } = this.#options;
    const items = this.#items();
    if (held.digest !== policyDigest(items)) {
      this.#full();
      return;
    }
    const revision = feed.revision(agent.environment);
    const now = clock.now();
    const txn = nextTxn();
    const messages: AgentDown[] = [
      { t: "intent", txn, mode: "none", revision },
      { t: "commit", txn, revision },
    ];
    const leases = items.map((item) => ({ id: item.id, leaseMs: leaseLeft(item, now) }));
    for (let at = 0; at < leases.length; at += LIMITS.policyItemsPerMessage)
      messages.push({ t: "renew", items: leases.slice(at, at + LIMITS.policyItemsPerMessage) });
    this.#revision = revision;
    this.#opened(txn, "none");
    send(JSON.stringify(messages));
    // Its greeting has said that it holds all this.
    feed.answered(agent, { revision, at: now, appliedMs: null, rejected: [] });
  }

  /** A shared delta is about to be written. False when a full transaction has carried it already. */
  delta(txn: number, revision: number): boolean {
    if (revision <= this.#revision) return false;
    this.#revision = revision;
    this.#opened(txn, "delta");
    return true;
  }

  /** Takes an ack or nack. Null when it answers nothing that was sent; otherwise the revision the agent now holds. */
  answered(answer: PolicyAnswer): { readonly revision: number; readonly agrees: boolean } | null {
    const { agent, feed, clock, metrics } = this.#options;
    const open = this.#open.get(answer.txn);
    if (!open) return null;
    this.#open.delete(answer.txn);
    metrics.observePolicyAck(clock.monotonic() - open.sentAt);
    const rejected = answer.t === "nack" ? answer.rejected : [];
    for (const item of rejected) this.#rejected.add(item.id);
    if (open.mode !== "none")
      feed.answered(agent, {
        revision: answer.revision,
        at: clock.now(),
        appliedMs: open.mode === "full" ? null : answer.appliedMs,
        rejected,
      });
    const agrees = answer.txn !== this.#lastTxn || this.#agrees(answer.digest);
    if (!agrees) {
      this.#resyncWanted = true;
      this.tick();
    }
    return { revision: answer.revision, agrees };
  }

  /** Sends the full policy when the ends disagree and the last time was long enough ago. */
  tick(): void {
    if (this.#resyncWanted && this.#options.clock.monotonic() - this.#resyncAt >= RESYNC_EVERY_MS) this.#full();
  }

  #full(): void {
    const { agent, feed, clock, nextTxn, send } = this.#options;
    this.#resyncWanted = false;
    this.#resyncAt = clock.monotonic();
    this.#rejected = new Set();
    this.#revision = feed.revision(agent.environment);
    const txn = nextTxn();
    this.#opened(txn, "full");
    for (const frame of transactionFrames({ txn, revision: this.#revision, mode: "full", puts: this.#items(), dels: [] }, clock.now()))
      send(frame);
  }

  #opened(txn: number, mode: Mode): void {
    this.#lastTxn = txn;
    this.#open.set(txn, { mode, sentAt: this.#options.clock.monotonic() });
    if (this.#open.size <= OPEN_TXNS) return;
    for (const oldest of this.#open.keys()) {
      this.#open.delete(oldest);
      return;
    }
  }

  #items(): readonly PolicyItem[] {
    const now = this.#options.clock.now();
    return this.#options.feed.itemsFor(this.#options.agent).filter((item) => item.expiresAt === null || item.expiresAt > now);
  }

  #agrees(digest: number): boolean {
    const now = this.#options.clock.now();
    const items = this.#options.feed.itemsFor(this.#options.agent);
    if (items.some((item) => item.expiresAt !== null && Math.abs(item.expiresAt - now) < ENDING_MS)) return true;
    return (
      digest === policyDigest(items.filter((item) => !this.#rejected.has(item.id) && (item.expiresAt === null || item.expiresAt > now)))
    );
  }
}
