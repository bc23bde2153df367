/** The audit log for `verify`: row by row in the order of the chain. */
import { AuditChain, rowOf } from "../store/audit-chain.ts";
import type { AuditPlace } from "../store/audit-entry.ts";
import { cellOf, type Row, type TableInfo } from "../store/transfer/table-source.ts";
import { UsageError } from "./command.ts";

const SAYING = {
  missing: "is missing",
  changed: "was changed after it was written",
  unlinked: "does not follow the entry before it, which was changed, or another was put in",
  replaced: "is not the one that was noted",
} as const;

/** `--head 1234:9f86...`: what the console, or an export, showed as the head. @throws UsageError */
export function notedHead(text: string | undefined): AuditPlace | null {
  if (text === undefined) return null;
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) throw new UsageError("--head is a sequence and a hash: 1234:9f86d0...");
  return { seq: Number(seq), hash };
}

export class AuditVerifier {
  readonly #chain = new AuditChain();
  readonly #noted: AuditPlace | null;
  #notedFits = false;

  constructor(noted: AuditPlace | null) {
    this.#noted = noted;
  }

  read(table: TableInfo, row: Row): void {
    const entry = rowOf((column) => cellOf(table, row, column));
    this.#chain.follow(entry);
    if (entry.id === this.#noted?.seq) this.#notedFits = entry.hash === this.#noted.hash;
  }

  /** What does not fit, for a person; empty when all does. */
  faults(): readonly string[] {
    const { fault, last } = this.#chain;
    if (fault) return [`audit entry ${fault.seq} ${SAYING[fault.what]}; it is the first that does not fit`];
    if (this.#noted === null || this.#notedFits) return [];
    const { seq } = this.#noted;
    return last.seq < seq
      ? [`audit entry ${last.seq + 1} ${SAYING.missing}: the log was cut off, for entry ${seq} was noted`]
      : [`audit entry ${seq} ${SAYING.replaced}`];
  }

  /** `1234:9f86...`, to be noted somewhere else. */
  head(): string {
    return `${this.#chain.last.seq}:${this.#chain.last.hash}`;
  }
}
