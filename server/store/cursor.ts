/** Cursors: the sort key of the last item given out, in base64url. Opaque to callers, checked when they come back. */
import { InvalidCursor } from "./store.ts";

/** Which list and order a cursor belongs to. */
export type CursorKind =
  | "log-asc"
  | "log-desc"
  | "time-asc"
  | "time-desc"
  | "flips"
  | "change-sets"
  | "tokens"
  | "incidents"
  | "audit-asc"
  | "audit-desc"
  | "sinks"
  | "deliveries";

export function encodeCursor(kind: CursorKind, key: readonly number[]): string {
  return Buffer.from(JSON.stringify([kind, ...key])).toString("base64url");
}

/** @throws InvalidCursor when it is not one of `length` numbers of this kind. */
export function decodeCursor(kind: CursorKind, cursor: string, length: number): readonly number[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    throw new InvalidCursor();
  }
  if (!Array.isArray(parts) || parts.length !== length + 1 || parts[0] !== kind) throw new InvalidCursor();
  const key: unknown[] = parts.slice(1);
  if (!key.every((part): part is number => typeof part === "number" && Number.isSafeInteger(part) && part >= 0)) throw new InvalidCursor();
  return key;
}

/** Cuts a list that was read with one item more than asked for. */
export function pageOf<T>(
  found: readonly T[],
  limit: number,
  cursorOf: (last: T) => string,
): { items: readonly T[]; nextCursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? cursorOf(last) : null };
}

const LIMIT_MAX = 500;

/** Whole and between 1 and 500, whatever was asked for. */
export const clampLimit = (limit: number): number => Math.min(LIMIT_MAX, Math.max(1, Math.trunc(limit) || 1));
