/** One policy transaction as it arrives: collected, judged at its commit, applied whole or not at all. */
import type { AgentDown, PolicyPut } from "../../../protocol/agent-down.ts";
import { switchBody } from "../../../protocol/policy.ts";
import { cleanText } from "../clean.ts";
import { heldItem, type Change, type HeldItem } from "./held-policy.ts";

type Intent = Extract<AgentDown, { t: "intent" }>;

/** Beyond this a transaction is refused whole: an agent never holds so much. */
const MAX_ITEMS = 2_000;

export interface Rejection {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

export interface Verdict {
  /** null: nothing of the transaction counts. */
  readonly change: Change | null;
  readonly rejected: readonly Rejection[];
}

/** Positions of a switch; null when it is not declared (yet). */
export type PositionsOf = (key: string) => readonly string[] | null;

export class Transaction {
  readonly txn: number;
  readonly #intent: Intent;
  readonly #startedAt: number;
  #puts: { readonly put: PolicyPut; readonly at: number }[] = [];
  #dels: string[] = [];
  #rejected: Rejection[] = [];
  #broken: string | null = null;

  /** @param startedAt monotonic time the first byte was handled. */
  constructor(intent: Intent, startedAt: number) {
    this.txn = intent.txn;
    this.#intent = intent;
    this.#startedAt = startedAt;
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  put(put: PolicyPut, now: number): void {
    if (this.#puts.length >= MAX_ITEMS) this.#broken = `more than ${MAX_ITEMS} items`;
    else this.#puts.push({ put, at: now });
  }

  del(id: string): void {
    if (this.#dels.length >= MAX_ITEMS) this.#broken = `more than ${MAX_ITEMS} removals`;
    else this.#dels.push(id);
  }

  /** An item that could not be read but has a usable id. */
  refuse(id: string, message: string): void {
    this.#rejected.push({ id, code: "malformed", message });
  }

  /** Something that cannot even be named was part of it: to apply the rest would be to guess. */
  breakOff(why: string): void {
    this.#broken = why;
  }

  /** Judges every item. `revision` is the commit's. */
  close(revision: number, positionsOf: PositionsOf): Verdict {
    if (this.#broken !== null) {
      const message = cleanText(`nothing was applied: ${this.#broken}`);
      return {
        change: null,
        rejected: this.#puts.slice(0, 500).map(({ put }) => ({ id: put.id, code: "malformed_transaction", message })),
      };
    }
    const puts: HeldItem[] = [];
    const rejected = [...this.#rejected];
    for (const { put, at } of this.#puts) {
      const judged = judge(put, positionsOf);
      if ("code" in judged) rejected.push(judged);
      else puts.push(heldItem(put, judged.position, at));
    }
    const change: Change = { mode: this.#intent.mode, revision, puts, keeps: rejected.map((item) => item.id), dels: this.#dels };
    return { change, rejected: rejected.slice(0, 500) };
  }
}

function judge(put: PolicyPut, positionsOf: PositionsOf): Rejection | { readonly position: string } {
  const refuse = (code: string, message: string): Rejection => ({ id: put.id, code, message: cleanText(message) });
  if (put.kind !== "switch") return refuse("unknown_kind", `this agent does not know policy of kind ${put.kind}`);
  const body = switchBody.safeParse(put.body);
  if (!body.success) return refuse("malformed", "a switch item must name a position and nothing else");
  const positions = positionsOf(put.key);
  if (positions !== null && !positions.includes(body.data.position)) {
    return refuse("unknown_position", `the switch ${put.key} has no position ${body.data.position}; it has ${positions.join(", ")}`);
  }
  return { position: body.data.position };
}
