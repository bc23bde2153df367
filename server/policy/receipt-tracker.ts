import { covers } from "../../core/policy.ts";
import type { InstanceState } from "../../core/fleet.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { Flip, Receipt, ReceiptState } from "../store/store.ts";
import { instanceKey, type AgentIdentity, type PolicyChange, type PolicyFeed } from "./feed.ts";
import type { ReceiptBook } from "./receipt-book.ts";

export interface ReceiptTrackerOptions {
  readonly receipts: ReceiptBook;
  readonly fleet: Pick<LiveFleet, "fleet">;
  /** Whether an instance has what the flip is about. */
  readonly declares: (flip: Flip, instance: InstanceState) => boolean;
  readonly liveFlips: (environment: string) => readonly Flip[];
  /** Flips that ended a moment ago: acknowledgements may still be on their way. */
  readonly endedFlips: (environment: string) => readonly Flip[];
}

type Answer = Parameters<PolicyFeed["answered"]>[1];

/** What a connected agent has said of the policy it holds. */
interface Held {
  readonly revision: number;
  readonly at: number;
  readonly refused: ReadonlyMap<string, string>;
}

/**
 * Moves receipts: pending -> sent -> applied or refused; unknown when the link is lost on the way, and from there on again when the
 * agent comes back. Applied stays applied. An instance gets a receipt as soon as it is covered and declares the switch, however late.
 */
export class ReceiptTracker {
  readonly #options: ReceiptTrackerOptions;
  /** By environment and instance key, for agents that are connected. */
  readonly #held = new Map<string, Held>();
  readonly #committedAt = new Map<string, number>();

  constructor(options: ReceiptTrackerOptions) {
    this.#options = options;
  }

  committed(flipId: string, at: number): void {
    this.#committedAt.set(flipId, at);
    if (this.#committedAt.size > 1_000) for (const oldest of this.#committedAt.keys()) return void this.#committedAt.delete(oldest);
  }

  /** After a restart nobody is connected: what was on its way is unknown. */
  recalled(flip: Flip, at: number): void {
    for (const instance of this.#options.fleet.fleet(flip.environment).instances.values()) {
      const receipt = this.#options.receipts.get(flip.id, instance.key);
      if (receipt && isOpen(receipt.state)) this.#move(receipt, { state: "unknown", at, lastRevision: instance.policyRevision });
    }
  }

  sent(change: PolicyChange, keys: readonly string[], at: number): void {
    for (const item of change.puts)
      for (const key of keys) {
        const receipt = this.#options.receipts.get(item.id, key);
        if (receipt && (receipt.state === "pending" || receipt.state === "unknown"))
          this.#move(receipt, { state: "sent", at, lastRevision: null });
      }
  }

  answered(agent: AgentIdentity, answer: Answer): void {
    const key = instanceKey(agent);
    const id = `${agent.environment}\n${key}`;
    const whole = answer.appliedMs === null;
    const before = whole ? NONE_REFUSED : (this.#held.get(id)?.refused ?? NONE_REFUSED);
    const said = answer.rejected.map((item) => [item.id, item.message === "" ? item.code : item.message] as const);
    const refused = said.length === 0 ? before : new Map([...before, ...said]);
    this.#held.set(id, { revision: answer.revision, at: answer.at, refused });
    for (const flip of this.#options.liveFlips(agent.environment)) this.#settle(flip, key, answer.appliedMs);
    // What an agent holds now says nothing about a flip that is over, unless the answer is to a change from before its end.
    for (const flip of this.#options.endedFlips(agent.environment))
      if (!whole && answer.revision < (flip.endRevision ?? 0)) this.#settle(flip, key, answer.appliedMs);
  }

  /** An instance joined or declared: it may be in the scope of a flip that is older than it. */
  described(environment: string, key: string, at: number): void {
    const instance = this.#options.fleet.fleet(environment).instances.get(key);
    if (!instance) return;
    for (const flip of this.#options.liveFlips(environment)) {
      if (this.#options.receipts.get(flip.id, key) || !this.#isTarget(flip, key)) continue;
      this.#options.receipts.set(fresh(flip.id, key, { state: instance.connectedAt === null ? "unknown" : "pending", at }));
      this.#settle(flip, key, null);
    }
  }

  lost(agent: AgentIdentity, at: number): void {
    const key = instanceKey(agent);
    this.#held.delete(`${agent.environment}\n${key}`);
    const lastRevision = this.#options.fleet.fleet(agent.environment).instances.get(key)?.policyRevision ?? null;
    for (const flip of [...this.#options.liveFlips(agent.environment), ...this.#options.endedFlips(agent.environment)]) {
      const receipt = this.#options.receipts.get(flip.id, key);
      if (receipt && isOpen(receipt.state)) this.#move(receipt, { state: "unknown", at, lastRevision });
    }
  }

  /** Brings one receipt to what the agent has said. */
  #settle(flip: Flip, key: string, appliedMs: number | null): void {
    const held = this.#held.get(`${flip.environment}\n${key}`);
    if (!held || flip.revision > held.revision || !this.#isTarget(flip, key)) return;
    const receipt = this.#options.receipts.get(flip.id, key);
    const reason = held.refused.get(flip.id);
    const state = reason === undefined ? "applied" : "refused";
    if (receipt?.state === state || receipt?.state === "applied") return;
    const committedAt = this.#committedAt.get(flip.id) ?? flip.createdAt;
    const late = appliedMs === null && receipt?.state === "pending" && receipt.at > committedAt;
    this.#move(receipt ?? fresh(flip.id, key, { state: "pending", at: held.at }), {
      state,
      at: held.at,
      // An instance that was not there when the flip was made has no round trip to speak of.
      roundTripMs: receipt && !late ? Math.max(0, held.at - committedAt) : null,
      appliedMs: flip.revision === held.revision ? appliedMs : null,
      reason: reason ?? null,
      lastRevision: held.revision,
    });
  }

  #isTarget(flip: Flip, key: string): boolean {
    const instance = this.#options.fleet.fleet(flip.environment).instances.get(key);
    return instance !== undefined && covers(flip, instance) && this.#options.declares(flip, instance);
  }

  #move(receipt: Receipt, change: Partial<Receipt>): void {
    this.#options.receipts.set({ ...receipt, ...change });
  }
}

const NONE_REFUSED: ReadonlyMap<string, string> = new Map();

const isOpen = (state: ReceiptState): boolean => state === "pending" || state === "sent";

function fresh(flipId: string, instanceKey: string, now: { readonly state: ReceiptState; readonly at: number }): Receipt {
  return { flipId, instanceKey, ...now, roundTripMs: null, appliedMs: null, reason: null, lastRevision: null };
}
