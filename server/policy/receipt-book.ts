import type { Clock, Timer } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Receipt, ReceiptState, Store } from "../store/store.ts";

export type ReceiptCounts = { readonly targeted: number } & Readonly<Record<ReceiptState, number>>;

export interface ReceiptBookOptions {
  readonly store: Pick<Store, "saveReceipts" | "listReceipts">;
  readonly clock: Clock;
  readonly log: Pick<Log, "error">;
  /** Receipts of this flip changed; called for each change, so the listener conflates. */
  readonly changed: (flipId: string) => void;
}

const FLUSH_MS = 100;
const RETRY_MS = 1_000;
/** A thousand agents answer at once; one statement carries them all, and longer ones would only hold up other writes. */
const FLUSH_MOST = 2_000;
/** Ended flips whose receipts stay in memory. */
export const ENDED_KEPT = 64;

/**
 * Receipts of the flips in force, in memory first: agents answer at once and in thousands, the database follows in batches and may be
 * down meanwhile. Flips that ended stay readable here for a while, for acknowledgements that were on their way.
 */
export class ReceiptBook {
  readonly #options: ReceiptBookOptions;
  readonly #flips = new Map<string, Map<string, Receipt>>();
  readonly #ended: string[] = [];
  /** What waits to be written, by flip and instance. */
  readonly #dirty = new Map<string, Map<string, Receipt>>();
  #timer: Timer | null = null;
  #saving: Promise<void> | null = null;

  constructor(options: ReceiptBookOptions) {
    this.#options = options;
  }

  /** Takes receipts that are in the store already. */
  open(flipId: string, receipts: readonly Receipt[]): void {
    this.#flips.set(flipId, new Map(receipts.map((receipt) => [receipt.instanceKey, receipt])));
  }

  has(flipId: string): boolean {
    return this.#flips.has(flipId);
  }

  get(flipId: string, key: string): Receipt | null {
    return this.#flips.get(flipId)?.get(key) ?? null;
  }

  /** Changes or makes a receipt of an open flip. */
  set(receipt: Receipt): void {
    const receipts = this.#flips.get(receipt.flipId);
    if (!receipts) return;
    receipts.set(receipt.instanceKey, receipt);
    this.#dirtyOf(receipt.flipId).set(receipt.instanceKey, receipt);
    this.#schedule(FLUSH_MS);
    this.#options.changed(receipt.flipId);
  }

  /** Keeps the flip readable a while longer, then lets it go. */
  ended(flipId: string): void {
    this.#ended.push(flipId);
    while (this.#ended.length > ENDED_KEPT) this.#flips.delete(this.#ended.shift() ?? "");
  }

  /** By instance key. From memory for flips in force, from the store for old ones. */
  async list(flipId: string): Promise<readonly Receipt[]> {
    const receipts = this.#flips.get(flipId);
    if (!receipts) return this.#options.store.listReceipts(flipId);
    return [...receipts.values()].sort((a, b) => (a.instanceKey < b.instanceKey ? -1 : 1));
  }

  async counts(flipId: string): Promise<ReceiptCounts> {
    const counts = { targeted: 0, pending: 0, sent: 0, applied: 0, refused: 0, unknown: 0 };
    for (const receipt of this.#flips.get(flipId)?.values() ?? (await this.#options.store.listReceipts(flipId))) {
      counts.targeted++;
      counts[receipt.state]++;
    }
    return counts;
  }

  /** Writes everything that waits; gives up on the first failure. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    while (this.#saving) await this.#saving;
    while (this.#dirty.size > 0) if (!(await this.#save())) return;
  }

  #schedule(ms: number): void {
    if (this.#timer || this.#saving) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = null;
      this.#saving = this.#run().finally(() => {
        this.#saving = null;
        if (this.#dirty.size > 0) this.#schedule(RETRY_MS);
      });
    }, ms);
  }

  async #run(): Promise<void> {
    while (this.#dirty.size > 0) if (!(await this.#save())) return;
  }

  #dirtyOf(flipId: string): Map<string, Receipt> {
    let dirty = this.#dirty.get(flipId);
    if (!dirty) this.#dirty.set(flipId, (dirty = new Map<string, Receipt>()));
    return dirty;
  }

  #takeDirty(): Receipt[] {
    const batch: Receipt[] = [];
    for (const [flipId, dirty] of this.#dirty) {
      for (const [key, receipt] of dirty) {
        if (batch.length >= FLUSH_MOST) return batch;
        batch.push(receipt);
        dirty.delete(key);
      }
      this.#dirty.delete(flipId);
    }
    return batch;
  }

  async #save(): Promise<boolean> {
    const batch = this.#takeDirty();
    try {
      await this.#options.store.saveReceipts(batch);
      return true;
    } catch (error) {
      for (const receipt of batch) {
        const dirty = this.#dirtyOf(receipt.flipId);
        // What changed meanwhile is newer than what could not be written.
        if (!dirty.has(receipt.instanceKey)) dirty.set(receipt.instanceKey, receipt);
      }
      this.#options.log.error({ err: error, count: batch.length }, "receipts could not be saved; will be tried again");
      return false;
    }
  }
}
