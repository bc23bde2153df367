import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { flipDetailSchema, flipSchema, fleetSchema, previewSchema, problemSchema, switchPageSchema } from "../../protocol/api.ts";
import { startTestApi, type Json, type TestApi } from "../support/test-api.ts";

let api: TestApi;
let operator: string;
const FLIPS = "/api/v1/switches/recommendations/flips";
const body = (overrides: Record<string, unknown> = {}) => ({
  position: "off",
  reason: "payments are slow",
  expiresInSeconds: 3600,
  ...overrides,
});
const flip = (overrides: Record<string, unknown> = {}) => api.call("POST", FLIPS, { as: operator, body: body(overrides) });

beforeEach(async () => {
  api = await startTestApi();
  operator = await api.token("operator");
  api.join("catalog", "c1");
  api.join("catalog", "c2");
  api.join("search", "s1");
});
afterEach(() => api.stop());

describe("flipping a switch", () => {
  it("answers 201 with the flip, where to find it, and its receipts as they come in", async () => {
    const made = await flip();
    expect(made.status).toBe(201);
    expect(flipSchema.parse(made.json)).toMatchObject({
      revision: 1,
      author: "token:a operator",
      status: "live",
      receipts: { targeted: 3, pending: 3, applied: 0 },
    });
    expect(made.headers.get("location")).toBe(`/api/v1/flips/${made.json.id}`);
    api.answer("catalog", "c1", 1);
    api.answer("catalog", "c2", 1, [{ id: made.json.id, code: "x", message: "not here" }]);
    const detail = await api.call("GET", `/api/v1/flips/${made.json.id}`, { as: operator });
    expect(flipDetailSchema.parse(detail.json)).toMatchObject({
      receipts: { targeted: 3, applied: 1, refused: 1, pending: 1 },
      instances: [
        { instance: "catalog/c1", state: "applied", appliedMs: 2 },
        { instance: "catalog/c2", state: "refused", reason: "not here" },
        { instance: "search/s1", state: "pending" },
      ],
    });
  });

  it("demands that the expiry is said, and takes null for none", async () => {
    const { status, json } = await api.call("POST", FLIPS, { as: operator, body: { position: "off", reason: "payments are slow" } });
    expect([status, json.code]).toEqual([400, "request_invalid"]);
    expect(problemSchema.parse(json).errors).toEqual([{ path: "expiresInSeconds", message: expect.stringContaining("must be said") }]);
    expect((await flip({ expiresInSeconds: null })).json).toMatchObject({ expiresAt: null });
  });

  it.each([
    [{ expiresInSeconds: 4 }, "expiresInSeconds"],
    [{ expiresInSeconds: 2_592_001 }, "expiresInSeconds"],
    [{ reason: " x " }, "reason"],
    [{ reason: "line\nbreak" }, "reason"],
    [{ reason: "\u202eright to left" }, "reason"],
    [{ scope: { instances: ["catalog/c1"], percentage: 5 } }, "scope"],
    [{ scope: { region: "eu" } }, "scope"],
    [{ flipId: "../../x" }, "flipId"],
    [{ force: true }, "body"],
  ])("names the field that is wrong: %j", async (wrong, path) => {
    const { status, json } = await flip(wrong);
    expect([status, json.code, json.errors?.[0]?.path]).toEqual([400, "request_invalid", path]);
  });

  it("tells an unknown switch, position or empty scope apart", async () => {
    expect((await api.call("POST", "/api/v1/switches/nothing/flips", { as: operator, body: body() })).json).toMatchObject({
      status: 404,
      code: "switch_unknown",
    });
    expect((await api.call("POST", `${FLIPS}?environment=staging`, { as: operator, body: body() })).json).toMatchObject({
      status: 404,
      code: "switch_unknown",
    });
    expect((await flip({ position: "sideways" })).json).toMatchObject({
      status: 422,
      code: "position_unknown",
      detail: expect.stringContaining("personal, popular, off"),
    });
    expect((await flip({ scope: { service: "orders" } })).json).toMatchObject({ status: 422, code: "scope_empty" });
  });

  it("counts an instance that is known but away as a target", async () => {
    api.join("orders", "o1").closed("goodbye");
    expect((await flip({ scope: { service: "orders" } })).json).toMatchObject({ receipts: { targeted: 1, unknown: 1 } });
  });

  it("answers 409 with the difference when somebody was faster", async () => {
    await flip({ expectedRevision: 0, reason: "the first one" });
    const { status, json } = await flip({ expectedRevision: 0 });
    expect([status, json.code]).toEqual([409, "revision_conflict"]);
    expect(json.conflict).toMatchObject({ expected: 0, current: 1, flips: [{ reason: "the first one", position: "off" }] });
  });

  it("can be taken back once, with a reason", async () => {
    const { json } = await flip();
    const revert = (reason: string) => api.call("POST", `/api/v1/flips/${json.id}/revert`, { as: operator, body: { reason } });
    expect((await revert("")).json.code).toBe("request_invalid");
    expect((await revert("calm again")).json).toMatchObject({ status: "reverted", endedBy: "token:a operator" });
    expect((await revert("calm again")).json).toMatchObject({ status: 409, code: "flip_ended" });
  });
});

