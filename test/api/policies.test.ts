import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeDetailSchema, changePageSchema, changeSchema, problemSchema } from "../../protocol/api.ts";
import { changePreviewSchema, HOLDER_NAMES, policyPageSchema } from "../../protocol/policy-api.ts";
import { declaredPolicy, startTestApi, type Json, type TestApi } from "../support/test-api.ts";

const TIMEOUT = declaredPolicy("timeout", {
  values: { attemptMs: 500, totalMs: 2_000 },
  bounds: { totalMs: [1_000, 8_000] },
  fixed: ["shadow"],
});
const SLOWER = declaredPolicy("timeout", {
  values: { attemptMs: 500, totalMs: 4_000 },
  bounds: { totalMs: [500, 6_000] },
  note: "calls under way keep theirs",
});
const BREAKER = declaredPolicy("breaker", { faults: true });
const PUT = "/api/v1/policies/payments/timeout";

let api: TestApi;
let operator: string;
const why = { reason: "payments are slow", expiresInSeconds: 600 };
const put = (values: Record<string, unknown>, rest: Record<string, unknown> = {}) =>
  api.call("PUT", PUT, { as: operator, body: { values, ...why, ...rest } });
const list = async (query = "") => policyPageSchema.parse((await api.call("GET", `/api/v1/policies${query}`, { as: operator })).json);
const one = async (name: string, policy: string) => (await list(`?name=${name}&policy=${policy}`)).items[0];
const setting = async (key: string) => (await one("payments", "timeout"))?.settings.find((entry) => entry.key === key);

beforeEach(async () => {
  api = await startTestApi();
  operator = await api.token("operator");
  api.join("shop", "a", [], [TIMEOUT, BREAKER]);
  api.join("shop", "b", [], [TIMEOUT, BREAKER]);
  api.join("search", "s1", [], [SLOWER]);
});
afterEach(() => api.stop());

