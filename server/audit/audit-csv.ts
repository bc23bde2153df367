/** The audit log as CSV (RFC 4180), safe to open in a spreadsheet. */
import type { AuditEntry } from "../store/audit-entry.ts";

const COLUMNS: Readonly<Record<string, (entry: AuditEntry) => unknown>> = {
  sequence: ({ seq }) => seq,
  time: ({ at }) => new Date(at).toISOString(),
  actor_kind: ({ actor }) => actor.kind,
  actor_id: ({ actor }) => actor.id,
  actor: ({ actor }) => actor.name,
  role: ({ role }) => role,
  source: ({ source }) => source,
  address: ({ address }) => address,
  request_id: ({ requestId }) => requestId,
  action: ({ action }) => action,
  environment: ({ target }) => target.environment,
  service: ({ target }) => target.service,
  target: ({ target }) => target.thing,
  before: ({ before }) => before && JSON.stringify(before),
  after: ({ after }) => after && JSON.stringify(after),
  reason: ({ reason }) => reason,
  incident: ({ incident }) => incident,
  flip_id: ({ flipId }) => flipId,
  outcome: ({ outcome }) => outcome,
  code: ({ code }) => code,
  previous_hash: ({ previous }) => previous,
  hash: ({ hash }) => hash,
};

/** What a spreadsheet takes for a formula begins with one of these; an apostrophe makes it text (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\n]/;

export function csvCell(value: unknown): string {
  const text = typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const CSV_HEAD = `${Object.keys(COLUMNS).join(",")}\r\n`;

export function csvLine(entry: AuditEntry): string {
  return `${Object.values(COLUMNS)
    .map((column) => csvCell(column(entry)))
    .join(",")}\r\n`;
}
