import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApi } from "../../server/api/api.ts";
import type { Store } from "../../server/store/store.ts";
import { startTestApi, type TestApi } from "../support/test-api.ts";

let api: TestApi;
let operator: string;
let admin: string;
const stored: string[] = [];
let gate: Promise<void> | null = null;
let failCreate: Error | null = null;
const FLIPS = "/api/v1/switches/recommendations/flips";
const body = { position: "off", reason: "payments are slow", expiresInSeconds: 3600 };

beforeAll(async () => {
  api = await startTestApi({
    wrapStore: (store: Store) =>
      new Proxy(store, {
        get(target, name: keyof Store) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== "function") return value;
          return async (...args: unknown[]): Promise<unknown> => {
            if (name === "settleIdempotency") stored.push(String(args[3]));
            if (name === "createFlip" && gate) await gate;
            if (name === "createFlip" && failCreate) throw failCreate;
            return (value as (...args: unknown[]) => unknown).apply(target, args);
          };
        },
      }),
  });
  operator = await api.token("operator");
  admin = await api.token("admin");
  api.join("catalog", "c1");
});
afterAll(() => api.stop());

const send = (key: string, payload: unknown = body, as = operator) =>
  api.call("POST", FLIPS, { as, body: payload, headers: { "idempotency-key": key } });
const flipCount = async () => (await api.call("GET", "/api/v1/flips?limit=500", { as: operator })).json.items.length as number;

describe("a write with an Idempotency-Key", () => {
  it("has effect once and gives the same answer each time, marked as replayed", async () => {
    const before = await flipCount();
    const key = randomUUID();
    const first = await send(key);
    const again = await send(key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect([first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")]).toEqual([null, "true"]);
    const own = [first, again].map(({ headers }) => headers.get("x-request-id"));
    expect([new Set(own).size, own.includes(null), again.headers.get("cache-control")]).toEqual([2, false, "no-store"]);
    expect(await flipCount()).toBe(before + 1);
  });

  it("refuses the key for another request", async () => {
    const key = randomUUID();
    await send(key);
    expect((await send(key, { ...body, position: "popular" })).json).toMatchObject({ status: 422, code: "idempotency_mismatch" });
    const elsewhere = await api.call("POST", `${FLIPS}?environment=staging`, { as: operator, body, headers: { "idempotency-key": key } });
    expect(elsewhere.json.code).toBe("idempotency_mismatch");
  });

  it("belongs to who sent it", async () => {
    const key = randomUUID();
    const one = await send(key);
    const other = await send(key, body, admin);
    expect(other.status).toBe(201);
    expect(other.json.id).not.toBe(one.json.id);
  });

  it("is told to wait while the first one runs", async () => {
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const key = randomUUID();
    const first = send(key);
    let second = await send(key);
    while (second.status === 201) second = await send(key);
    expect(second.json).toMatchObject({ status: 409, code: "idempotency_running", retryable: true });
    open();
    gate = null;
    expect((await first).status).toBe(201);
    expect((await send(key)).headers.get("idempotent-replayed")).toBe("true");
  });

  it("may be sent again when it was refused, for then it had no effect", async () => {
    const key = randomUUID();
    const refused = await send(key, { ...body, scope: { service: "later" } });
    expect(refused.json.code).toBe("scope_empty");
    api.join("later", "l1");
    expect((await send(key, { ...body, scope: { service: "later" } })).status).toBe(201);
  });

  it("is not run again when the outcome is not known", async () => {
    const key = randomUUID();
    failCreate = new Error("cut off");
    expect((await send(key)).status).toBe(500);
    failCreate = null;
    expect((await send(key)).json.code).toBe("idempotency_running");
    // The next start of the console knows that nothing runs any more.
    const restarted = createApi({ ...api, boot: randomUUID() });
    const answer = await restarted.request(FLIPS, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${operator}`, "content-type": "application/json", "idempotency-key": key },
    });
    expect(await answer.json()).toMatchObject({ status: 409, code: "idempotency_lost" });
  });

  it("keeps secrets of answers from whoever reads the database", async () => {
    const key = randomUUID();
    const make = () => api.call("POST", "/api/v1/agent-tokens", { as: admin, body: { name: "once" }, headers: { "idempotency-key": key } });
    const first = await make();
    expect((await make()).json.token).toBe(first.json.token);
    const kept = stored.at(-1) ?? "";
    expect(Buffer.from(kept, "base64").toString("latin1")).not.toContain("hfa_");
    expect(kept).not.toContain(first.json.token);
  });

  it.each(["", " ", "with space", "ä", "x".repeat(129)])("cannot be used as %j", async (key) => {
    const answer = await send(key).catch(() => null);
    // What HTTP itself does not carry never arrives.
    if (answer && key.trim() !== "") expect(answer.json.code).toBe("idempotency_key_invalid");
  });
});