describe("looking before", () => {
  it("shows who would be hit, and the flip hits exactly those", async () => {
    for (let i = 0; i < 30; i++) api.join("images", `i${i}`);
    const scope = { service: "images", percentage: 40 };
    const preview = await api.call("POST", "/api/v1/switches/recommendations/preview", { as: operator, body: { position: "off", scope } });
    expect(preview.status).toBe(200);
    const shown = previewSchema.parse(preview.json);
    expect(shown.returnsTo).toBe("personal");
    expect((await api.call("GET", "/api/v1/flips", { as: operator })).json.items).toEqual([]);
    const made = await flip({ scope, flipId: shown.flipId });
    const detail = await api.call("GET", `/api/v1/flips/${made.json.id}`, { as: operator });
    expect(detail.json.instances.map((entry: Json) => entry.instance)).toEqual(shown.instances.map((entry) => entry.instance));
    expect((await flip({ scope, flipId: shown.flipId })).json).toMatchObject({ status: 400, errors: [{ path: "flipId" }] });
  });
});

describe("what there is", () => {
  it("lists switches with what is wanted and how many follow", async () => {
    api.join("orders", "o1").closed("goodbye");
    await flip({ scope: { service: "search" }, position: "popular" });
    api.clock.advance(60_000);
    const { json } = await api.call("GET", "/api/v1/switches", { as: operator });
    expect(switchPageSchema.parse(json).items).toMatchObject([
      {
        key: "recommendations",
        desired: "personal",
        instances: { total: 4, asDesired: 2, unknown: 1 },
        revision: 1,
        flips: [{ position: "popular" }],
        lastChange: { by: "token:a operator", reason: "payments are slow" },
      },
    ]);
    expect([...json.items[0].services].sort()).toEqual(["catalog", "orders", "search"]);
    expect((await api.call("GET", "/api/v1/switches/recommendations", { as: operator })).json).toEqual(json.items[0]);
    expect((await api.call("GET", "/api/v1/switches/nothing", { as: operator })).json.code).toBe("switch_unknown");
  });

  it("pages through flips, newest first, none twice", async () => {
    for (let i = 0; i < 5; i++) await flip();
    const revisions: number[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { json }: { json: Json } = await api.call("GET", `/api/v1/flips?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, {
        as: operator,
      });
      revisions.push(...json.items.map((entry: Json) => entry.revision));
      cursor = json.nextCursor;
    }
    expect(revisions).toEqual([5, 4, 3, 2, 1]);
    expect((await api.call("GET", "/api/v1/flips?cursor=nonsense", { as: operator })).json.code).toBe("cursor_invalid");
  });

  it("shows the fleet with values by name", async () => {
    const { json } = await api.call("GET", "/api/v1/fleet", { as: operator });
    expect(fleetSchema.parse(json)).toMatchObject({
      services: [
        { name: "catalog", instances: 2, live: 2 },
        { name: "search", instances: 1 },
      ],
    });
    expect(json.instances[0]).toMatchObject({ key: "catalog/c1", state: "live", positions: { recommendations: "personal" } });
    expect(json.resources[0]).toMatchObject({ kind: "breaker", name: "payments", values: { state: null, calls: null } });
    expect((await api.call("GET", "/api/v1/fleet?service=search", { as: operator })).json.instances).toHaveLength(1);
  });

  it("finds events by service, kind and window", async () => {
    await flip({ scope: { service: "search" } });
    await flip();
    const get = async (query: string) => (await api.call("GET", `/api/v1/events?${query}`, { as: operator })).json;
    expect((await get("kind=flip.")).items).toHaveLength(2);
    expect((await get("kind=flip.created&service=search")).items).toMatchObject([{ type: "flip.created", service: "search" }]);
    expect((await get(`kind=flip.&since=${api.clock.now() + 1}`)).items).toEqual([]);
    expect((await get("kind=flip.&limit=1&order=asc")).nextCursor).not.toBeNull();
    expect((await get("limit=501")).code).toBe("request_invalid");
    expect((await get("kind=flip.created&kind=switch.&service=catalog&service=search")).items).toMatchObject([{ service: "search" }]);
    expect((await get("kind=flip.created&kind=flip.")).items).toHaveLength(2);
    expect((await get(Array.from({ length: 21 }, (_, i) => `service=s${String(i)}`).join("&"))).code).toBe("request_invalid");
  });

  it("asks history for columns with a step that fits the window", async () => {
    const get = async (query: string) => (await api.call("GET", `/api/v1/series?${query}`, { as: operator })).json;
    await get("service=catalog&resource=payments&columns=calls,%20failures&from=0&to=3600000");
    expect(api.asked.at(-1)).toEqual({
      environment: "production",
      service: "catalog",
      resource: "payments",
      columns: ["calls", "failures"],
      from: 0,
      to: 3_600_000,
      stepMs: 12_000,
    });
    await get("columns=calls&from=0&to=10000&step=5000&instance=search/s1");
    expect(api.asked.at(-1)).toEqual({
      environment: "production",
      service: "search",
      instance: "search/s1",
      columns: ["calls"],
      from: 0,
      to: 10_000,
      stepMs: 5_000,
    });
    expect((await get("service=a&columns=calls&from=10&to=10")).code).toBe("window_invalid");
    expect((await get("service=a&columns=&from=0&to=10")).code).toBe("request_invalid");
    expect((await get("service=a&columns=a;drop&from=0&to=10")).code).toBe("request_invalid");
  });
});
