/** What is different between the before and after of an entry, line by line. */
import type { AuditEntry } from "../../../protocol/audit-api.ts";

export interface DifferenceLine {
  /** `scope.service` */
  readonly path: string;
  /** Null: it was not there. */
  readonly before: string | null;
  readonly after: string | null;
  readonly changed: boolean;
}

type Details = AuditEntry["before"];

/** Nested objects are told by their paths, lists and plain values as they are. Changed lines first, each group in the order it was written. */
export function differenceOf(before: Details, after: Details): readonly DifferenceLine[] {
  const [was, is] = [flat(before), flat(after)];
  const paths = [...new Set([...was.keys(), ...is.keys()])];
  const lines = paths.map((path) => {
    const [old, now] = [was.get(path) ?? null, is.get(path) ?? null];
    return { path, before: old, after: now, changed: old !== now };
  });
  return [...lines.filter(({ changed }) => changed), ...lines.filter(({ changed }) => !changed)];
}

function flat(details: Details, prefix = "", into = new Map<string, string>()): Map<string, string> {
  for (const [name, value] of Object.entries(details ?? {})) {
    const path = prefix + name;
    if (isObject(value) && Object.keys(value).length > 0) flat(value, `${path}.`, into);
    else into.set(path, typeof value === "string" ? value : timeOr(name, value));
  }
  return into;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** `expiresAt` and its like are times. */
function timeOr(name: string, value: unknown): string {
  if (typeof value === "number" && /At$|^at$/.test(name) && value > 0 && value <= 8.64e15)
    return `${new Date(value).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  if (value === null) return "none";
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value.join(", ") : JSON.stringify(value);
}
