/** The chain of hashes over the audit log: what exactly is hashed, and what does not fit. Pure. */
import { createHash } from "node:crypto";
import { AUDIT_GENESIS } from "../../protocol/audit.ts";
import type { AuditDetails, AuditEntry, AuditFault, AuditPlace, NewAuditEntry } from "./audit-entry.ts";

/** An entry as its row has it: flat, with JSON as text. */
export interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly actorName: string;
  readonly role: string | null;
  readonly source: string;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly action: string;
  readonly environment: string | null;
  readonly service: string | null;
  readonly thing: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly reason: string | null;
  readonly incident: number | null;
  readonly flipId: string | null;
  readonly outcome: string;
  readonly code: string | null;
  readonly previous: string;
  readonly hash: string;
}

/** Columns in the order in which they are hashed; the hash itself is the last column and not among them. */
export const HASHED = [
  "id",
  "at",
  "actorKind",
  "actorId",
  "actorName",
  "role",
  "source",
  "address",
  "requestId",
  "action",
  "environment",
  "service",
  "thing",
  "before",
  "after",
  "reason",
  "incident",
  "flipId",
  "outcome",
  "code",
  "previous",
] as const satisfies readonly (keyof AuditRow)[];
const WHOLE: ReadonlySet<string> = new Set(["id", "at", "incident"]);
const FORM = "holdfast-audit-1";

/** SHA-256, hex, over the UTF-8 of a JSON array: the name of the form, then the columns. */
export function hashOf(row: Omit<AuditRow, "hash">): string {
  return createHash("sha256")
    .update(JSON.stringify([FORM, ...HASHED.map((column) => row[column])]))
    .digest("hex");
}

/** Puts an entry behind a place. */
export function chained(entry: NewAuditEntry, place: AuditPlace): AuditRow {
  const { actor, target, before, after: result, ...rest } = entry;
  const row = {
    ...rest,
    ...target,
    id: place.seq + 1,
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    before: before && JSON.stringify(before),
    after: result && JSON.stringify(result),
    previous: place.hash,
  };
  return { ...row, hash: hashOf(row) };
}

/** A row however a driver gives it: with long numbers, or with numbers as text. */
export function rowOf(cell: (column: keyof AuditRow) => unknown): AuditRow {
  const value = (column: keyof AuditRow): unknown => {
    const found = cell(column);
    if (found === null || found === undefined) return null;
    return WHOLE.has(column) ? Number(found) : found;
  };
  return Object.fromEntries([...HASHED, "hash" as const].map((column) => [column, value(column)])) as unknown as AuditRow;
}

export function entryOf(row: AuditRow): AuditEntry {
  const { id, actorKind, actorId, actorName, environment, service, thing, before, after, ...rest } = row;
  return {
    ...rest,
    seq: id,
    actor: { kind: actorKind, id: actorId, name: actorName },
    target: { environment, service, thing },
    before: detailsOf(before),
    after: detailsOf(after),
  } as AuditEntry;
}

/** Somebody may have written there what is no JSON: it is shown, and `verify` finds it. */
function detailsOf(text: string | null): AuditDetails | null {
  if (text === null) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed as AuditDetails;
  } catch {
    // Said below.
  }
  return { unreadable: text.slice(0, 200) };
}

export const BEGINNING: AuditPlace = { seq: 0, hash: AUDIT_GENESIS };

/** Follows the chain, entry by entry in ascending order, up to the first that does not fit. */
export class AuditChain {
  #last: AuditPlace;
  #fault: AuditFault | null = null;

  constructor(after: AuditPlace = BEGINNING) {
    this.#last = after;
  }

  /** The last entry that fits. */
  get last(): AuditPlace {
    return this.#last;
  }
  get fault(): AuditFault | null {
    return this.#fault;
  }

  /** False: it does not fit, or one before it did not. */
  follow(row: AuditRow): boolean {
    if (this.#fault) return false;
    const seq = this.#last.seq + 1;
    if (row.id !== seq) this.#fault = { seq, what: "missing" };
    else if (row.hash !== hashOf(row)) this.#fault = { seq, what: "changed" };
    else if (row.previous !== this.#last.hash) this.#fault = { seq, what: "unlinked" };
    else this.#last = { seq, hash: row.hash };
    return this.#fault === null;
  }
}
