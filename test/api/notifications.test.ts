import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NewSinkAnswer, SinkAnswer } from "../../protocol/notify-api.ts";
import { startReceiver } from "../support/receiver.ts";
import { startTestApi, type TestApi } from "../support/test-api.ts";

const SECRET_PATH = "B0/s3cr3t-part-of-the-path";
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let api: TestApi;
let admin: string;

beforeAll(async () => {
  receiver = await startReceiver();
  api = await startTestApi({ notifyHosts: ["hooks.slack.com", receiver.host] });
  admin = await api.token("admin");
});
afterAll(async () => {
  await api.stop();
  await receiver.stop();
});

const hears = { topics: ["incident.opened"], severity: 3, environments: [] };
const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1/${path}`, { as: admin, ...(body === undefined ? {} : { body }) });
const make = (body: object = {}) =>
  call("POST", "notify-sinks", { name: "ops", kind: "generic", url: `${receiver.host}/${SECRET_PATH}`, hears, ...body });

describe("notification sinks over the API", () => {
  it("say what to set while no host is allowed", async () => {
    const bare = await startTestApi();
    try {
      const as = await bare.token("admin");
      expect((await bare.call("GET", "/api/v1/notify-settings", { as })).json).toEqual({ hosts: [] });
      const body = { name: "ops", kind: "slack", url: "https://hooks.slack.com/services/x", hears };
      const { status, json } = await bare.call("POST", "/api/v1/notify-sinks", { as, body });
      expect([status, json.code]).toEqual([422, "notify_hosts_unset"]);
      expect(json.detail).toContain("HOLDFAST_NOTIFY_HOSTS");
    } finally {
      await bare.stop();
    }
  });

  it("go only where they may, over https, without a password in the address", async () => {
    const codeOf = async (url: string): Promise<string> => (await make({ url })).json.code as string;
    expect(await codeOf("https://evil.example/")).toBe("notify_host_refused");
    expect(await codeOf("http://hooks.slack.com/services/x")).toBe("notify_host_refused");
    expect(await codeOf("https://hooks.slack.com@evil.example/")).toBe("request_invalid");
    expect(await codeOf("file:///etc/passwd")).toBe("request_invalid");
    expect(await codeOf("not an address")).toBe("request_invalid");
    expect((await make({ hears: { ...hears, topics: [] } })).json.code).toBe("request_invalid");
  });

  it("never give back an address or a secret, nor write them into the audit log or the database", async () => {
    const made = await make();
    expect(made.status).toBe(201);
    const { id, secret } = made.json as NewSinkAnswer;
    expect(made.json).toMatchObject({ origin: receiver.host, refused: null, waiting: 0, hears });
    const changed = await call("PATCH", `notify-sinks/${id}`, { name: "on call", url: `${receiver.host}/other-s3cr3t-path` });
    expect(changed.json).toMatchObject({ name: "on call", origin: receiver.host });
    const rotated = await call("POST", `notify-sinks/${id}/rotate`);
    expect(rotated.json.secret).toMatch(/^hfw_/);
    expect(rotated.json.secret).not.toBe(secret);
    expect(rotated.json.previousUntil).toBe(api.clock.now() + 86_400_000);
    await call("POST", `notify-sinks/${id}/test`);
    // The old secret goes on signing for a while.
    expect(receiver.received.at(-1)?.headers["holdfast-signature"]).toMatch(/,v1=.*,v1=/);
    const list = await call("GET", "notify-sinks");
    await call("DELETE", `notify-sinks/${id}`);
    const { items: audit } = await api.store.listAudit({ action: "notify_sink.", limit: 50, order: "asc" });
    expect(audit.map(({ action }) => action.split(".")[1])).toEqual(["created", "changed", "rotated", "tested", "deleted"]);
    const everywhere = JSON.stringify([changed.json, list.json, audit, await api.store.listNotifySinks({ limit: 500 })]);
    for (const hidden of ["s3cr3t", String(secret), String(rotated.json.secret)]) expect(everywhere).not.toContain(hidden);
    expect(audit[1]).toMatchObject({ before: { name: "ops" }, after: { name: "on call", addressChanged: true } });
    expect((await call("GET", "notify-deliveries")).json.items).toEqual([]);
    expect((await call("PATCH", `notify-sinks/${id}`, { enabled: false })).json.code).toBe("sink_unknown");
  });

  it("answer a test with what the receiver said", async () => {
    const { id } = (await make({ kind: "slack" })).json as SinkAnswer;
    receiver.answer(404, {}, "no_service");
    const { status, json } = await call("POST", `notify-sinks/${id}/test`);
    expect([status, json]).toMatchObject([200, { status: "failed", code: 404, answer: "no_service", error: "answered 404", attempts: 1 }]);
    expect(receiver.bodies().at(-1)).toMatchObject({ text: expect.stringContaining("A test of ops"), blocks: expect.any(Array) });
    expect(receiver.received.at(-1)?.headers["holdfast-signature"]).toBeUndefined();
    const repeated = await call("POST", `notify-deliveries/${json.id}/repeat`);
    expect(repeated.json).toMatchObject({ id: json.id, status: "waiting", attempts: 0 });
    expect((await call("POST", `notify-deliveries/${json.id}/repeat`)).json.code).toBe("delivery_waiting");
    expect((await call("POST", "notify-deliveries/x/repeat")).json.code).toBe("delivery_unknown");
    // Switched off, it drops what waits.
    await call("PATCH", `notify-sinks/${id}`, { enabled: false });
    expect((await call("GET", `notify-deliveries?sink=${id}`)).json.items).toMatchObject([{ status: "dropped" }]);
    await call("DELETE", `notify-sinks/${id}`);
  });

  it("are listed page by page, as are their deliveries", async () => {
    const ids: string[] = [];
    for (const name of ["one", "two", "three"]) ids.push((await make({ name })).json.id as string);
    receiver.answer(200);
    for (const id of ids) await call("POST", `notify-sinks/${id}/test`);
    const walk = async (path: string): Promise<string[]> => {
      const found: string[] = [];
      let cursor = "";
      do {
        const { json } = await call("GET", `${path}?limit=2${cursor}`);
        found.push(...(json.items as { name?: string; sinkId?: string }[]).map(({ name, sinkId }) => name ?? sinkId ?? ""));
        cursor = json.nextCursor === null ? "" : `&cursor=${String(json.nextCursor)}`;
      } while (cursor !== "");
      return found;
    };
    expect(await walk("notify-sinks")).toEqual(["one", "two", "three"]);
    expect(await walk("notify-deliveries")).toEqual([...ids].reverse());
    expect((await call("GET", "notify-sinks?cursor=x")).json.code).toBe("cursor_invalid");
  });
});
