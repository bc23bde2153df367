import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChangeAnswer, FlipAnswer } from "../../protocol/api.ts";
import type { ChangeSetAnswer, ChangeSetPreview, UndoneSet } from "../../protocol/change-set-api.ts";
import type { PlaceAnswer } from "../../protocol/ladder-api.ts";
import type { PresetAnswer, PresetRequest } from "../../protocol/preset-api.ts";
import { declaredPolicy, RECOMMENDATIONS, startTestApi, type Answer, type TestApi } from "../support/test-api.ts";

let api: TestApi;
let as: string;
beforeEach(async () => {
  api = await startTestApi();
  as = await api.token("operator");
  api.join("catalog", "c1", [RECOMMENDATIONS], [declaredPolicy("timeout")]);
  api.join("catalog", "c2", [RECOMMENDATIONS]);
});
afterEach(() => api.stop());

const send = (method: string, path: string, body?: unknown): Promise<Answer> =>
  api.call(method, `/api/v1${path}`, { as, ...(body === undefined ? {} : { body }), headers: { "idempotency-key": randomUUID() } });
const ofItems = async <T>(path: string): Promise<T[]> => ((await send("GET", path)).json as { items: T[] }).items;
const audit = async () => (await api.store.listAudit({ limit: 1 })).items[0];
const flip = async (position: string, over: object = {}): Promise<FlipAnswer> => {
  const body = { position, reason: "payments are slow", expiresInSeconds: 60, ...over };
  const answer = await send("POST", "/switches/recommendations/flips", body);
  expect(answer.status, answer.text).toBe(201);
  return answer.json as FlipAnswer;
};

