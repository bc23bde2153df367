import { request as httpRequest } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemSchema } from "../../protocol/api.ts";
import { chosenEncoding } from "../../server/api/compression.ts";
import { StoreUnavailable, type Store } from "../../server/store/store.ts";
import { startTestApi, type TestApi } from "../support/test-api.ts";

let api: TestApi;
let viewer: string;
let admin: string;
let broken: Error | null = null;
const pages: { url: string; headers: Record<string, unknown> }[] = [];

beforeAll(async () => {
  api = await startTestApi({
    wrapStore: (store: Store) =>
      new Proxy(store, {
        get(target, name: keyof Store) {
          const value: unknown = Reflect.get(target, name);
          if (name === "listEvents" && broken) return () => Promise.reject(broken ?? new Error());
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      }),
    pages: (request, response) => {
      pages.push({ url: request.url ?? "", headers: { ...request.headers } });
      response.setHeader("content-type", "text/html");
      response.end("<p>a page</p>");
      return Promise.resolve();
    },
  });
  viewer = await api.token("viewer");
  admin = await api.token("admin");
});
afterAll(() => api.stop());

/** A request that fetch would not let us make. */
function raw(options: {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  chunks?: string[];
}): Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(api.url);
    const request = httpRequest(
      { host: "127.0.0.1", port, method: options.method ?? "GET", path: options.path, headers: options.headers ?? {} },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }));
      },
    );
    request.on("error", reject);
    for (const chunk of options.chunks ?? []) request.write(chunk);
    request.end();
  });
}

describe("every answer", () => {
  it("carries the headers that keep browsers honest, and is not kept by caches", async () => {
    for (const answer of [await api.call("GET", "/api/v1/fleet", { as: viewer }), await api.call("GET", "/api/v1/nothing")]) {
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    }
  });

  it("to a failure is a problem with its request id", async () => {
    const answer = await api.call("GET", "/api/v1/switches/nothing", { as: viewer });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(problemSchema.parse(answer.json)).toMatchObject({
      type: "urn:holdfast:error:switch_unknown",
      requestId: answer.headers.get("x-request-id"),
      retryable: false,
    });
    expect((await api.call("GET", "/api/v1/me")).headers.get("www-authenticate")).toBe("Bearer");
  });

  it("to a fault of ours tells nothing of the inside", async () => {
    broken = new Error("secret table exploded");
    const internal = await api.call("GET", "/api/v1/events", { as: viewer });
    expect([internal.status, internal.json.code, internal.json.retryable]).toEqual([500, "internal", true]);
    expect(internal.text).not.toContain("secret table");
    broken = new StoreUnavailable("down");
    const down = await api.call("GET", "/api/v1/events", { as: viewer });
    expect([down.status, down.json.code, down.headers.get("retry-after")]).toEqual([503, "store_unavailable", "1"]);
    broken = null;
  });
});

describe("a body", () => {
  const path = "/api/v1/agent-tokens";

  it("must be JSON", async () => {
    const headers = { authorization: `Bearer ${admin}` };
    expect((await api.call("POST", path, { as: admin, body: "{" })).json).toMatchObject({ status: 400, code: "json_invalid" });
    expect(
      (await api.call("POST", path, { as: admin, body: "name=x", headers: { "content-type": "application/x-www-form-urlencoded" } })).json,
    ).toMatchObject({ status: 415, code: "media_type_unsupported" });
    expect((await api.call("POST", path, { as: admin, body: "{}", headers: { "content-type": "text/plain" } })).json).toMatchObject({
      status: 415,
    });
    expect((await raw({ method: "POST", path, headers, chunks: ["{}"] })).status).toBe(415);
    expect((await api.call("POST", path, { as: admin })).status).toBe(400);
  });

  it("has at most 64 kB, whether it says its length or not", async () => {
    const large = JSON.stringify({ name: "x".repeat(70_000) });
    expect((await api.call("POST", path, { as: admin, body: large })).json).toMatchObject({ status: 413, code: "body_too_large" });
    const headers = { authorization: `Bearer ${admin}`, "content-type": "application/json", "transfer-encoding": "chunked" };
    expect((await raw({ method: "POST", path, headers, chunks: [large] })).status).toBe(413);
    const small = await raw({ method: "POST", path, headers, chunks: ['{"name":', '"in pieces"}'] });
    expect([small.status, (JSON.parse(small.body.toString()) as { name: string }).name]).toEqual([201, "in pieces"]);
  });
});

