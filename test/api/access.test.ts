import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROLES, roleCovers, type Role } from "../../server/auth/principal.ts";
import { startTestApi, type TestApi } from "../support/test-api.ts";

/** What each route needs. A route that is not here fails the walk: whoever adds one says here who may call it. */
const NEEDED: Record<string, "public" | Role> = {
  "GET /api/v1/openapi.json": "public",
  "POST /api/v1/auth/sign-in": "public",
  "POST /api/v1/auth/setup": "public",
  "POST /api/v1/auth/sign-out": "viewer",
  "GET /api/v1/me": "viewer",
  "GET /api/v1/sessions": "viewer",
  "DELETE /api/v1/sessions/{id}": "viewer",
  "POST /api/v1/live-tickets": "viewer",
  "GET /api/v1/fleet": "viewer",
  "GET /api/v1/events": "viewer",
  "GET /api/v1/series": "viewer",
  "GET /api/v1/history/tiers": "viewer",
  "GET /api/v1/history/jobs": "viewer",
  "GET /api/v1/history/states": "viewer",
  "GET /api/v1/history/latencies": "viewer",
  "GET /api/v1/health/self": "viewer",
  "GET /api/v1/replay/story": "viewer",
  "GET /api/v1/replay/samples": "viewer",
  "GET /api/v1/replay/last-samples": "viewer",
  "GET /api/v1/replay/nearby": "viewer",
  "GET /api/v1/switches": "viewer",
  "GET /api/v1/switches/{key}": "viewer",
  "POST /api/v1/switches/{key}/preview": "viewer",
  "POST /api/v1/switches/{key}/flips": "operator",
  "GET /api/v1/flips": "viewer",
  "GET /api/v1/flips/{id}": "viewer",
  "POST /api/v1/flips/{id}/revert": "operator",
  "GET /api/v1/policies": "viewer",
  "GET /api/v1/policies/difference": "viewer",
  "POST /api/v1/policies/preview": "viewer",
  "PUT /api/v1/policies/{name}/{policy}": "operator",
  "POST /api/v1/overrides": "operator",
  "POST /api/v1/faults": "operator",
  "GET /api/v1/changes": "viewer",
  "GET /api/v1/changes/{id}": "viewer",
  "POST /api/v1/changes/{id}/revert": "operator",
  "GET /api/v1/incidents": "viewer",
  "POST /api/v1/incidents": "operator",
  "GET /api/v1/incidents/{id}": "viewer",
  "PATCH /api/v1/incidents/{id}": "operator",
  "POST /api/v1/incidents/{id}/notes": "operator",
  "PATCH /api/v1/incidents/{id}/entries/{key}": "operator",
  "POST /api/v1/incidents/{id}/merge": "operator",
  "POST /api/v1/incidents/{id}/split": "operator",
  "POST /api/v1/incidents/{id}/reopen": "operator",
  "POST /api/v1/incidents/{id}/marks": "operator",
  "GET /api/v1/incidents/{id}/timeline": "viewer",
  "GET /api/v1/incidents/{id}/write-up": "viewer",
  "GET /api/v1/accounting": "viewer",
  "GET /api/v1/incident-rules": "viewer",
  "PUT /api/v1/incident-rules/{id}": "operator",
  "DELETE /api/v1/incident-rules/{id}": "operator",
  "POST /api/v1/incident-rules/try": "viewer",
  "GET /api/v1/changes/{id}/effect": "viewer",
  "POST /api/v1/change-sets/preview": "viewer",
  "POST /api/v1/change-sets": "operator",
  "GET /api/v1/change-sets": "viewer",
  "GET /api/v1/change-sets/{id}": "viewer",
  "POST /api/v1/change-sets/{id}/undo": "operator",
  "GET /api/v1/ladder": "viewer",
  "PUT /api/v1/ladder/{key}": "operator",
  "GET /api/v1/presets": "viewer",
  "GET /api/v1/presets/{id}": "viewer",
  "POST /api/v1/presets": "operator",
  "PUT /api/v1/presets/{id}": "operator",
  "DELETE /api/v1/presets/{id}": "operator",
  "GET /api/v1/probe": "viewer",
  "GET /api/v1/audit": "admin",
  "GET /api/v1/audit/export": "admin",
  "GET /api/v1/audit/head": "admin",
  "GET /api/v1/audit/verify": "admin",
  "GET /api/v1/notify-settings": "admin",
  "GET /api/v1/notify-sinks": "admin",
  "POST /api/v1/notify-sinks": "admin",
  "PATCH /api/v1/notify-sinks/{id}": "admin",
  "DELETE /api/v1/notify-sinks/{id}": "admin",
  "POST /api/v1/notify-sinks/{id}/rotate": "admin",
  "POST /api/v1/notify-sinks/{id}/test": "admin",
  "GET /api/v1/notify-deliveries": "admin",
  "POST /api/v1/notify-deliveries/{id}/repeat": "admin",
  "GET /api/v1/agent-tokens": "admin",
  "POST /api/v1/agent-tokens": "admin",
  "DELETE /api/v1/agent-tokens/{id}": "admin",
  "GET /api/v1/api-tokens": "admin",
  "POST /api/v1/api-tokens": "admin",
  "DELETE /api/v1/api-tokens/{id}": "admin",
  "GET /api/v1/users": "admin",
  "POST /api/v1/users": "admin",
  "PATCH /api/v1/users/{id}": "admin",
};

