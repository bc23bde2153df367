/** Invented answers for the audit log: a real chain of invented entries, read by the real rules for CSV, so that the page can be looked at. */
import type { ServerResponse } from "node:http";
import type { AuditEntry, AuditPage } from "../../protocol/audit-api.ts";
import { AUDIT_GENESIS } from "../../protocol/audit.ts";
import { CSV_HEAD, csvLine } from "../../server/audit/audit-csv.ts";
import { AuditChain, BEGINNING, chained, entryOf, type AuditRow } from "../../server/store/audit-chain.ts";
import type { NewAuditEntry } from "../../server/store/audit-entry.ts";

const ito = { kind: "user", id: "u-1", name: "m.ito" } as const;
const novak = { kind: "user", id: "u-2", name: "Ana Novak" } as const;
const deploys = { kind: "token", id: "t-9", name: "deploys" } as const;
const stranger = { kind: "unknown", id: null, name: "somebody" } as const;

function invented(): AuditRow[] {
  const now = Date.now();
  const at = (minutesAgo: number): number => now - minutesAgo * 60_000 - 217;
  const bare: Omit<NewAuditEntry, "at" | "actor" | "action"> = {
    ...{ role: null, source: "console", address: "192.0.2.41", requestId: null, before: null, after: null, reason: null, incident: null },
    ...{ flipId: null, outcome: "done", code: null, target: { environment: null, service: null, thing: null } },
  };
  const production = (thing: string, service: string | null = null) => ({ environment: "production", service, thing });
  const entries: NewAuditEntry[] = [
    {
      ...bare,
      at: at(5760),
      actor: { kind: "unknown", id: null, name: "set-up link" },
      action: "auth.set_up",
      target: { ...bare.target, thing: "m.ito" },
      after: { name: "m.ito", role: "admin" },
    },
    { ...bare, at: at(5760), actor: ito, role: "admin", action: "auth.signed_in", target: { ...bare.target, thing: "m.ito@example.com" } },
    {
      ...bare,
      at: at(5700),
      actor: ito,
      role: "admin",
      action: "token.created",
      target: { ...bare.target, thing: "deploys" },
      after: { kind: "api", role: "operator", prefix: "hfp_9fK2aa31" },
    },
    {
      ...bare,
      at: at(4300),
      actor: ito,
      role: "admin",
      action: "user.created",
      target: { ...bare.target, thing: "Ana Novak" },
      after: { name: "Ana Novak", role: "viewer", banned: false },
    },
    {
      ...bare,
      at: at(1500),
      actor: ito,
      role: "admin",
      action: "user.changed",
      target: { ...bare.target, thing: "Ana Novak" },
      before: { name: "Ana Novak", role: "viewer", banned: false },
      after: { name: "Ana Novak", role: "operator", banned: false },
    },
    {
      ...bare,
      at: at(90),
      actor: stranger,
      action: "auth.sign_in_failed",
      target: { ...bare.target, thing: "admin@example.com" },
      address: "203.0.113.9",
      outcome: "refused",
      code: "credentials_invalid",
    },
    {
      ...bare,
      at: at(62),
      actor: deploys,
      role: "operator",
      source: "api",
      action: "auth.denied",
      target: { ...bare.target, thing: "GET /api/v1/users" },
      address: "192.0.2.80",
      outcome: "refused",
      code: "forbidden",
    },
    {
      ...bare,
      at: at(31),
      actor: novak,
      role: "operator",
      action: "incident.opened",
      target: production("payments answers slowly"),
      incident: 12,
      after: { title: "payments answers slowly", severity: 2, status: "open", assignee: null },
    },
    {
      ...bare,
      at: at(30),
      actor: novak,
      role: "operator",
      action: "flip.created",
      target: production("recommendations", "storefront"),
      reason: "take load off orders while payments is slow, #12",
      incident: 12,
      flipId: "f-1",
      before: null,
      after: { flip: "f-1", position: "popular", scope: { service: "storefront" }, expiresAt: now + 1_800_000, revision: 118 },
    },
    {
      ...bare,
      at: at(22),
      actor: novak,
      role: "operator",
      action: "policy.set",
      target: production("timeout payments", "orders"),
      reason: "twice the p99 of today",
      incident: null,
      before: { kind: "settings", values: { attemptMs: 2000, totalMs: 6000 }, expiresAt: null },
      after: { kind: "settings", values: { attemptMs: 800, totalMs: 2400 }, expiresAt: null, revision: 119 },
    },
    {
      ...bare,
      at: at(14),
      actor: novak,
      role: "operator",
      action: "incident.changed",
      target: production("payments answers slowly"),
      incident: 12,
      before: { assignee: null, status: "open" },
      after: { assignee: "Ana Novak", status: "acknowledged" },
    },
    {
      ...bare,
      at: at(8),
      actor: { kind: "agent", id: null, name: "old images" },
      source: "agent",
      action: "auth.agent_refused",
      target: { environment: "production", service: null, thing: "hfa_Lm31q9Zz" },
      address: "198.51.100.7",
      outcome: "refused",
      code: "unauthenticated",
    },
    {
      ...bare,
      at: at(3),
      actor: { kind: "system", id: null, name: "system" },
      source: "system",
      address: null,
      action: "flip.expired",
      target: production("images"),
      reason: "its time was over",
      flipId: "f-0",
      before: { flip: "f-0", position: "small", expiresAt: at(3) },
      after: { revision: 120 },
    },
  ];
  const rows: AuditRow[] = [];
  for (const [index, entry] of entries.entries()) {
    const requestId = entry.source === "system" ? null : `0f8c1d2e-5b7a-4c11-9d3e-${String(index).padStart(12, "0")}`;
    const last = rows.at(-1);
    rows.push(chained({ ...entry, requestId }, last ? { seq: last.id, hash: last.hash } : BEGINNING));
  }
  return rows;
}

