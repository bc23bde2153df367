/**
 * Several changes as one: previewed together, made or refused together in one transaction, undone together. Each of them stays a change
 * of its own, with its revision, scope, lease and receipts, so agents and the switchboard know nothing new.
 */
import { subjectId } from "../../core/policy.ts";
import { ApiError } from "../errors.ts";
import { AlreadyOver, type ChangeSet, type ChangeSetDone, type FlipCreation, type FlipDone, type FlipEnd } from "../store/change-set.ts";
import { RevisionConflict, type Flip, type FlipScope, type Store } from "../store/store.ts";
import type { ReceiptBook } from "./receipt-book.ts";
import type { ChangeOrder, Ending } from "./change-order.ts";

export interface ChangeSetOrder {
  readonly environment: string;
  /** What it is, in some words: "As it was at 14:02". */
  readonly title: string;
  readonly reason: string;
  readonly author: string;
  readonly orders: readonly Omit<ChangeOrder, "environment" | "reason" | "author">[];
  /** Ids of changes in force that are to end. */
  readonly ends: readonly string[];
}

/** A change that an undo did not bring back, and why. */
export interface LeftOut {
  readonly flip: Flip;
  readonly why: string;
}

export interface ChangeSetParts {
  readonly store: Pick<Store, "applyChangeSet" | "getChangeSet" | "getFlip">;
  readonly receipts: Pick<ReceiptBook, "list">;
  readonly inTurn: <T>(environment: string, work: () => Promise<T>) => Promise<T>;
  readonly prepare: (order: ChangeOrder) => Promise<FlipCreation>;
  readonly ending: (flip: Flip, how: Ending) => FlipEnd;
  readonly isMade: (creation: FlipCreation, done: FlipDone) => void;
  readonly hasEnded: (done: FlipDone) => void;
  /** Of an environment, in force. */
  readonly flips: (environment: string) => readonly Flip[];
  readonly revision: (flip: Flip) => Promise<number>;
  /** The next end may be another one now. */
  readonly arm: () => void;
  readonly now: () => number;
  readonly newId: () => string;
}

/** A lease shorter than this is not worth making anew. */
const LEASE_LEAST_MS = 5_000;

export class ChangeSets {
  readonly #parts: ChangeSetParts;

  constructor(parts: ChangeSetParts) {
    this.#parts = parts;
  }

  /** @throws ApiError what any of its changes alone would throw; flip_unknown, flip_ended: nothing was changed then */
  apply(order: ChangeSetOrder): Promise<ChangeSetDone> {
    return this.#parts.inTurn(order.environment, () => this.#apply(order, null));
  }

  /**
   * Ends what the set made, where it is still in force, and makes again what it ended, as long as its lease would have lasted. What somebody
   * changed since, and drills, are left as they are.
   * @throws ApiError change_set_unknown, change_set_undone
   */
  async undo(
    id: string,
    by: { readonly actor: string; readonly reason: string },
  ): Promise<ChangeSetDone & { readonly left: readonly LeftOut[] }> {
    const set = await this.#parts.store.getChangeSet(id);
    if (!set) throw new ApiError("change_set_unknown");
    return this.#parts.inTurn(set.environment, async () => {
      const live = new Set(this.#parts.flips(set.environment).map((flip) => flip.id));
      const { orders, left } = await this.#bringBack(set);
      const done = await this.#apply(
        {
          environment: set.environment,
          title: `Undo: ${set.title}`.slice(0, 120),
          reason: by.reason,
          author: by.actor,
          orders,
          ends: set.made.filter((flipId) => live.has(flipId)),
        },
        id,
      );
      return { ...done, left };
    });
  }

  async #apply(order: ChangeSetOrder, undoes: string | null): Promise<ChangeSetDone> {
    const { store, prepare, ending, now, newId } = this.#parts;
    const { environment, title, reason, author } = order;
    const live = new Map(this.#parts.flips(environment).map((flip) => [flip.id, flip]));
    const touched = new Set<string>();
    const creations: FlipCreation[] = [];
    for (const one of order.orders) {
      const creation = await prepare({ ...one, environment, reason, author });
      // What this set itself did before is not a change that somebody made meanwhile.
      const first = !touched.has(subjectId(creation.flip));
      touched.add(subjectId(creation.flip));
      creations.push(first ? creation : { ...creation, expectedRevision: undefined });
    }
    const ends: FlipEnd[] = [];
    for (const id of new Set(order.ends)) {
      const flip = live.get(id);
      if (!flip) throw new ApiError((await store.getFlip(id)) ? "flip_ended" : "flip_unknown");
      ends.push(ending(flip, { status: "reverted", actor: author, reason }));
    }
    const set = { id: newId(), environment, title, reason, author, createdAt: now() };
    const done = await this.#write({ set, ends, creations, undoes });
    for (const [i, made] of done.made.entries()) this.#parts.isMade(creations[i] as FlipCreation, made);
    for (const end of done.ended) this.#parts.hasEnded(end);
    this.#parts.arm();
    return done;
  }

  async #write(write: Parameters<Store["applyChangeSet"]>[0]): Promise<ChangeSetDone> {
    try {
      return await this.#parts.store.applyChangeSet(write);
    } catch (error) {
      if (error instanceof AlreadyOver) throw new ApiError(error.what === "set" ? "change_set_undone" : "flip_ended");
      if (error instanceof RevisionConflict) throw new ApiError("revision_conflict", { conflict: { current: error.current, flips: [] } });
      throw error;
    }
  }

  async #bringBack(set: ChangeSet): Promise<{ readonly orders: ChangeSetOrder["orders"]; readonly left: readonly LeftOut[] }> {
    const { store, now, revision } = this.#parts;
    const flips = async (ids: readonly string[]): Promise<Flip[]> =>
      (await Promise.all(ids.map((id) => store.getFlip(id)))).filter((flip): flip is Flip => flip !== null);
    const [made, ended] = [await flips(set.made), await flips(set.ended)];
    const own = new Map<string, number>();
    for (const flip of made) own.set(subjectId(flip), Math.max(flip.revision, own.get(subjectId(flip)) ?? 0));
    for (const flip of ended) own.set(subjectId(flip), Math.max(flip.endRevision ?? 0, own.get(subjectId(flip)) ?? 0));
    const orders: ChangeSetOrder["orders"][number][] = [];
    const left: LeftOut[] = [];
    for (const flip of ended) {
      const leftMs = flip.expiresAt === null ? Infinity : flip.expiresAt - now();
      if (flip.kind === "fault" || flip.purpose === "drill") left.push({ flip, why: "a drill is not begun again" });
      else if (leftMs < LEASE_LEAST_MS) left.push({ flip, why: "its time would be over by now" });
      else if ((await revision(flip)) > (own.get(subjectId(flip)) ?? 0)) left.push({ flip, why: "somebody changed it since" });
      else {
        const { kind, key, policy, body } = flip;
        const expiresInSeconds = flip.expiresAt === null ? null : Math.round(leftMs / 1_000);
        orders.push({
          decision: { kind, key, policy, body } as ChangeOrder["decision"],
          scope: await this.#sameScope(flip),
          expiresInSeconds,
          purpose: flip.purpose,
        });
      }
    }
    // As they lay on each other: the oldest first.
    return { orders, left };
  }

  /** A share of the instances hangs on the id of the change: under another id they are named. */
  async #sameScope({ id, scope }: Flip): Promise<FlipScope> {
    if (scope.percentage === undefined || scope.percentage === 100) return scope;
    return { instances: (await this.#parts.receipts.list(id)).map(({ instanceKey }) => instanceKey) };
  }
}
