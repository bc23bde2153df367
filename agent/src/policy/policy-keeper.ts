/** Applies what the console decides, enforces leases without it, and keeps the last good policy. */
import type { AgentDown } from "../../../protocol/agent-down.ts";
import { fits } from "../link/fits.ts";
import { id as idShape } from "../link/wire-shapes.ts";
import type { Clock, Timer } from "../runtime.ts";
import type { Wire } from "../telemetry/wire.ts";
import type { SwitchChange } from "../types.ts";
import { HeldPolicy } from "./held-policy.ts";
import type { PolicyFile } from "./policy-file.ts";
import type { SteeredParts } from "./steered-parts.ts";
import type { DecisionCause, Switches } from "./switches.ts";
import { Transaction, type Verdict } from "./transaction.ts";

/** Timers are re-armed at least this often, so a lease of any length fits. */
const LONGEST_TIMER_MS = 60 * 60_000;

export type PolicyMessage = Extract<AgentDown, { t: "intent" | "put" | "del" | "commit" | "renew" }>;

export interface PolicyParts {
  readonly clock: Clock;
  readonly switches: Switches;
  readonly steered: SteeredParts;
  readonly file: PolicyFile | null;
  /** Positions changed: before the host's listeners are told. */
  readonly changed: (changes: readonly SwitchChange[]) => void;
}

export class PolicyKeeper {
  readonly held = new HeldPolicy();
  readonly #parts: PolicyParts;
  #open: Transaction | null = null;
  #timer: Timer | null = null;

  constructor(parts: PolicyParts) {
    this.#parts = parts;
  }

  /** Reads the kept file. A policy that arrived meanwhile wins. */
  async restore(): Promise<void> {
    const kept = await this.#parts.file?.load();
    if (kept === null || kept === undefined || this.held.known) return;
    this.held.restore(kept.revision, kept.items);
    this.#tell(this.#settle("kept-file"));
  }

  handle(message: PolicyMessage, wire: Wire): void {
    const now = this.#parts.clock.monoNow();
    switch (message.t) {
      case "intent":
        this.#open = new Transaction(message, now);
        return;
      case "put":
        if (this.#open?.txn === message.txn) this.#open.put(message, now);
        return;
      case "del":
        if (this.#open?.txn === message.txn) this.#open.del(message.id);
        return;
      case "commit":
        if (this.#open?.txn === message.txn) this.#commit(this.#open, message.revision, wire);
        return;
      case "renew":
        for (const item of message.items) this.held.renew(item.id, item.leaseMs === null ? null : now + item.leaseMs);
        this.#expire("lease-expired");
        this.#parts.file?.save(this.held);
        return;
    }
  }

  /** A message that reads like policy but does not match its schema. */
  malformed(message: Readonly<Record<string, unknown>>): void {
    const open = this.#open;
    if (open === null || message["txn"] !== open.txn) return;
    const { t, id } = message;
    if (t === "put" && fits(idShape, id)) open.refuse(id as string, "the item does not match its schema");
    else open.breakOff("a message of it does not match its schema");
  }

  /** The link is gone: what was not committed never happened. */
  disconnected(): void {
    this.#open = null;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #commit(transaction: Transaction, revision: number, wire: Wire): void {
    this.#open = null;
    const { switches, steered } = this.#parts;
    const verdict = transaction.close(revision, this.held, {
      problem: (item) => (item.kind === "switch" ? switches : steered).problem(item),
      clashes: (items) => steered.clashes(items),
    });
    if (verdict.change !== null) this.held.apply(verdict.change);
    const changes = this.#settle("policy");
    this.#answer(transaction, verdict, wire);
    this.#tell(changes);
    if (verdict.change !== null) this.#parts.file?.save(this.held);
  }

  #answer(transaction: Transaction, verdict: Verdict, wire: Wire): void {
    const answer = {
      txn: transaction.txn,
      revision: this.held.revision,
      digest: this.held.digest,
      appliedMs: Math.max(0, this.#parts.clock.monoNow() - transaction.startedAt),
    };
    const refused = verdict.change === null || verdict.rejected.length > 0;
    wire.sendText(JSON.stringify(refused ? { t: "nack", ...answer, rejected: verdict.rejected } : { t: "ack", ...answer }));
  }

  #expire(cause: DecisionCause): void {
    this.#tell(this.#settle(cause));
  }

  /** Drops what has ended, puts every switch and policy in place, arms the timer for the next end. */
  #settle(cause: DecisionCause): SwitchChange[] {
    const { clock, switches, steered } = this.#parts;
    const now = clock.monoNow();
    this.held.expire(now);
    const changes = switches.settle(this.held, cause);
    steered.settle(this.held);
    this.#timer?.cancel();
    const next = this.held.nextEnd();
    this.#timer =
      next === null
        ? null
        : clock.after(Math.min(Math.max(1, Math.ceil(next - now)), LONGEST_TIMER_MS), () => {
            const before = this.held.digest;
            this.#expire("lease-expired");
            if (this.held.digest !== before) this.#parts.file?.save(this.held);
          });
    return changes;
  }

  #tell(changes: readonly SwitchChange[]): void {
    if (changes.length === 0) return;
    this.#parts.changed(changes);
    this.#parts.switches.announce(changes);
  }
}
