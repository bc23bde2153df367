/** The policy an agent holds: pure state, times by the monotonic clock. */
import type { PolicyPut } from "../../../protocol/agent-down.ts";
import { policyDigest } from "../../../protocol/policy.ts";

export interface HeldItem {
  readonly id: string;
  readonly key: string;
  readonly revision: number;
  readonly position: string;
  /** Monotonic end of the lease; null has none. */
  endsAt: number | null;
}

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
  #items = new Map<string, HeldItem>();

  get digest(): number {
    return policyDigest(this.#items.values());
  }

  items(): IterableIterator<HeldItem> {
    return this.#items.values();
  }

  apply(change: Change): void {
    const items = new Map(change.mode === "full" ? [] : this.#items);
    for (const id of change.keeps) {
      const held = this.#items.get(id);
      if (held !== undefined) items.set(id, held);
    }
    for (const id of change.dels) items.delete(id);
    for (const item of change.puts) items.set(item.id, item);
    this.#items = items;
    this.revision = change.revision;
    this.known = true;
  }

  /** Takes what a file kept. */
  restore(revision: number, items: readonly HeldItem[]): void {
    this.#items = new Map(items.map((item) => [item.id, item]));
    this.revision = revision;
    this.known = true;
  }

  /** Sets the time left of an item; false when it is not held. */
  renew(id: string, endsAt: number | null): boolean {
    const item = this.#items.get(id);
    if (item !== undefined) item.endsAt = endsAt;
    return item !== undefined;
  }

  /** Removes what has ended; true when something did. */
  expire(now: number): boolean {
    const before = this.#items.size;
    for (const item of this.#items.values()) if (item.endsAt !== null && item.endsAt <= now) this.#items.delete(item.id);
    return this.#items.size < before;
  }

  /** Monotonic time of the next end; null when none is due. */
  nextEnd(): number | null {
    let next: number | null = null;
    for (const item of this.#items.values()) if (item.endsAt !== null && (next === null || item.endsAt < next)) next = item.endsAt;
    return next;
  }

  /** The item that decides for a key: the highest revision among those whose position the switch has. */
  deciding(key: string, positions: readonly string[]): HeldItem | null {
    let best: HeldItem | null = null;
    for (const item of this.#items.values()) {
      if (item.key === key && positions.includes(item.position) && (best === null || item.revision > best.revision)) best = item;
    }
    return best;
  }
}

/** An item from its message; `position` was validated by the caller. */
export function heldItem(put: PolicyPut, position: string, now: number): HeldItem {
  return { id: put.id, key: put.key, revision: put.revision, position, endsAt: put.leaseMs === null ? null : now + put.leaseMs };
}
