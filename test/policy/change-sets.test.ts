import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { shareOf } from "../../core/policy.ts";
import type { ChangeSetAnswer, ChangeSetPreview, ChangeSetRequest, UndoneSet } from "../../protocol/change-set-api.ts";
import { declaredPolicy, RECOMMENDATIONS, startTestApi, type Answer, type TestApi } from "../support/test-api.ts";

const SEARCH = {
  ...RECOMMENDATIONS,
  key: "search",
  title: "Search",
  positions: ["full", "browse"],
  position: "full",
  safeDefault: "browse",
};

let api: TestApi;
let as: string;
beforeEach(async () => {
  api = await startTestApi();
  as = await api.token("operator");
  api.join("catalog", "c1", [RECOMMENDATIONS, SEARCH], [declaredPolicy("timeout")]);
  api.join("catalog", "c2", [RECOMMENDATIONS, SEARCH]);
});
afterEach(() => api.stop());

const send = (path: string, body: unknown): Promise<Answer> =>
  api.call("POST", `/api/v1${path}`, { as, body, headers: { "idempotency-key": randomUUID() } });
const wish = (over: Partial<ChangeSetRequest> = {}): ChangeSetRequest => ({
  title: "Shop under siege",
  reason: "payments are slow",
  items: [
    { kind: "switch", key: "recommendations", position: "off", expiresInSeconds: 600 },
    { kind: "switch", key: "search", position: "browse", expiresInSeconds: null },
    { kind: "settings", name: "payments", policy: "timeout", values: { attemptMs: 300 }, expiresInSeconds: 600 },
  ],
  ...over,
});
const apply = async (over: Partial<ChangeSetRequest> = {}): Promise<ChangeSetAnswer> => {
  const answer = await send("/change-sets", wish(over));
  expect(answer.status, answer.text).toBe(201);
  return answer.json as ChangeSetAnswer;
};
const position = (key: string) => api.policy.inForce("production", { kind: "switch", key, policy: null })[0]?.body;
const live = async () => (await api.store.listLiveFlips("production")).map(({ kind, key }) => `${kind} ${key}`).sort();

describe("several changes as one", () => {
  it("are previewed together, each with who it hits, and change nothing", async () => {
    const { json } = await send("/change-sets/preview", {
      items: [...(wish().items ?? []), { kind: "switch", key: "nothing", position: "off", expiresInSeconds: 60 }],
    });
    const { items } = json as ChangeSetPreview;
    expect(items.map(({ kind, key, targeted, problem }) => [kind, key, targeted, problem?.code ?? null])).toEqual([
      ["switch", "recommendations", 2, null],
      ["switch", "search", 2, null],
      ["settings", "payments", 1, null],
      ["switch", "nothing", 0, "switch_unknown"],
    ]);
    expect(await live()).toEqual([]);
  });

  it("are made at once, each with a revision, receipts and an event of its own", async () => {
    const set = await apply();
    expect(set.made.map(({ revision, receipts }) => [revision, receipts.targeted])).toEqual([
      [1, 2],
      [2, 2],
      [3, 1],
    ]);
    expect(await live()).toEqual(["settings payments", "switch recommendations", "switch search"]);
    const events = (await api.store.listEvents({ environment: "production", limit: 10, order: "asc" })).items;
    expect(events.map(({ type }) => type).filter((type) => /flip|policy/.test(type))).toEqual([
      "flip.created",
      "flip.created",
      "policy.set",
    ]);
    expect((await api.call("GET", `/api/v1/change-sets/${set.id}`, { as })).json).toMatchObject({ id: set.id, title: "Shop under siege" });
    expect((await api.call("GET", "/api/v1/change-sets?limit=1", { as })).json).toMatchObject({
      items: [{ id: set.id }],
      nextCursor: null,
    });
  });

  it("are all refused when one of them is", async () => {
    const items = [...(wish().items ?? []), { kind: "switch" as const, key: "search", position: "gone", expiresInSeconds: 60 }];
    expect(await send("/change-sets", wish({ items }))).toMatchObject({ status: 422 });
    expect(await live()).toEqual([]);
    expect((await send("/change-sets", { ...wish(), items: [] })).json).toMatchObject({ code: "request_invalid" });
  });

  it("are refused whole when somebody changed one of their subjects since it was looked at", async () => {
    await send("/switches/search/flips", { position: "browse", reason: "mine first", expiresInSeconds: 60 });
    const items = (wish().items ?? []).map((item) => ({ ...item, expectedRevision: 0 }));
    const refused = await send("/change-sets", wish({ items }));
    expect(refused.json).toMatchObject({ code: "revision_conflict", conflict: { expected: 0, current: 1 } });
    expect(await live()).toEqual(["switch search"]);
  });

  it("end what they are told to end, once what takes its place lies on top", async () => {
    const flip = (await send("/switches/search/flips", { position: "browse", reason: "mine first", expiresInSeconds: 600 })).json as {
      id: string;
    };
    const set = await apply({
      ends: [flip.id],
      items: [{ kind: "switch", key: "search", position: "full", expiresInSeconds: 60, expectedRevision: 1 }],
    });
    expect(set.ended.map(({ id, status }) => [id, status])).toEqual([[flip.id, "reverted"]]);
    expect(position("search")).toEqual({ position: "full" });
    expect((await send("/change-sets", wish({ items: [], ends: [flip.id] }))).json).toMatchObject({ code: "flip_ended" });
    expect((await send("/change-sets", wish({ items: [], ends: ["nothing-of-this-id"] }))).json).toMatchObject({ code: "flip_unknown" });
  });
});

