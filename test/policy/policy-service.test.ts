import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentIdentity, PolicyChange } from "../../server/policy/feed.ts";
import type { ChangeOrder } from "../../server/policy/change-order.ts";
import { createPolicyService } from "../../server/policy/policy-service.ts";
import type { Store } from "../../server/store/store.ts";
import { RECOMMENDATIONS, startTestApi, type TestApi } from "../support/test-api.ts";
import { eventually } from "../support/test-console.ts";

const who = (instance: string, service = "catalog"): AgentIdentity => ({ environment: "production", service, instance });
const RECOMMENDED = { kind: "switch", key: "recommendations", policy: null } as const;
const order = ({
  switchKey: key = "recommendations",
  position = "off",
  ...overrides
}: Partial<ChangeOrder> & { switchKey?: string; position?: string } = {}): ChangeOrder => ({
  environment: "production",
  decision: { kind: "switch", key, policy: null, body: { position } },
  scope: {},
  reason: "payments are slow",
  author: "user:Ada",
  expiresInSeconds: 3600,
  ...overrides,
});

let api: TestApi;
let changes: PolicyChange[];
let failing: Set<keyof Store>;

beforeEach(async () => {
  failing = new Set();
  const wrapStore = (store: Store): Store =>
    new Proxy(store, {
      get(target, name: keyof Store) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown =>
          failing.has(name)
            ? Promise.reject(new Error(`${name} fails on purpose`))
            : (value as (...args: unknown[]) => unknown).apply(target, args);
      },
    });
  api = await startTestApi({ wrapStore });
  changes = [];
  api.policy.subscribe((change) => changes.push(change));
});
afterEach(() => api.stop());

const receiptOf = async (flipId: string, key: string) =>
  (await api.policy.receipts.list(flipId)).find((receipt) => receipt.instanceKey === key);
const flipEvents = async () => (await api.store.listEvents({ environment: "production", kind: "flip.", limit: 100, order: "asc" })).items;

