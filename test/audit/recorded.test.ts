/** What people and scripts do over the real HTTP API, and what the audit log then says. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditEntrySchema, type AuditEntry } from "../../protocol/audit-api.ts";
import { noteRetention } from "../../server/audit/note-retention.ts";
import { DEFAULT_RETENTION } from "../../core/tiers.ts";
import { BOOTSTRAP, PASSWORD, startTestApi, type Answer, type TestApi } from "../support/test-api.ts";

let api: TestApi;
let operator: string;
let admin: string;

beforeAll(async () => {
  api = await startTestApi();
  operator = await api.token("operator");
  admin = await api.token("admin");
  api.join("storefront", "s1");
});
afterAll(() => api.stop());

/** Entries of the request that gave this answer, oldest first. */
async function of(answer: Answer): Promise<AuditEntry[]> {
  await api.auth.audit.settled();
  const request = answer.headers.get("x-request-id") ?? "none";
  const { json } = await api.call("GET", `/api/v1/audit?request=${request}`, { as: admin });
  return (json.items as unknown[]).map((item) => auditEntrySchema.parse(item)).reverse();
}
const flip = (body: object) => api.call("POST", "/api/v1/switches/recommendations/flips", { as: operator, body });
const ORDER = { position: "popular", scope: { service: "storefront" }, reason: "payments are slow, see #12", expiresInSeconds: 60 };

