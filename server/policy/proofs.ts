/** When each switch was last proven to work: the newest change to a position that degrades, which every live instance it was for applied. */
import type { KnownSwitch, Receipt, Store } from "../store/store.ts";
import type { ChangeHistory } from "./change-history.ts";
import type { ReceiptBook } from "./receipt-book.ts";

export interface Proof {
  /** Of the last acknowledgement. */
  readonly at: number;
  readonly flipId: string;
  readonly drill: boolean;
}

export interface ProofParts {
  readonly store: Pick<Store, "listFlips">;
  readonly receipts: Pick<ReceiptBook, "has" | "list">;
  readonly history: Pick<ChangeHistory, "revision">;
}

const PAGE = 50;

/** Reads from the newest change back to the first that proves it; what cannot change any more is read once. */
export class Proofs {
  readonly #parts: ProofParts;
  readonly #known = new Map<string, { readonly revision: number; readonly proof: Proof | null }>();

  constructor(parts: ProofParts) {
    this.#parts = parts;
  }

  async last({ environment, key, positions }: Pick<KnownSwitch, "environment" | "key" | "positions">): Promise<Proof | null> {
    const subject = { kind: "switch", key, policy: null } as const;
    const id = `${environment}\n${key}`;
    const revision = await this.#parts.history.revision(environment, subject);
    const known = this.#known.get(id);
    if (known?.revision === revision) return known.proof;
    let settled = true;
    let proof: Proof | null = null;
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await this.#parts.store.listFlips({
        ...{ environment, subject, limit: PAGE },
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const flip of items) {
        if (flip.kind !== "switch" || flip.body.position === positions[0]) continue;
        // Acknowledgements of it may still come.
        if (this.#parts.receipts.has(flip.id)) settled = false;
        const at = provenAt(await this.#parts.receipts.list(flip.id));
        if (at === null) continue;
        proof = { at, flipId: flip.id, drill: flip.purpose === "drill" };
        break;
      }
      cursor = proof === null ? (nextCursor ?? undefined) : undefined;
    } while (cursor !== undefined);
    if (settled) this.#known.set(id, { revision, proof });
    return proof;
  }
}

/** Somebody applied it, nobody refused it, and whoever did not answer was away. Null otherwise. */
export function provenAt(receipts: readonly Pick<Receipt, "state" | "at">[]): number | null {
  const applied = receipts.filter(({ state }) => state === "applied");
  if (applied.length === 0 || receipts.some(({ state }) => state !== "applied" && state !== "unknown")) return null;
  return Math.max(...applied.map(({ at }) => at));
}
