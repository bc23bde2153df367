/** Makes what the host passes fit to travel. Names are refused, not changed; texts inside data are cleaned. */
import { LIMITS } from "../../protocol/limits.ts";
import { FORBIDDEN_TEXT, isName } from "../../protocol/text.ts";
import type { Data, Scalar } from "./types.ts";

const MAX_KEYS = 32;

/** Text without control or direction marks, at most `chars` long. */
export function cleanText(text: string, chars: number = LIMITS.textChars): string {
  const short = text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
  return short.replace(FORBIDDEN_TEXT, " ");
}

/** A bag of scalars that the wire accepts: at most 32 keys and 4 kB; what does not fit is left out. */
export function cleanData(data: unknown): Record<string, Scalar> {
  const clean: Record<string, Scalar> = {};
  if (typeof data !== "object" || data === null) return clean;
  let bytes = 2;
  let keys = 0;
  for (const [key, value] of Object.entries(data as Data)) {
    const scalar = cleanScalar(value);
    if (scalar === undefined || !isName(key) || key === "__proto__") continue;
    bytes += JSON.stringify(key).length + JSON.stringify(scalar).length + 2;
    if (bytes > LIMITS.eventDataBytes || ++keys > MAX_KEYS) break;
    clean[key] = scalar;
  }
  return clean;
}

function cleanScalar(value: unknown): Scalar | undefined {
  if (typeof value === "string") return cleanText(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return typeof value === "boolean" || value === null ? value : undefined;
}

/** A short clean text for the log, of whatever a host passed where a name belongs. */
export function shown(value: unknown): string {
  try {
    return cleanText(String(value), LIMITS.nameChars);
  } catch {
    return "(no name)";
  }
}

/** A name the wire accepts, or undefined. */
export function nameOrNothing(value: unknown): string | undefined {
  return typeof value === "string" && isName(value) ? value : undefined;
}