const rows = invented();

/** True when it was a request of this part. */
export function answerAudit(path: string, search: URLSearchParams, response: ServerResponse): boolean {
  if (!path.startsWith("/api/v1/audit")) return false;
  const json = (body: unknown): void => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  const found = rows.map((row) => entryOf(row) as AuditEntry).filter((entry) => fits(entry, search));
  const head = rows.at(-1);
  if (path.endsWith("/verify")) {
    const chain = new AuditChain();
    for (const row of rows) chain.follow(row);
    json({
      from: Number(search.get("after") ?? 0),
      to: chain.last.seq,
      hash: chain.last.hash,
      fault: chain.fault,
      done: true,
      at: Date.now(),
    });
  } else if (path.endsWith("/head")) json({ seq: head?.id ?? 0, hash: head?.hash ?? AUDIT_GENESIS, at: head?.at ?? null });
  else if (path.endsWith("/export")) {
    response.writeHead(200, { "content-type": "text/csv", "content-disposition": "attachment; filename=holdfast-audit.csv" });
    response.end(CSV_HEAD + found.map(csvLine).join(""));
  } else json({ items: found.reverse(), nextCursor: null } satisfies AuditPage);
  return true;
}

function fits(entry: AuditEntry, search: URLSearchParams): boolean {
  const is = (name: string, value: string | null): boolean => !search.has(name) || search.get(name) === value;
  const action = search.get("action");
  const { actor, target } = entry;
  return (
    is("actor", actor.name) &&
    is("outcome", entry.outcome) &&
    is("target", target.thing) &&
    is("service", target.service) &&
    is("environment", target.environment) &&
    is("request", entry.requestId) &&
    is("flip", entry.flipId) &&
    (action === null || entry.action.startsWith(action)) &&
    JSON.stringify(entry)
      .toLowerCase()
      .includes((search.get("text") ?? "").toLowerCase()) &&
    entry.at >= Number(search.get("from") ?? 0) &&
    entry.at <= Number(search.get("to") ?? Infinity)
  );
}