describe("the list of policies", () => {
  it("shows what the code says, where instances differ, and what is in force from where", async () => {
    await put({ totalMs: 5_000 }, { scope: { service: "shop" } });
    expect(await one("payments", "timeout")).toMatchObject({
      services: ["search", "shop"],
      instances: { total: 3, live: 3 },
      revision: 1,
      note: "calls under way keep theirs",
      states: ["disabled"],
      override: [],
      changes: [{ kind: "settings", body: { policy: "timeout", values: { totalMs: 5_000 } }, receipts: { targeted: 2 } }],
      lastChange: { by: "token:a operator", reason: "payments are slow" },
    });
    expect(await setting("totalMs")).toEqual({
      key: "totalMs",
      type: "int",
      default: 15_000,
      min: 1,
      max: 3_600_000,
      bounds: [1_000, 6_000],
      fixed: false,
      code: [
        { value: 2_000, instances: 2, names: ["shop/a", "shop/b"] },
        { value: 4_000, instances: 1, names: ["search/s1"] },
      ],
      effective: [
        { value: 5_000, origin: "remote", revision: 1, instances: 2, names: ["shop/a", "shop/b"] },
        { value: 4_000, origin: "code", revision: 0, instances: 1, names: ["search/s1"] },
      ],
    });
    expect(await setting("shadow")).toMatchObject({ type: "flag", fixed: true, bounds: null });
  });

  it("names as many of the instances that differ as a person reads, and counts all", async () => {
    for (let i = 10; i < 35; i++) api.join("images", `i${i}`, [], [TIMEOUT]);
    const [most, fewest] = (await setting("totalMs"))?.code ?? [];
    expect([most?.instances, most?.names.length, most?.names[0], most?.names.at(-1)]).toEqual([
      27,
      HOLDER_NAMES,
      "images/i10",
      "images/i29",
    ]);
    expect(fewest).toMatchObject({ instances: 1, names: ["search/s1"] });
  });

  it("shows the override and the fault that decide, and how many instances they reach", async () => {
    await api.call("POST", "/api/v1/overrides", {
      as: operator,
      body: { name: "payments", policy: "breaker", state: "forced_open", ...why },
    });
    await api.call("POST", "/api/v1/overrides", {
      as: operator,
      body: { name: "payments", policy: "breaker", state: "disabled", ...why, scope: { instances: ["shop/b"] } },
    });
    await api.call("POST", "/api/v1/faults", {
      as: operator,
      body: { name: "payments", values: { errorPermille: 100 }, ...why, scope: { service: "shop" } },
    });
    expect(await one("payments", "breaker")).toMatchObject({
      states: ["forced_open", "forced_closed", "disabled"],
      override: [
        { state: "disabled", revision: 2, instances: 1 },
        { state: "forced_open", revision: 1, instances: 1 },
      ],
      fault: { allowed: 2, inForce: [{ values: { errorPermille: 100 }, revision: 3, instances: 2 }] },
      changes: [{ kind: "fault" }, { body: { state: "disabled" } }, { body: { state: "forced_open" } }],
    });
  });

  it("comes in pages, and only what was asked for", async () => {
    const names = (page: { items: { name: string; policy: string }[] }) => page.items.map(({ name, policy }) => `${name} ${policy}`);
    api.join("orders", "o1", [], [declaredPolicy("retry", { name: "stock" }), declaredPolicy("bulkhead", { name: "stock" })]);
    expect(names(await list())).toEqual(["payments breaker", "payments timeout", "stock bulkhead", "stock retry"]);
    const first = await list("?limit=3");
    expect(names(first)).toHaveLength(3);
    const rest = await list(`?limit=3&cursor=${encodeURIComponent(first.nextCursor ?? "")}`);
    expect([names(rest), rest.nextCursor]).toEqual([["stock retry"], null]);
    expect(names(await list("?service=search"))).toEqual(["payments timeout"]);
    expect(names(await list("?environment=staging"))).toEqual([]);
    expect((await api.call("GET", "/api/v1/policies?cursor=nonsense", { as: operator })).json.code).toBe("cursor_invalid");
  });

  it("knows the policies of a service that is away, after a restart of the console too", async () => {
    const { dataDir, clock } = api;
    await api.stop(true);
    api = await startTestApi({ dataDir, clock });
    operator = await api.token("operator");
    expect(await one("payments", "timeout")).toMatchObject({ instances: { total: 3, live: 0 } });
    expect((await put({ totalMs: 3_000 })).json).toMatchObject({ receipts: { targeted: 3, unknown: 3 } });
  });
});

