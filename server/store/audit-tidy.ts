/** The last gate before the audit log: no secrets, no endless texts, nothing that a database would store differently than it was hashed. */
import type { AuditDetails, NewAuditEntry } from "./audit-entry.ts";

const NAME_CHARS = 300;
const REASON_CHARS = 1_000;
const DETAILS_CHARS = 4_000;
const DEPTH = 6;
/** Our tokens: what follows the readable start is the secret. */
const TOKEN = /(hf[a-z]_[0-9A-Za-z]{8})[0-9A-Za-z]{8,}/g;
const BEARER = /\b(bearer|basic) +[^\s,;"']{8,}/gi;
const COOKIE = /\b((?:__Host-)?holdfast)=[^\s;"']+/g;
const SECRET_NAME = /pass(?:word|phrase|wd)|secret|cookie|authorization|credential|^(?:api|access|auth|bearer)?_?-?token$/i;
const CUT = "[cut]";

/** PostgreSQL refuses NUL and halves of characters; both databases then hold the same. */
function words(text: string, most: number): string {
  const safe = Buffer.from(text, "utf8").toString("utf8").replaceAll("\0", "\ufffd");
  const said = safe.replace(TOKEN, "$1…").replace(BEARER, `$1 ${CUT}`).replace(COOKIE, `$1=${CUT}`);
  return said.length > most ? `${Buffer.from(said.slice(0, most - 1), "utf8").toString("utf8")}…` : said;
}

function value(found: unknown, depth: number): unknown {
  if (typeof found === "string") return words(found, REASON_CHARS);
  if (typeof found !== "object" || found === null) return typeof found === "bigint" ? String(found) : found;
  if (depth >= DEPTH) return CUT;
  if (Array.isArray(found)) return found.map((item) => value(item, depth + 1));
  return Object.fromEntries(
    Object.entries(found).map(([name, item]) => [words(name, NAME_CHARS), SECRET_NAME.test(name) ? CUT : value(item, depth + 1)]),
  );
}

function details(found: AuditDetails | null): AuditDetails | null {
  if (found === null) return null;
  const told = value(found, 0) as AuditDetails;
  const text = JSON.stringify(told);
  return text.length > DETAILS_CHARS ? { cut: words(text, DETAILS_CHARS / 2) } : told;
}

export function tidyEntry(entry: NewAuditEntry): NewAuditEntry {
  const name = <T extends string | null>(text: T): T => (text === null ? text : (words(text, NAME_CHARS) as T));
  const { actor, target } = entry;
  return {
    ...entry,
    at: Math.round(entry.at),
    actor: { kind: actor.kind, id: name(actor.id), name: name(actor.name) },
    role: name(entry.role),
    address: name(entry.address),
    requestId: name(entry.requestId),
    target: { environment: name(target.environment), service: name(target.service), thing: name(target.thing) },
    before: details(entry.before),
    after: details(entry.after),
    reason: entry.reason === null ? null : words(entry.reason, REASON_CHARS),
    flipId: name(entry.flipId),
    code: name(entry.code),
  };
}