let api: TestApi;
let routes: { method: string; path: string; name: string }[];

beforeAll(async () => {
  api = await startTestApi();
  const { json } = await api.call("GET", "/api/v1/openapi.json");
  routes = Object.entries(json.paths as Record<string, Record<string, unknown>>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{.+?\}/g, "x"),
      name: `${method.toUpperCase()} ${path}`,
    })),
  );
});
afterAll(() => api.stop());

describe("who may call what", () => {
  it("has an expectation for every route, and no route is missing", () => {
    expect(routes.map((route) => route.name).sort()).toEqual(Object.keys(NEEDED).sort());
  });

  it("lets nobody in without credentials, except where it says public", async () => {
    for (const { method, path, name } of routes) {
      const { status, json } = await api.call(method, path);
      if (NEEDED[name] === "public") expect([200, 400], name).toContain(status);
      else expect([status, json?.code], name).toEqual([401, "unauthenticated"]);
    }
  });

  it.each(ROLES)(
    "lets the role %s do what it may and nothing else, by token and by cookie",
    async (role) => {
      const token = await api.token(role);
      let cookie = await api.signIn(role);
      for (const { method, path, name } of routes) {
        if (name === "POST /api/v1/auth/sign-out") continue;
        const ask = () => api.call(method, path, { headers: { cookie, origin: api.url } });
        let asPerson = await ask();
        if (asPerson.status === 401) {
          // The route before may have ended the session.
          cookie = await api.signIn(role);
          asPerson = await ask();
        }
        const asScript = await api.call(method, path, { as: token });
        const needed = NEEDED[name] ?? "admin";
        const may = needed === "public" || roleCovers(role, needed);
        for (const { status, json } of [asPerson, asScript]) {
          if (may) expect([401, 403], `${role} ${name} ${json?.code}`).not.toContain(status);
          else expect([status, json?.code], `${role} ${name}`).toEqual([403, "forbidden"]);
        }
      }
    },
    60_000,
  );

  it("refuses an agent's token everywhere", async () => {
    const token = await api.agentToken();
    for (const { method, path, name } of routes) {
      if (NEEDED[name] === "public") continue;
      const { status, json } = await api.call(method, path, { as: token });
      expect([status, json.code], name).toEqual([403, "agent_token_refused"]);
    }
  });

  it("does not know other paths and methods, whoever asks", async () => {
    const token = await api.token("admin");
    for (const path of [
      "/api",
      "/api/v1",
      "/api/v1/",
      "/api/v1/nothing",
      "/api/v1/fleet/",
      "/api//v1/fleet",
      "/api/v1/../v1/fleet2",
      "/api/auth/sign-up/email",
      "/api/auth/get-session",
    ])
      for (const as of [undefined, token]) expect([path, (await api.call("GET", path, { as })).status]).toEqual([path, 404]);
    expect((await api.call("PUT", "/api/v1/fleet", { as: token })).json.code).toBe("method_refused");
    expect((await api.call("DELETE", "/api/v1/flips/x/revert")).json.code).toBe("method_refused");
  });

  it("answers HEAD like GET, and only to whom GET is answered", async () => {
    expect((await api.call("HEAD", "/api/v1/fleet")).status).toBe(401);
    expect((await api.call("HEAD", "/api/v1/fleet", { as: await api.token("viewer") })).status).toBe(200);
  });

  it("notes refusals in the log, once a minute for the same", async () => {
    const token = await api.token("viewer");
    api.clock.advance(61_000);
    for (let i = 0; i < 5; i++) await api.call("GET", "/api/v1/users", { as: token });
    await api.auth.audit.settled();
    const { items } = await api.store.listAudit({ action: "auth.denied", target: "GET /api/v1/users", limit: 500 });
    const noted = items.filter((entry) => entry.actor.name === "a viewer" && entry.at === api.clock.now());
    expect(noted).toHaveLength(1);
    expect(noted[0]).toMatchObject({ outcome: "refused", code: "forbidden", source: "api", role: "viewer" });
  });
});

describe("writes of a browser", () => {
  const write = (headers: Record<string, string>) => api.call("POST", "/api/v1/live-tickets", { headers });

  it("count only from our own page", async () => {
    const cookie = await api.signIn("viewer");
    expect((await write({ cookie, origin: api.url })).status).toBe(201);
    expect((await write({ cookie, "sec-fetch-site": "same-origin" })).status).toBe(201);
    const headers: Record<string, string>[] = [
      {},
      { origin: "https://evil.example.com" },
      { origin: "null" },
      { origin: `${api.url}.evil.example.com` },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "none" },
    ];
    for (const other of headers) {
      const { status, json } = await write({ cookie, ...other });
      expect([status, json.code], JSON.stringify(other)).toEqual([403, "origin_refused"]);
    }
  });

  it("cannot sign somebody in from another site", async () => {
    const answer = await api.call("POST", "/api/v1/auth/sign-in", {
      body: { email: "a@example.com", password: "x" },
      headers: { origin: "https://evil.example.com" },
    });
    expect(answer.json.code).toBe("origin_refused");
  });
});
