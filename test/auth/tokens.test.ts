import fc from "fast-check";
import { crc32 as reference } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { crc32 } from "../../server/auth/crc32.ts";
import { hashToken, mintToken, shownPart, tokenPrefix } from "../../server/auth/token-format.ts";
import type { Store } from "../../server/store/store.ts";
import { BOOTSTRAP, startTestApi, type Json, type TestApi } from "../support/test-api.ts";

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const prefix = fc.constantFrom("hfa_" as const, "hfp_" as const, "hfs_" as const);

describe("the text of a token", () => {
  it("is its prefix, 43 digits and a checksum, and is recognised", () => {
    fc.assert(
      fc.property(prefix, bytes, (kind, random) => {
        const token = mintToken(kind, random);
        expect(token).toMatch(/^hf[aps]_[0-9A-Za-z]{49}$/);
        expect(tokenPrefix(token)).toBe(kind);
        expect(token.startsWith(shownPart(token))).toBe(true);
        expect(shownPart(token)).toHaveLength(12);
      }),
    );
  });

  it("differs whenever the random bytes do", () => {
    fc.assert(fc.property(bytes, bytes, (a, b) => (mintToken("hfa_", a) === mintToken("hfa_", b)) === (Buffer.compare(a, b) === 0)));
  });

  it("is not recognised with one character changed", () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 4, max: 52 }), fc.constantFrom("0", "a", "Z", "_", "-"), (random, at, other) => {
        const token = mintToken("hfa_", random);
        fc.pre(token[at] !== other);
        expect(tokenPrefix(token.slice(0, at) + other + token.slice(at + 1))).toBeNull();
      }),
    );
  });

  it("has the checksum that everybody has", () => {
    expect(crc32("123456789")).toBe(0xcbf43926);
    if (typeof reference === "function") fc.assert(fc.property(fc.string(), (text) => crc32(text) === reference(text)));
  });
});

describe("tokens", () => {
  let api: TestApi;
  let lookups = 0;
  let touches: string[] = [];
  beforeEach(async () => {
    lookups = 0;
    touches = [];
    api = await startTestApi({
      wrapStore: (store: Store) =>
        new Proxy(store, {
          get(target, name: keyof Store) {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== "function") return value;
            return (...args: unknown[]): unknown => {
              if (name === "findToken") lookups++;
              if (name === "touchToken") touches.push(String(args[0]));
              return (value as (...args: unknown[]) => unknown).apply(target, args);
            };
          },
        }),
    });
  });
  afterEach(() => api.stop());

  const make = (path: string, order: unknown) => api.call("POST", path, { as: BOOTSTRAP, body: order });

  it("are shown once and kept only as a hash", async () => {
    const made = await make("/api/v1/agent-tokens", { name: "shop", services: ["catalog"], expiresInSeconds: 3600 });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      kind: "agent",
      name: "shop",
      environment: "production",
      services: ["catalog"],
      role: null,
      createdBy: "token:bootstrap",
      prefix: made.json.token.slice(0, 12),
    });
    const listed = await api.call("GET", "/api/v1/agent-tokens", { as: BOOTSTRAP });
    expect(listed.json.items).toHaveLength(1);
    expect(listed.text).not.toContain(made.json.token);
    expect(listed.json.items[0]).not.toHaveProperty("hash");
    expect(await api.store.findToken(hashToken(made.json.token))).toMatchObject({ id: made.json.id });
    expect(JSON.stringify(await api.store.listTokens({ limit: 10 }))).not.toContain(made.json.token);
  });

  it("of agents open the agent socket alone, with what they were given", async () => {
    const { json } = await make("/api/v1/agent-tokens", { name: "shop", environment: "staging", services: ["catalog"] });
    expect(await api.auth.agent(`Bearer ${json.token}`)).toEqual({
      tokenId: json.id,
      environment: "staging",
      services: ["catalog"],
      expiresAt: null,
    });
    for (const wrong of [undefined, "", json.token, `Basic ${json.token}`, `Bearer ${json.token}x`, `Bearer ${await api.token("admin")}`])
      expect(await api.auth.agent(wrong)).toBeNull();
  });

  it("with a typo are refused without a look into the database", async () => {
    const { json } = await make("/api/v1/agent-tokens", { name: "shop" });
    lookups = 0;
    const typo = `${json.token.slice(0, -1)}${json.token.endsWith("0") ? "1" : "0"}`;
    expect(await api.auth.agent(`Bearer ${typo}`)).toBeNull();
    expect((await api.call("GET", "/api/v1/me", { as: `hfp_${"a".repeat(49)}` })).status).toBe(401);
    expect(lookups).toBe(0);
    await Promise.all(Array.from({ length: 20 }, () => api.auth.agent(`Bearer ${json.token}`)));
    expect(lookups).toBe(1);
    api.clock.advance(2_000);
    await api.auth.agent(`Bearer ${json.token}`);
    expect(lookups).toBe(2);
    // The last use is noted once a minute at most.
    expect(touches).toEqual([json.id]);
  });

  it("end when they expire", async () => {
    const { json } = await make("/api/v1/agent-tokens", { name: "shop", expiresInSeconds: 60 });
    expect((await api.auth.agent(`Bearer ${json.token}`))?.expiresAt).toBe(api.clock.now() + 60_000);
    api.clock.advance(60_000);
    expect(await api.auth.agent(`Bearer ${json.token}`)).toBeNull();
  });

  it("that are revoked count no more from that moment, and their sockets are told", async () => {
    const agent = (await make("/api/v1/agent-tokens", { name: "shop" })).json;
    const viewer = await api.token("viewer");
    const admin = await api.token("admin");
    const { id } = (await api.call("GET", "/api/v1/api-tokens", { as: admin })).json.items.find((token: Json) => token.role === "viewer");
    expect(await api.auth.agent(`Bearer ${agent.token}`)).not.toBeNull();
    expect((await api.call("GET", "/api/v1/me", { as: viewer })).json).toMatchObject({
      name: "a viewer",
      role: "viewer",
      kind: "token",
      email: null,
    });
    const principal = (await api.auth.authenticate({ authorization: `Bearer ${viewer}`, cookie: undefined }))?.principal;

    expect((await api.call("DELETE", `/api/v1/agent-tokens/${agent.id}`, { as: admin })).json.revokedAt).toBe(api.clock.now());
    expect((await api.call("DELETE", `/api/v1/api-tokens/${id}`, { as: admin })).status).toBe(200);
    expect(await api.auth.agent(`Bearer ${agent.token}`)).toBeNull();
    expect((await api.call("GET", "/api/v1/me", { as: viewer })).json.code).toBe("unauthenticated");
    expect(principal && (await api.auth.stillValid(principal))).toBe(false);
    expect(api.messages.filter((message) => message.type === "token-revoked").map((message) => message.tokenId)).toEqual([agent.id, id]);
    expect((await api.call("DELETE", `/api/v1/api-tokens/${id}`, { as: admin })).json.code).toBe("token_unknown");
    expect((await api.store.listAudit({ action: "token.revoked", limit: 10 })).items).toMatchObject([
      { actor: { kind: "token", name: "a admin" }, before: { id, kind: "api" } },
      { actor: { kind: "token", name: "a admin" }, before: { id: agent.id, kind: "agent" } },
    ]);
  });

  it("of another kind are not revoked by mistake", async () => {
    const { id } = (await make("/api/v1/agent-tokens", { name: "shop" })).json;
    expect((await api.call("DELETE", `/api/v1/api-tokens/${id}`, { as: BOOTSTRAP })).json.code).toBe("token_unknown");
    expect((await api.call("GET", "/api/v1/agent-tokens", { as: BOOTSTRAP })).json.items[0].revokedAt).toBeNull();
  });
});