describe("the undo of a set", () => {
  it("ends what it made and makes again what it ended, once", async () => {
    const flip = (await send("/switches/search/flips", { position: "browse", reason: "mine first", expiresInSeconds: 600 })).json as {
      id: string;
    };
    const set = await apply({
      ends: [flip.id],
      items: [{ kind: "switch", key: "recommendations", position: "off", expiresInSeconds: 600 }],
    });
    api.clock.advance(100_000);
    const undone = (await send(`/change-sets/${set.id}/undo`, { reason: "well again" })).json as UndoneSet;
    expect(undone.left).toEqual([]);
    expect(undone.ended.map(({ key }) => key)).toEqual(["recommendations"]);
    expect(undone.made.map(({ key, body, expiresAt }) => [key, body, expiresAt])).toEqual([
      ["search", { position: "browse" }, api.clock.now() + 500_000],
    ]);
    expect(position("search")).toEqual({ position: "browse" });
    expect(position("recommendations")).toBeUndefined();
    expect((await send(`/change-sets/${set.id}/undo`, { reason: "well again" })).json).toMatchObject({ code: "change_set_undone" });
    expect((await api.call("GET", `/api/v1/change-sets/${set.id}`, { as })).json).toMatchObject({ undoneBy: undone.id });
  });

  it("leaves what somebody changed since, and what would be over by now, and says so", async () => {
    const [search, recommendations] = await Promise.all(
      (["search", "recommendations"] as const).map(
        async (key) =>
          (
            await send(`/switches/${key}/flips`, {
              position: key === "search" ? "browse" : "popular",
              reason: "mine first",
              expiresInSeconds: 60,
            })
          ).json as { id: string },
      ),
    );
    const set = await apply({ items: [], ends: [search?.id ?? "", recommendations?.id ?? ""] });
    await send("/switches/search/flips", { position: "full", reason: "another mind", expiresInSeconds: 600 });
    api.clock.advance(58_000);
    const undone = (await send(`/change-sets/${set.id}/undo`, { reason: "well again" })).json as UndoneSet;
    expect(undone.made).toEqual([]);
    expect(undone.left.map(({ change, why }) => [change.key, why]).sort()).toEqual([
      ["recommendations", "its time would be over by now"],
      ["search", "its time would be over by now"],
    ]);
    expect((await send("/change-sets/nothing/undo", { reason: "well again" })).json).toMatchObject({ code: "change_set_unknown" });
  });

  it("leaves the newer change of somebody else in force", async () => {
    const flip = (await send("/switches/search/flips", { position: "browse", reason: "mine first", expiresInSeconds: 600 })).json as {
      id: string;
    };
    const set = await apply({ items: [], ends: [flip.id] });
    await send("/switches/search/flips", { position: "full", reason: "another mind", expiresInSeconds: 600 });
    const undone = (await send(`/change-sets/${set.id}/undo`, { reason: "well again" })).json as UndoneSet;
    expect(undone.left.map(({ why }) => why)).toEqual(["somebody changed it since"]);
    expect(position("search")).toEqual({ position: "full" });
  });

  it("names the instances of a share, so that it hits the same ones again", async () => {
    const covered = (flipId: string, instance: string): boolean => shareOf(flipId, `catalog/${instance}`) < 50;
    const flipId = Array.from({ length: 100 }, () => randomUUID()).find((id) => !covered(id, "c1") && covered(id, "c2"));
    await send("/switches/search/flips", {
      position: "browse",
      scope: { percentage: 50 },
      flipId,
      reason: "half of it",
      expiresInSeconds: 600,
    });
    const set = await apply({ items: [], ends: [flipId ?? ""] });
    const undone = (await send(`/change-sets/${set.id}/undo`, { reason: "well again" })).json as UndoneSet;
    expect(undone.made[0]?.scope).toEqual({ instances: ["catalog/c2"] });
  });
});