describe("presets", () => {
  const shed: PresetRequest = {
    name: "Black Friday shed",
    note: "the queue grows",
    items: [
      { kind: "switch", key: "recommendations", position: "off" },
      { kind: "settings", name: "payments", policy: "timeout", values: { attemptMs: 300 } },
    ],
  };

  it("are kept, edited and deleted, each with an audit entry, and change nothing", async () => {
    const made = await send("POST", "/presets", shed);
    expect([made.status, made.headers.get("location")]).toEqual([201, `/api/v1/presets/${String(made.json.id)}`]);
    expect(made.json).toMatchObject({ ...shed, version: 1, createdBy: "token:a operator" });
    expect(await audit()).toMatchObject({
      action: "preset.created",
      before: null,
      after: { items: shed.items },
      target: { thing: shed.name },
    });
    const changed = await send("PUT", `/presets/${String(made.json.id)}`, { ...shed, note: "", expectedVersion: 1 });
    expect(changed.json).toMatchObject({ note: "", version: 2 });
    expect(await audit()).toMatchObject({ action: "preset.changed", before: { note: "the queue grows" }, after: { note: "" } });
    expect(await ofItems<PresetAnswer>("/presets")).toEqual([changed.json]);
    expect((await send("GET", `/presets/${String(made.json.id)}`)).json).toEqual(changed.json);
    expect((await send("DELETE", `/presets/${String(made.json.id)}?version=2`)).status).toBe(200);
    expect(await audit()).toMatchObject({ action: "preset.deleted", after: null });
    expect(await ofItems("/presets")).toEqual([]);
    expect(await ofItems("/changes")).toEqual([]);
  });

  it("refuse an edit of another version, a second of one name, and what is no change", async () => {
    const { json } = await send("POST", "/presets", shed);
    await send("PUT", `/presets/${String(json.id)}`, { ...shed, expectedVersion: 1 });
    const late = await send("PUT", `/presets/${String(json.id)}`, { ...shed, expectedVersion: 1 });
    expect([late.status, late.json]).toEqual([409, expect.objectContaining({ code: "version_conflict", conflict: { current: 2 } })]);
    expect((await send("DELETE", `/presets/${String(json.id)}?version=1`)).json).toMatchObject({ code: "version_conflict" });
    expect((await send("POST", "/presets", shed)).json).toMatchObject({ code: "preset_name_taken" });
    expect((await send("POST", "/presets", { ...shed, name: "empty", items: [] })).json).toMatchObject({ code: "request_invalid" });
    expect((await send("GET", "/presets/nothing")).json).toMatchObject({ code: "preset_unknown" });
  });

  it("are listed a page at a time", async () => {
    for (const name of ["b", "a", "c"]) await send("POST", "/presets", { ...shed, name });
    const first = (await send("GET", "/presets?limit=2")).json as { items: PresetAnswer[]; nextCursor: string };
    const rest = await ofItems<PresetAnswer>(`/presets?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...rest].map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("are previewed with what is so already and what is held now", async () => {
    api.join("catalog", "c2", [{ ...RECOMMENDATIONS, position: "off" }]);
    const look = async () => {
      const items = shed.items.map((item) => ({ ...item, expiresInSeconds: 60 }));
      return ((await send("POST", "/change-sets/preview", { items })).json as ChangeSetPreview).items.map(({ already, now }) => [
        already,
        now,
      ]);
    };
    expect(await look()).toEqual([
      [false, "personal, off"],
      [false, expect.stringMatching(/^attemptMs \d+$/)],
    ]);
    api.join("catalog", "c1", [{ ...RECOMMENDATIONS, position: "off" }], [declaredPolicy("timeout", { values: { attemptMs: 300 } })]);
    expect(await look()).toEqual([
      [true, "off"],
      [true, "attemptMs 300"],
    ]);
  });
});

describe("the ladder", () => {
  const place = (body: object) =>
    send("PUT", "/ladder/recommendations", { capability: "Discovery", steps: [], expectedVersion: 0, ...body });

  it("gives a switch a capability and steps, audited, to whoever looked at the place as it is", async () => {
    const steps = [
      { level: 1, position: "popular" },
      { level: 3, position: "off" },
    ];
    expect((await place({ steps })).json).toMatchObject({
      key: "recommendations",
      capability: "Discovery",
      steps,
      version: 1,
      proven: null,
    });
    expect(await audit()).toMatchObject({ action: "ladder.changed", before: null, after: { steps }, target: { thing: "recommendations" } });
    expect((await place({ steps })).json).toMatchObject({ code: "version_conflict", conflict: { current: 1 } });
    expect((await place({ capability: null, expectedVersion: 1 })).json).toMatchObject({ capability: null, steps: [], version: 2 });
    expect(await ofItems<PlaceAnswer>("/ladder")).toMatchObject([{ key: "recommendations", version: 2 }]);
  });

  it("knows only positions of the switch, and each level once", async () => {
    expect((await place({ steps: [{ level: 1, position: "gone" }] })).json).toMatchObject({ code: "position_unknown" });
    expect((await send("PUT", "/ladder/nothing", { capability: null, steps: [], expectedVersion: 0 })).json).toMatchObject({
      code: "switch_unknown",
    });
    const twice = [2, 1].map((level) => ({ level, position: "off" }));
    expect((await place({ steps: twice })).json).toMatchObject({ code: "request_invalid" });
  });

  it("marks what it made, through an undo and back, so that the next level may take it back", async () => {
    const items = [{ kind: "switch", key: "recommendations", position: "popular", expiresInSeconds: 600 }];
    const up = (await send("POST", "/change-sets", { title: "level 1", reason: "a siege", items, purpose: "ladder" }))
      .json as ChangeSetAnswer;
    expect(up.made.map(({ purpose }) => purpose)).toEqual(["ladder"]);
    const ends = up.made.map(({ id }) => id);
    const down = (await send("POST", "/change-sets", { title: "level 0", reason: "well", ends, purpose: "ladder" }))
      .json as ChangeSetAnswer;
    const undone = (await send("POST", `/change-sets/${down.id}/undo`, { reason: "not well" })).json as UndoneSet;
    expect(undone.made.map(({ purpose, body }) => [purpose, body])).toEqual([["ladder", { position: "popular" }]]);
    const live = await ofItems<ChangeAnswer>("/changes?status=live");
    expect(live.map(({ id }) => id)).toEqual(undone.made.map(({ id }) => id));
  });
});

describe("the proof of a switch", () => {
  const proven = async () => (await ofItems<PlaceAnswer>("/ladder"))[0]?.proven;

  it("is the newest change that every live instance applied, and a drill says so", async () => {
    expect(await proven()).toBeNull();
    const drill = await flip("off", { purpose: "drill" });
    expect(drill.purpose).toBe("drill");
    api.answer("catalog", "c1", drill.revision);
    expect(await proven()).toBeNull();
    api.clock.advance(1_000);
    api.answer("catalog", "c2", drill.revision);
    const at = api.clock.now();
    expect(await proven()).toEqual({ at, flipId: drill.id, drill: true });
    await send("POST", `/flips/${drill.id}/revert`, { reason: "drilled" });
    expect(await proven()).toEqual({ at, flipId: drill.id, drill: true });
    await flip("popular");
    expect(await proven()).toEqual({ at, flipId: drill.id, drill: true });
  });

  it("is neither a way back to normal nor a change that somebody refused", async () => {
    const normal = await flip("personal");
    for (const instance of ["c1", "c2"]) api.answer("catalog", instance, normal.revision);
    const refused = await flip("off");
    api.answer("catalog", "c1", refused.revision);
    api.answer("catalog", "c2", refused.revision, [{ id: refused.id, code: "position_unknown", message: "too old" }]);
    expect(await proven()).toBeNull();
  });

  it("does not wait for instances that are away", async () => {
    api.join("catalog", "c3").closed("goodbye");
    const made = await flip("off");
    for (const instance of ["c1", "c2"]) api.answer("catalog", instance, made.revision);
    expect(await proven()).toMatchObject({ flipId: made.id, drill: false });
  });

  it("is asked for by a drill that ends soon, and by no other", async () => {
    const wish = { position: "off", reason: "a drill", purpose: "drill" };
    for (const expiresInSeconds of [601, null])
      expect((await send("POST", "/switches/recommendations/flips", { ...wish, expiresInSeconds })).json).toMatchObject({
        code: "drill_too_long",
      });
  });
});