describe("changing a policy", () => {
  it("answers 201 with the change and where to find it, and its receipts as they come in", async () => {
    const made = await put({ totalMs: 5_000 }, { expectedRevision: 0 });
    expect(made.status).toBe(201);
    const change = changeSchema.parse(made.json);
    expect(change).toMatchObject({ kind: "settings", key: "payments", policy: "timeout", revision: 1, author: "token:a operator" });
    const where = made.headers.get("location") ?? "";
    expect(where).toBe(`/api/v1/changes/${change.id}`);
    api.answer("shop", "a", 1);
    for (const path of [where, `/api/v1/flips/${change.id}`])
      expect(changeDetailSchema.parse((await api.call("GET", path, { as: operator })).json)).toMatchObject({
        receipts: { targeted: 3, applied: 1, pending: 2 },
        instances: [{ instance: "search/s1" }, { instance: "shop/a", state: "applied" }, { instance: "shop/b" }],
      });
    const reverted = await api.call("POST", `${where}/revert`, { as: operator, body: { reason: "calm again" } });
    expect(changeSchema.parse(reverted.json)).toMatchObject({ status: "reverted", endedBy: "token:a operator" });
    expect((await api.call("POST", `${where}/revert`, { as: operator, body: { reason: "again" } })).json.code).toBe("flip_ended");
    expect((await api.call("GET", "/api/v1/changes/nothing", { as: operator })).json.code).toBe("flip_unknown");
    expect(changePageSchema.parse((await api.call("GET", "/api/v1/changes?kind=settings", { as: operator })).json).items).toHaveLength(1);
    expect((await api.call("GET", "/api/v1/flips", { as: operator })).json.items).toEqual([]);
  });

  it("answers 409 with the difference when somebody was faster", async () => {
    await put({ totalMs: 5_000 }, { expectedRevision: 0, reason: "the first one" });
    const { status, json } = await put({ totalMs: 3_000 }, { expectedRevision: 0 });
    expect([status, json.code]).toEqual([409, "revision_conflict"]);
    expect(json.conflict).toMatchObject({
      expected: 0,
      current: 1,
      flips: [{ reason: "the first one", body: { values: { totalMs: 5_000 } } }],
    });
  });

  it("does a write with an Idempotency-Key once", async () => {
    const send = () =>
      api.call("PUT", PUT, { as: operator, body: { values: { totalMs: 5_000 }, ...why }, headers: { "idempotency-key": "k1" } });
    const [first, again] = [await send(), await send()];
    expect([again.status, again.json.id, again.headers.get("idempotent-replayed")]).toEqual([201, first.json.id, "true"]);
    expect(api.policy.revision("production")).toBe(1);
  });

  it.each([
    [422, "settings_invalid", { attemptMs: 2_500 }],
    [422, "settings_invalid", { patience: 3 }],
    [422, "settings_out_of_bounds", { totalMs: 7_000 }],
  ])("refuses with %i %s: %j", async (wanted, code, values) => {
    const { status, json } = await put(values);
    expect([status, problemSchema.parse(json).code]).toEqual([wanted, code]);
    expect(json.errors[0].path).toBe("values");
    expect(api.policy.revision("production")).toBe(0);
  });

  it.each([
    ["PUT", "/api/v1/policies/payments/patience", { values: {} }, "policy"],
    ["PUT", PUT, { values: { totalMs: 1.5 } }, "values.totalMs"],
    ["PUT", PUT, { values: {}, reason: "x" }, "reason"],
    ["POST", "/api/v1/overrides", { name: "payments", policy: "breaker", state: "ajar" }, "state"],
    ["POST", "/api/v1/faults", { name: "payments", values: {}, expiresInSeconds: null }, "expiresInSeconds"],
    ["POST", "/api/v1/faults", { name: "payments", values: {}, expiresInSeconds: 3_601 }, "expiresInSeconds"],
  ])("names the field that is wrong: %s %s %j", async (method, path, body, field) => {
    const { status, json } = await api.call(method, path, { as: operator, body: { ...why, ...body } });
    expect([status, json.code, json.errors?.[0]?.path]).toEqual([400, "request_invalid", field]);
  });

  it("finds a policy whose name has a slash and a space", async () => {
    api.join("orders", "o1", [], [declaredPolicy("pool", { name: "orders/db main" })]);
    const { status, json } = await api.call("PUT", `/api/v1/policies/${encodeURIComponent("orders/db main")}/pool`, {
      as: operator,
      body: { values: { max: 20 }, ...why },
    });
    expect([status, json.key]).toEqual([201, "orders/db main"]);
    expect(
      (await api.call("PUT", "/api/v1/policies/nothing/pool", { as: operator, body: { values: { max: 20 }, ...why } })).json,
    ).toMatchObject({
      status: 404,
      code: "policy_unknown",
    });
  });
});

describe("looking before", () => {
  it("shows who would be hit, and the change hits exactly those", async () => {
    for (let i = 0; i < 30; i++) api.join("images", `i${i}`, [], [TIMEOUT]);
    const scope = { service: "images", percentage: 40 };
    const shown = changePreviewSchema.parse(
      (
        await api.call("POST", "/api/v1/policies/preview", {
          as: await api.token("viewer"),
          body: { kind: "settings", name: "payments", policy: "timeout", values: { totalMs: 5_000 }, scope },
        })
      ).json,
    );
    expect(shown.moves).toEqual([
      {
        key: "totalMs",
        to: 5_000,
        from: [{ value: 2_000, instances: shown.targeted }],
        returnsTo: [{ value: 2_000, instances: shown.targeted }],
      },
    ]);
    const made = await put({ totalMs: 5_000 }, { scope, flipId: shown.flipId });
    const detail = await api.call("GET", `/api/v1/changes/${made.json.id}`, { as: operator });
    expect(detail.json.instances.map((entry: Json) => entry.instance)).toEqual(shown.instances.map((entry) => entry.instance));
  });
});