describe("a flip", () => {
  it("is one revision, one event, a receipt for each instance, and told once to agents and screens", async () => {
    api.join("catalog", "c1");
    api.join("search", "s1").closed("goodbye");
    const flip = await api.policy.create(order());
    expect(flip).toMatchObject({ revision: 1, status: "live", expiresAt: flip.createdAt + 3_600_000 });
    expect(await api.store.listReceipts(flip.id)).toMatchObject([
      { instanceKey: "catalog/c1", state: "pending" },
      { instanceKey: "search/s1", state: "unknown", lastRevision: 0 },
    ]);
    expect(await flipEvents()).toMatchObject([
      {
        type: "flip.created",
        actor: "user:Ada",
        data: {
          flipId: flip.id,
          switch: "recommendations",
          position: "off",
          scope: "everything",
          reason: "payments are slow",
          revision: 1,
        },
      },
    ]);
    expect(changes).toMatchObject([
      { revision: 1, puts: [{ id: flip.id, key: "recommendations", revision: 1, body: { position: "off" } }], dels: [] },
    ]);
    expect(api.messages.filter((message) => message.type === "policy")).toMatchObject([{ revision: 1, change: "created" }]);
    expect(api.policy.revision("production")).toBe(1);
  });

  it("is for those in its scope alone", async () => {
    api.join("catalog", "c1");
    api.join("search", "s1");
    await api.policy.create(order({ scope: { service: "search" } }));
    expect(api.policy.itemsFor(who("c1"))).toEqual([]);
    expect(api.policy.itemsFor(who("s1", "search"))).toHaveLength(1);
    expect(changes[0]?.affects(who("c1"))).toBe(false);
    expect(changes[0]?.affects(who("s1", "search"))).toBe(true);
  });

  it("is refused when the switch, the position or the scope does not exist", async () => {
    api.join("catalog", "c1");
    await expect(api.policy.create(order({ switchKey: "nothing" }))).rejects.toMatchObject({ code: "switch_unknown" });
    await expect(api.policy.create(order({ position: "sideways" }))).rejects.toMatchObject({
      code: "position_unknown",
      message: expect.stringContaining("personal, popular, off"),
    });
    await expect(api.policy.create(order({ scope: { service: "search" } }))).rejects.toMatchObject({ code: "scope_empty" });
    expect(await flipEvents()).toEqual([]);
  });

  it("is refused when 32 are in force already", async () => {
    api.join("catalog", "c1");
    for (let i = 0; i < 32; i++) await api.policy.create(order());
    await expect(api.policy.create(order())).rejects.toMatchObject({ code: "too_many_flips" });
  });

  it("conflicts when the switch was changed after the author looked, and says what changed", async () => {
    api.join("catalog", "c1");
    const first = await api.policy.create(order({ expectedRevision: 0 }));
    await expect(api.policy.create(order({ expectedRevision: 0 }))).rejects.toMatchObject({
      code: "revision_conflict",
      extras: { conflict: { expected: 0, current: 1, flips: [{ id: first.id }] } },
    });
    await api.policy.revert(first.id, { actor: "user:Eve", reason: "not needed" });
    await expect(api.policy.create(order({ expectedRevision: 1 }))).rejects.toMatchObject({
      extras: { conflict: { current: 2, flips: [{ id: first.id, status: "reverted", endedBy: "user:Eve" }] } },
    });
    expect((await api.policy.create(order({ expectedRevision: 2 }))).revision).toBe(3);
  });

  it("takes effect nowhere when it could not be committed", async () => {
    api.join("catalog", "c1");
    failing.add("createFlip");
    await expect(api.policy.create(order())).rejects.toThrow("on purpose");
    expect(changes).toEqual([]);
    expect(api.policy.itemsFor(who("c1"))).toEqual([]);
    failing.clear();
    expect((await api.policy.create(order())).revision).toBe(1);
  });

  it("made many at once reaches agents in the order of revisions", async () => {
    api.join("catalog", "c1");
    await Promise.all(Array.from({ length: 20 }, () => api.policy.create(order())));
    expect(changes.map((change) => change.revision)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });
});

describe("the end of a flip", () => {
  it("by hand is a new revision, told with the reason", async () => {
    api.join("catalog", "c1");
    const flip = await api.policy.create(order());
    const ended = await api.policy.revert(flip.id, { actor: "user:Eve", reason: "calm again" });
    expect(ended).toMatchObject({ status: "reverted", endedBy: "user:Eve", endRevision: 2 });
    expect(changes[1]).toMatchObject({ revision: 2, puts: [], dels: [flip.id] });
    expect((await flipEvents())[1]).toMatchObject({
      type: "flip.reverted",
      actor: "user:Eve",
      data: { flipId: flip.id, reason: "calm again", revision: 2 },
    });
    await expect(api.policy.revert(flip.id, { actor: "user:Eve", reason: "again" })).rejects.toMatchObject({ code: "flip_ended" });
    await expect(api.policy.revert("nothing", { actor: "user:Eve", reason: "again" })).rejects.toMatchObject({ code: "flip_unknown" });
  });

  it("comes by itself when its time is over, the earliest first", async () => {
    api.join("catalog", "c1");
    await api.policy.create(order({ expiresInSeconds: 60, reason: "longer" }));
    await api.policy.create(order({ expiresInSeconds: 10, reason: "shorter" }));
    await api.policy.create(order({ expiresInSeconds: null, reason: "for good" }));
    api.clock.advance(9_999);
    expect(api.policy.itemsFor(who("c1"))).toHaveLength(3);
    api.clock.advance(1);
    // Out of force at once; the record follows.
    expect(api.policy.itemsFor(who("c1"))).toHaveLength(2);
    await eventually(() => changes.length === 4);
    api.clock.advance(50_000);
    await eventually(() => changes.length === 5);
    expect(api.policy.inForce("production", RECOMMENDED).map((flip) => flip.reason)).toEqual(["for good"]);
    expect((await flipEvents()).slice(3)).toMatchObject([
      { type: "flip.expired", actor: "system", data: { revision: 4 } },
      { type: "flip.expired", actor: "system", data: { revision: 5 } },
    ]);
  });

  it("is tried again while the database is down, and out of force meanwhile", async () => {
    api.join("catalog", "c1");
    await api.policy.create(order({ expiresInSeconds: 10 }));
    failing.add("endFlip");
    api.clock.advance(10_000);
    expect(api.policy.itemsFor(who("c1"))).toEqual([]);
    await eventually(() => api.clock.waiting > 0);
    failing.clear();
    await eventually(() => {
      api.clock.advance(1_000);
      return changes.length === 2;
    });
    expect(changes[1]?.dels).toHaveLength(1);
  });

  it("is made up for at the start, when it fell into a time without a console", async () => {
    api.join("catalog", "c1");
    const flip = await api.policy.create(order({ expiresInSeconds: 10 }));
    const lasting = await api.policy.create(order({ expiresInSeconds: 1000 }));
    await api.policy.stop();
    api.clock.advance(20_000);
    const { store, fleet, bus, clock, log } = api;
    const restarted = await createPolicyService({ store, fleet, bus, clock, log, newId: randomUUID });
    expect(restarted.itemsFor(who("c1")).map((item) => item.id)).toEqual([lasting.id]);
    expect(await store.getFlip(flip.id)).toMatchObject({ status: "expired", endedBy: "system" });
    expect(restarted.revision("production")).toBe(3);
    expect(restarted.history.last("production", RECOMMENDED)).toMatchObject({ by: "system" });
    clock.advance(980_000);
    await eventually(() => restarted.itemsFor(who("c1")).length === 0);
    await restarted.stop();
  });
});

describe("receipts", () => {
  it("go from pending over sent to applied, with both times", async () => {
    api.join("catalog", "c1");
    const flip = await api.policy.create(order());
    api.clock.advance(5);
    api.policy.sent(changes[0] as PolicyChange, ["catalog/c1"], api.clock.now());
    expect(await receiptOf(flip.id, "catalog/c1")).toMatchObject({ state: "sent" });
    api.clock.advance(20);
    api.answer("catalog", "c1", flip.revision);
    expect(await receiptOf(flip.id, "catalog/c1")).toMatchObject({ state: "applied", roundTripMs: 25, appliedMs: 2, reason: null });
    expect(await api.policy.receipts.counts(flip.id)).toEqual({ targeted: 1, pending: 0, sent: 0, applied: 1, refused: 0, unknown: 0 });
  });

  it("keep the reason of a refusal, and change when the agent takes it later", async () => {
    api.join("catalog", "c1");
    const flip = await api.policy.create(order());
    api.answer("catalog", "c1", flip.revision, [{ id: flip.id, code: "position_unknown", message: "no such position here" }]);
    expect(await receiptOf(flip.id, "catalog/c1")).toMatchObject({ state: "refused", reason: "no such position here" });
    // An answer to a later change says nothing new about this one; a full exchange does.
    const later = await api.policy.create(order());
    api.answer("catalog", "c1", later.revision);
    expect(await receiptOf(flip.id, "catalog/c1")).toMatchObject({ state: "refused" });
    api.policy.answered(who("c1"), { revision: later.revision, at: api.clock.now(), appliedMs: null, rejected: [] });
    expect(await receiptOf(flip.id, "catalog/c1")).toMatchObject({ state: "applied", reason: null });
  });

  it("are unknown when the link is lost on the way, and applied when the agent is back", async () => {
    const link = api.join("catalog", "c1");
    const flip = await api.policy.create(order());
    link.closed("lost");
    api.policy.lost(who("c1"), api.clock.now());
    expect(await receiptOf(flip.id, "catalog/c1")).toMatchObject({ state: "unknown", lastRevision: 0 });
    api.join("catalog", "c1");
    api.policy.answered(who("c1"), { revision: flip.revision, at: api.clock.now(), appliedMs: null, rejected: [] });
    expect(await receiptOf(flip.id, "catalog/c1")).toMatchObject({ state: "applied" });
    api.policy.lost(who("c1"), api.clock.now());
    expect(await receiptOf(flip.id, "catalog/c1")).toMatchObject({ state: "applied" });
  });

  it("are made for instances that join later and have the switch, in whatever order they say so", async () => {
    api.join("catalog", "c1");
    const flip = await api.policy.create(order({ scope: { service: "catalog" } }));
    api.clock.advance(1_000);
    api.join("catalog", "c2");
    expect(await receiptOf(flip.id, "catalog/c2")).toMatchObject({ state: "pending" });
    api.clock.advance(5_000);
    api.policy.answered(who("c2"), { revision: flip.revision, at: api.clock.now(), appliedMs: null, rejected: [] });
    expect(await receiptOf(flip.id, "catalog/c2")).toMatchObject({ state: "applied", roundTripMs: null });

    const third = api.join("catalog", "c3", []);
    api.policy.answered(who("c3"), { revision: flip.revision, at: api.clock.now(), appliedMs: null, rejected: [] });
    expect(await receiptOf(flip.id, "catalog/c3")).toBeUndefined();
    third.declared([], [RECOMMENDATIONS]);
    expect(await receiptOf(flip.id, "catalog/c3")).toMatchObject({ state: "applied" });

    api.join("search", "s1");
    expect(await receiptOf(flip.id, "search/s1")).toBeUndefined();
  });

  it("count an acknowledgement that was on its way when the flip ended, but no later policy", async () => {
    api.join("catalog", "c1");
    api.join("catalog", "c2");
    const flip = await api.policy.create(order());
    const ended = await api.policy.revert(flip.id, { actor: "user:Ada", reason: "mistake" });
    api.answer("catalog", "c1", flip.revision);
    api.answer("catalog", "c2", ended.endRevision ?? 0);
    expect(await receiptOf(flip.id, "catalog/c1")).toMatchObject({ state: "applied" });
    expect(await receiptOf(flip.id, "catalog/c2")).toMatchObject({ state: "pending" });
  });

  it("reach the database in batches, also after it was down", async () => {
    for (let i = 0; i < 50; i++) api.join("catalog", `c${i}`);
    const flip = await api.policy.create(order());
    failing.add("saveReceipts");
    for (let i = 0; i < 50; i++) api.answer("catalog", `c${i}`, flip.revision);
    expect((await api.policy.receipts.counts(flip.id)).applied).toBe(50);
    api.clock.advance(100);
    await eventually(() => api.clock.waiting > 0);
    expect((await api.store.listReceipts(flip.id)).every((receipt) => receipt.state === "pending")).toBe(true);
    failing.clear();
    await api.policy.receipts.flush();
    expect((await api.store.listReceipts(flip.id)).every((receipt) => receipt.state === "applied")).toBe(true);
  });

  it("that were on their way are unknown after a restart", async () => {
    api.join("catalog", "c1");
    const flip = await api.policy.create(order());
    await api.policy.stop();
    const { store, fleet, bus, clock, log } = api;
    const restarted = await createPolicyService({ store, fleet, bus, clock, log, newId: randomUUID });
    expect(await restarted.receipts.list(flip.id)).toMatchObject([{ state: "unknown" }]);
    await restarted.stop();
  });
});