describe("the audit log", () => {
  it("has a flip and its revert, with address, request, role, and what was before and after", async () => {
    const made = await flip(ORDER);
    expect(made.status).toBe(201);
    const [entry, ...others] = await of(made);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      actor: { kind: "token", name: "a operator", id: expect.any(String) },
      ...{ role: "operator", source: "api", address: "127.0.0.1", action: "flip.created", outcome: "done", code: null },
      target: { environment: "production", service: "storefront", thing: "recommendations" },
      before: null,
      after: { position: "popular", scope: { service: "storefront" }, revision: made.json.revision },
      ...{ reason: ORDER.reason, incident: 12, flipId: made.json.id },
    });
    const other = await flip({ ...ORDER, position: "off", reason: "still slow" });
    expect(await of(other)).toMatchObject([{ before: { position: "popular" }, after: { position: "off" }, incident: null }]);
    const reverted = await api.call("POST", `/api/v1/flips/${other.json.id}/revert`, { as: operator, body: { reason: "over" } });
    expect(await of(reverted)).toMatchObject([
      { action: "flip.reverted", before: { position: "off" }, after: { position: "popular" }, reason: "over", flipId: other.json.id },
    ]);
    expect((await api.call("GET", `/api/v1/audit?flip=${other.json.id}`, { as: admin })).json.items).toHaveLength(2);
    await api.call("POST", `/api/v1/flips/${made.json.id}/revert`, { as: operator, body: { reason: "over" } });
  });

  it("has the end of a lease as an act of the console, with nothing of the request that armed it", async () => {
    const made = await flip({ ...ORDER, expiresInSeconds: 30 });
    api.clock.advance(31_000);
    await expect
      .poll(async () => (await api.call("GET", `/api/v1/audit?flip=${made.json.id}&action=flip.expired`, { as: admin })).json.items)
      .toMatchObject([
        {
          actor: { kind: "system", id: null, name: "system" },
          ...{ role: null, source: "system", address: null, requestId: null, after: { revision: expect.any(Number) } },
        },
      ]);
  });

  it("has failed and good sign-ins, and nothing of a password", async () => {
    await api.people.create({ name: "Bo", email: "bo@example.com", password: PASSWORD, role: "operator" });
    const sign = (password: string) => api.call("POST", "/api/v1/auth/sign-in", { body: { email: "bo@example.com", password } });
    const wrong = await sign("not the password at all");
    expect(await of(wrong)).toMatchObject([
      {
        ...{ action: "auth.sign_in_failed", outcome: "refused", code: "credentials_invalid", address: "127.0.0.1", source: "console" },
        actor: { kind: "unknown" },
        target: { thing: "bo@example.com" },
      },
    ]);
    const right = await sign(PASSWORD);
    expect(await of(right)).toMatchObject([{ action: "auth.signed_in", actor: { kind: "user", name: "Bo" }, role: "operator" }]);
    const cookie = right.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const out = await api.call("POST", "/api/v1/auth/sign-out", { headers: { cookie, origin: api.url } });
    expect(await of(out)).toMatchObject([{ action: "auth.signed_out", actor: { name: "Bo" }, source: "console" }]);
    const stale = await api.call("GET", "/api/v1/me", { headers: { cookie } });
    expect(await of(stale)).toMatchObject([{ action: "auth.denied", code: "unauthenticated", actor: { name: "ended session" } }]);
  });

  it("has a 403, and a 401 with the name of the token that counts no more, but no stranger without anything", async () => {
    const forbidden = await api.call("GET", "/api/v1/users", { as: operator });
    expect(forbidden.status).toBe(403);
    expect(await of(forbidden)).toMatchObject([
      {
        ...{ action: "auth.denied", outcome: "refused", code: "forbidden", role: "operator", address: "127.0.0.1" },
        actor: { kind: "token", name: "a operator" },
        target: { thing: "GET /api/v1/users" },
      },
    ]);
    const made = await api.call("POST", "/api/v1/api-tokens", { as: admin, body: { name: "old script", role: "viewer" } });
    expect(await of(made)).toMatchObject([{ action: "token.created", target: { thing: "old script" }, after: { role: "viewer" } }]);
    const gone = await api.call("DELETE", `/api/v1/api-tokens/${made.json.id}`, { as: admin });
    expect(await of(gone)).toMatchObject([{ action: "token.revoked", before: { revokedAt: null }, after: { revokedAt: api.clock.now() } }]);
    const late = await api.call("GET", "/api/v1/fleet", { as: made.json.token });
    expect(late.status).toBe(401);
    expect(await of(late)).toMatchObject([{ actor: { kind: "token", id: made.json.id, name: "old script" }, code: "unauthenticated" }]);
    expect(await of(await api.call("GET", "/api/v1/fleet"))).toEqual([]);
    expect(await of(await api.call("GET", "/api/v1/fleet", { as: "nonsense-of-a-token" }))).toMatchObject([
      { actor: { name: "unknown token" } },
    ]);
  });

  it("has an agent that brings a dead token, by its name", async () => {
    const { json } = await api.call("POST", "/api/v1/agent-tokens", { as: admin, body: { name: "shop" } });
    await api.call("DELETE", `/api/v1/agent-tokens/${json.id}`, { as: admin });
    expect(await api.auth.agent(`Bearer ${json.token}`, "192.0.2.9")).toBeNull();
    await api.auth.audit.settled();
    const { items } = await api.store.listAudit({ action: "auth.agent_refused", limit: 1 });
    expect(items).toMatchObject([
      { actor: { kind: "agent", id: json.id, name: "shop" }, source: "agent", address: "192.0.2.9", outcome: "refused" },
    ]);
  });

  it("has people: made, changed, and their sessions ended", async () => {
    const person = { name: "Cy", email: "cy@example.com", password: PASSWORD, role: "viewer" };
    const made = await api.call("POST", "/api/v1/users", { as: admin, body: person });
    expect(await of(made)).toMatchObject([{ action: "user.created", target: { thing: "Cy" }, after: { role: "viewer", banned: false } }]);
    const changed = await api.call("PATCH", `/api/v1/users/${made.json.id}`, { as: admin, body: { role: "operator" } });
    expect(await of(changed)).toMatchObject([{ action: "user.changed", before: { role: "viewer" }, after: { role: "operator" } }]);
    const cookie = await api.signIn("operator", "cy@example.com");
    const [session] = (await api.call("GET", "/api/v1/sessions", { headers: { cookie } })).json.items;
    const ended = await api.call("DELETE", `/api/v1/sessions/${session.id}`, { as: admin });
    expect(await of(ended)).toMatchObject([{ action: "session.ended", before: { userId: made.json.id } }]);
  });

  it("has what people do with incidents, and only what it changed", async () => {
    const post = (path: string, body: object) => api.call("POST", `/api/v1/incidents${path}`, { as: operator, body });
    const request = { title: "payments are slow", severity: 2, services: ["storefront"], assignee: null };
    const opened = await post("", request);
    expect(opened.status).toBe(201);
    const { id, number } = opened.json;
    expect(await of(opened)).toMatchObject([{ action: "incident.opened", incident: number, before: null, after: { severity: 2 } }]);
    const changed = await api.call("PATCH", `/api/v1/incidents/${id}`, { as: operator, body: { assignee: "Bo", status: "acknowledged" } });
    expect(await of(changed)).toMatchObject([
      { action: "incident.changed", before: { assignee: null, status: "open" }, after: { assignee: "Bo", status: "acknowledged" } },
    ]);
    expect(Object.keys((await of(changed))[0]?.after ?? {}).sort()).toEqual(["assignee", "status"]);
    const note = await post(`/${id}/notes`, { text: "called the provider", pinned: false });
    expect(await of(note)).toMatchObject([{ action: "incident.noted", incident: number, after: { text: "called the provider" } }]);
    const other = await post("", { ...request, title: "the same again" });
    const merged = await post(`/${id}/merge`, { into: other.json.id });
    expect(merged.status).toBe(200);
    expect(await of(merged)).toMatchObject([
      { action: "incident.merged", incident: number, before: { mergedInto: null }, after: { mergedInto: other.json.id, status: "merged" } },
    ]);
    const resolved = await api.call("PATCH", `/api/v1/incidents/${other.json.id}`, { as: operator, body: { status: "resolved" } });
    expect(await of(resolved)).toMatchObject([{ action: "incident.resolved", after: { status: "resolved" } }]);
    const again = await post(`/${other.json.id}/reopen`, { reason: "it came back" });
    expect(await of(again)).toMatchObject([{ action: "incident.reopened", reason: "it came back" }]);
  });

  it("has rules, with what they were", async () => {
    const { json } = await api.call("GET", "/api/v1/incident-rules", { as: operator });
    const { id, builtIn: _builtIn, updatedAt: _at, updatedBy: _by, ...rule } = json.items[0];
    const set = await api.call("PUT", `/api/v1/incident-rules/${id}`, { as: operator, body: { ...rule, enabled: false } });
    expect(set.status).toBe(200);
    expect(await of(set)).toMatchObject([
      { action: "incident_rule.set", target: { thing: id }, before: { enabled: true }, after: { enabled: false } },
    ]);
    const deleted = await api.call("DELETE", `/api/v1/incident-rules/${id}`, { as: operator });
    expect(await of(deleted)).toMatchObject([{ action: "incident_rule.deleted", before: { enabled: false }, after: { enabled: true } }]);
  });

  it("has retention when it is configured anew, once", async () => {
    const shorter = { ...DEFAULT_RETENTION, "1s": 3_600_000 };
    await noteRetention(api.store, api.clock, DEFAULT_RETENTION);
    await noteRetention(api.store, api.clock, shorter);
    await noteRetention(api.store, api.clock, shorter);
    await noteRetention(api.store, api.clock, DEFAULT_RETENTION);
    const { items } = await api.store.listAudit({ action: "retention.changed", limit: 10 });
    expect(items).toMatchObject([
      { before: shorter, after: DEFAULT_RETENTION },
      { before: DEFAULT_RETENTION, after: shorter },
    ]);
  });

  it("has a repeated write once", async () => {
    const headers = { "idempotency-key": "the-same" };
    const one = await api.call("POST", "/api/v1/agent-tokens", { as: admin, body: { name: "once" }, headers });
    const two = await api.call("POST", "/api/v1/agent-tokens", { as: admin, body: { name: "once" }, headers });
    expect([one.status, two.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
    expect((await api.call("GET", "/api/v1/audit?target=once", { as: admin })).json.items).toHaveLength(1);
  });

  it("never holds a token, password or cookie", async () => {
    await api.auth.audit.settled();
    const { text } = await api.call("GET", "/api/v1/audit/export?format=json", { as: admin });
    expect(text.length).toBeGreaterThan(5_000);
    for (const secret of [PASSWORD, BOOTSTRAP, admin, operator, "not the password", "nonsense-of-a-token"])
      expect(text).not.toContain(secret);
    expect(text).not.toMatch(/hf[aps]_[0-9A-Za-z]{9}/);
    expect(text).not.toMatch(/holdfast=/);
  });
});