describe("compression", () => {
  it.each([
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
  ])("by %s gives the same text", async (encoding, unpack) => {
    const plain = await raw({ path: "/api/v1/openapi.json" });
    const packed = await raw({ path: "/api/v1/openapi.json", headers: { "accept-encoding": encoding } });
    expect(packed.headers["content-encoding"]).toBe(encoding);
    expect(packed.headers["vary"]).toContain("Accept-Encoding");
    expect(packed.body.length).toBeLessThan(plain.body.length / 3);
    expect(unpack(packed.body).toString()).toBe(plain.body.toString());
  });

  it("leaves small answers alone", async () => {
    const answer = await raw({ path: "/api/v1/me", headers: { "accept-encoding": "br", authorization: `Bearer ${viewer}` } });
    expect(answer.headers["content-encoding"]).toBeUndefined();
    expect(answer.status).toBe(200);
  });

  it.each([
    ["gzip, deflate, br", "br"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["*", "br"],
    ["identity", null],
    ["gzip;q=0", null],
    [undefined, null],
  ])("chooses for %s: %s", (header, chosen) => {
    expect(chosenEncoding(header)).toBe(chosen);
  });
});

describe("health", () => {
  it("is told without sign-in", async () => {
    expect((await api.call("GET", "/healthz")).json).toEqual({ status: "ok" });
    expect((await api.call("GET", "/readyz")).json).toEqual({ status: "ready", checks: { loaded: true, store: true } });
    api.setReady(false);
    expect(await api.call("GET", "/readyz")).toMatchObject({ status: 503, json: { checks: { loaded: false, store: true } } });
    api.setReady(true);
    expect((await api.call("POST", "/healthz")).status).toBe(405);
  });

  it("has measurements for this machine, and through a proxy only for who may look", async () => {
    const { text, headers } = await api.call("GET", "/metrics");
    expect(headers.get("content-type")).toContain("text/plain");
    for (const name of [
      "holdfast_agents",
      "holdfast_frames_total",
      "holdfast_samples_total",
      "holdfast_events_total",
      "holdfast_lag_seconds",
      "holdfast_dropped_total",
      "holdfast_evicted_total",
      "holdfast_db_write_seconds",
      "process_resident_memory_bytes",
    ])
      expect(text).toContain(`# TYPE ${name} `);
    const proxied = { "x-forwarded-for": "203.0.113.7" };
    expect((await api.call("GET", "/metrics", { headers: proxied })).json).toMatchObject({ status: 401, code: "unauthenticated" });
    expect((await api.call("GET", "/metrics", { headers: proxied, as: viewer })).status).toBe(200);
    expect((await api.call("GET", "/metrics", { headers: proxied, as: await api.agentToken() })).status).toBe(403);
  });
});

describe("pages", () => {
  it("are for people who are signed in; others are sent to the door and back", async () => {
    const answer = await api.call("GET", "/switchboard?key=a");
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/sign-in?next=%2Fswitchboard%3Fkey%3Da&first=1"]);
    expect((await api.call("GET", "/")).headers.get("location")).toBe("/sign-in?first=1");
    for (const path of ["/sign-in", "/setup?token=x", "/_next/static/a.js", "/favicon.ico"])
      expect((await api.call("GET", path)).status, path).toBe(200);
    const cookie = await api.signIn("viewer");
    expect((await api.call("GET", "/switchboard", { headers: { cookie } })).text).toBe("<p>a page</p>");
  });

  it("get a fresh nonce each time, the same for the renderer and the browser", async () => {
    const nonces = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const policy = (await api.call("GET", "/sign-in")).headers.get("content-security-policy") ?? "";
      expect(pages.at(-1)?.headers["content-security-policy"]).toBe(policy);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe-eval");
      nonces.add(/'nonce-([^']+)'/.exec(policy)?.[1] ?? "");
    }
    expect(nonces.size).toBe(3);
  });

  it("let only files of ours run beside them, and those have no network", async () => {
    const page = (await api.call("GET", "/sign-in")).headers.get("content-security-policy");
    expect(page).toContain("worker-src 'self'");
    const script = (await api.call("GET", "/_next/static/a.js")).headers.get("content-security-policy");
    expect(script).toBe("default-src 'none'; script-src 'self'; font-src 'self'; frame-ancestors 'none'");
  });

  it("never see the header that skips checks, nor anything but a look", async () => {
    await api.call("GET", "/sign-in", { headers: { "x-middleware-subrequest": "middleware" } });
    expect(pages.at(-1)?.headers).not.toHaveProperty("x-middleware-subrequest");
    const before = pages.length;
    expect((await api.call("POST", "/sign-in", { body: {} })).status).toBe(405);
    expect((await raw({ path: "http://127.0.0.1/sign-in" })).status).toBe(404);
    expect(pages).toHaveLength(before);
  });
});