describe("the bootstrap token", () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await startTestApi();
  });
  afterEach(() => api.stop());

  it("is an administrator until the first API token, however many agent tokens it made", async () => {
    for (const name of ["one", "two"])
      expect((await api.call("POST", "/api/v1/agent-tokens", { as: BOOTSTRAP, body: { name } })).status).toBe(201);
    expect((await api.call("GET", "/api/v1/me", { as: BOOTSTRAP })).json).toMatchObject({ kind: "bootstrap", role: "admin" });
    const made = await api.call("POST", "/api/v1/api-tokens", { as: BOOTSTRAP, body: { name: "ci", role: "operator" } });
    expect(made.status).toBe(201);
    const spent = await api.call("GET", "/api/v1/me", { as: BOOTSTRAP });
    expect(spent.json).toMatchObject({
      status: 401,
      code: "bootstrap_spent",
      detail: expect.stringContaining("only while no user and no API token exists"),
    });
    expect((await api.call("GET", "/api/v1/me", { as: made.json.token })).json.role).toBe("operator");
  });

  it("ends with the first user", async () => {
    const { principal } = (await api.auth.authenticate({ authorization: `Bearer ${BOOTSTRAP}`, cookie: undefined })) ?? {};
    expect(principal && (await api.auth.stillValid(principal))).toBe(true);
    await api.signIn("viewer");
    expect((await api.call("GET", "/api/v1/me", { as: BOOTSTRAP })).json.code).toBe("bootstrap_spent");
    expect(principal && (await api.auth.stillValid(principal))).toBe(false);
  });

  it("is worth nothing when another one, or none, is configured", async () => {
    expect((await api.call("GET", "/api/v1/me", { as: `${BOOTSTRAP}x` })).json.code).toBe("unauthenticated");
    const other = await startTestApi({ bootstrapToken: undefined });
    expect((await other.call("GET", "/api/v1/me", { as: BOOTSTRAP })).json.code).toBe("unauthenticated");
    await other.stop();
  });

  it("leaves a trace when it is refused", async () => {
    await api.signIn("viewer");
    await api.call("GET", "/api/v1/users", { as: BOOTSTRAP });
    await api.auth.audit.settled();
    expect((await api.store.listAudit({ action: "auth.denied", limit: 10 })).items).toMatchObject([
      { code: "bootstrap_spent", target: { thing: "GET /api/v1/users" } },
    ]);
  });
});
