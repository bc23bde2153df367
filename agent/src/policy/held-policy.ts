/** The policy an agent holds: pure state, times by the monotonic clock. */
import { policyDigest } from "../../../protocol/digest.ts";
import type { FaultBody, OverrideBody, SettingsBody, SwitchBody } from "../../../protocol/policy.ts";

interface Bodies {
  switch: SwitchBody;
  settings: SettingsBody;
  override: OverrideBody;
  fault: FaultBody;
}

export type HeldItem = {
  [K in keyof Bodies]: {
    readonly id: string;
    readonly kind: K;
    /** Of a switch, or the name of a policy. */
    readonly key: string;
    readonly revision: number;
    readonly body: Bodies[K];
    /** Monotonic end of the lease; null has none. */
    endsAt: number | null;
  };
}[keyof Bodies];

export interface Change {
  readonly mode: "full" | "delta" | "none";
  readonly revision: number;
  readonly puts: readonly HeldItem[];
  /** Items of a full transaction that were refused: what was held under their id stays. */
  readonly keeps: readonly string[];
  readonly dels: readonly string[];
}

export class HeldPolicy {
  /** Last revision applied. */
  revision = 0;
  /** A policy was applied, or read from the file: from now on the first position is the default, not the safe one. */
  known = false;
  #items: ReadonlyMap<string, HeldItem> = new Map();

  get digest(): number {
    return policyDigest(this.#items.values());
  }

  items(): IterableIterator<HeldItem> {
    return this.#items.values();
  }

  revisionOf(id: string): number | undefined {
    return this.#items.get(id)?.revision;
  }

  /** What would be held after a change. */
  after(change: Change): ReadonlyMap<string, HeldItem> {
    const items = new Map(change.mode === "full" ? [] : this.#items);
    for (const id of change.keeps) {
      const held = this.#items.get(id);
      if (held !== undefined) items.set(id, held);
    }
    for (const id of change.dels) items.delete(id);
    for (const item of change.puts) items.set(item.id, item);
    return items;
  }

  apply(change: Change): void {
    this.#take(change.revision, this.after(change));
  }

  /** Takes what a file kept. */
  restore(revision: number, items: readonly HeldItem[]): void {
    this.#take(revision, new Map(items.map((item) => [item.id, item])));
  }

  /** Sets the time left of an item held. */
  renew(id: string, endsAt: number | null): void {
    const item = this.#items.get(id);
    if (item !== undefined) item.endsAt = endsAt;
  }

  /** Removes what has ended. */
  expire(now: number): void {
    this.#items = new Map([...this.#items].filter(([, item]) => item.endsAt === null || item.endsAt > now));
  }

  /** Monotonic time of the next end; null when none is due. */
  nextEnd(): number | null {
    let next: number | null = null;
    for (const { endsAt } of this.#items.values()) if (endsAt !== null && (next === null || endsAt < next)) next = endsAt;
    return next;
  }

  #take(revision: number, items: ReadonlyMap<string, HeldItem>): void {
    this.#items = items;
    this.revision = revision;
    this.known = true;
  }
}
