/** One policy transaction as it arrives: collected, judged at its commit, applied whole or not at all. */
import type { AgentDown, PolicyPut } from "../../../protocol/agent-down.ts";
import { cleanText } from "../clean.ts";
import { fits } from "../link/fits.ts";
import { faultBody, overrideBody, settingsBody, switchBody } from "../link/wire-shapes.ts";
import type { Change, HeldItem, HeldPolicy } from "./held-policy.ts";

type Intent = Extract<AgentDown, { t: "intent" }>;

/** Beyond this a transaction is refused whole: an agent never holds so much. */
const MAX_ITEMS = 2_000;
/** Refusals named in one answer. */
const MAX_REJECTED = 500;

const BODIES = { switch: switchBody, settings: settingsBody, override: overrideBody, fault: faultBody };

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

export type Problem = readonly [code: string, message: string];

/** What this process has for policy to steer. */
export interface Judge {
  /** Why an item cannot be, whatever else is held; null when it can. */
  problem(item: HeldItem): Problem | null;
  /** Why items cannot be with what is beneath them, by id. */
  clashes(items: Iterable<HeldItem>): ReadonlyMap<string, Problem>;
}

export class Transaction {
  readonly txn: number;
  /** Monotonic time the first byte was handled. */
  readonly startedAt: number;
  readonly #intent: Intent;
  #puts: { readonly put: PolicyPut; readonly at: number }[] = [];
  #dels: string[] = [];
  #unread: Rejection[] = [];
  #broken: string | null = null;

  constructor(intent: Intent, startedAt: number) {
    this.txn = intent.txn;
    this.startedAt = startedAt;
    this.#intent = intent;
  }

  put(put: PolicyPut, now: number): void {
    if (this.#puts.length >= MAX_ITEMS) this.breakOff(`more than ${MAX_ITEMS} items`);
    else this.#puts.push({ put, at: now });
  }

  del(id: string): void {
    if (this.#dels.length >= MAX_ITEMS) this.breakOff(`more than ${MAX_ITEMS} removals`);
    else this.#dels.push(id);
  }

  /** An item that could not be read but has a usable id. */
  refuse(id: string, message: string): void {
    if (this.#unread.length >= MAX_ITEMS) this.breakOff(`more than ${MAX_ITEMS} unreadable items`);
    else this.#unread.push({ id, code: "malformed", message });
  }

  /** Something that cannot even be named was part of it: to apply the rest would be to guess. */
  breakOff(why: string): void {
    this.#broken = why;
  }

  /** Judges every item. `revision` is the commit's. */
  close(revision: number, held: HeldPolicy, judge: Judge): Verdict {
    if (this.#broken !== null) {
      const message = cleanText(`nothing was applied: ${this.#broken}`);
      const rejected = this.#puts.map(({ put }) => ({ id: put.id, code: "malformed_transaction", message }));
      return { change: null, rejected: rejected.slice(0, MAX_REJECTED) };
    }
    const rejected = [...this.#unread];
    const keeps = rejected.map(({ id }) => id);
    const refuse = ({ id, revision: of }: PolicyPut | HeldItem, [code, message]: Problem): void => {
      rejected.push({ id, code, message: cleanText(message) });
      // The very item that is held, and cannot be any more, is not the last good one.
      if (held.revisionOf(id) !== of) keeps.push(id);
    };
    let puts: HeldItem[] = [];
    for (const { put, at } of this.#puts) {
      const item = read(put, at);
      if (!("id" in item)) {
        refuse(put, item);
        continue;
      }
      const problem = judge.problem(item);
      if (problem === null) puts.push(item);
      else refuse(put, problem);
    }
    const change = (): Change => ({ mode: this.#intent.mode, revision, puts, keeps, dels: this.#dels });
    const clashes = judge.clashes(held.after(change()).values());
    puts = puts.filter((item) => {
      const problem = clashes.get(item.id);
      if (problem !== undefined) refuse(item, problem);
      return problem === undefined;
    });
    return { change: change(), rejected: rejected.slice(0, MAX_REJECTED) };
  }
}

function read({ id, kind, key, revision, leaseMs, body }: PolicyPut, now: number): HeldItem | Problem {
  if (!Object.hasOwn(BODIES, kind)) return ["unknown_kind", `this agent does not know policy of kind ${kind}`];
  if (!fits(BODIES[kind as HeldItem["kind"]], body)) return ["malformed", `the body is not that of ${kind}`];
  return { id, kind, key, revision, body, endsAt: leaseMs === null ? null : now + leaseMs } as unknown as HeldItem;
}
