import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Decision } from "../../core/policy.ts";
import { defaultsOf, FAULT, type Values } from "../../protocol/settings.ts";
import type { PolicyChange } from "../../server/policy/feed.ts";
import type { ChangeOrder } from "../../server/policy/change-order.ts";
import { createPolicyService } from "../../server/policy/policy-service.ts";
import { declaredPolicy, startTestApi, type TestApi } from "../support/test-api.ts";

const settings = (values: Values): Decision => ({
  kind: "settings",
  key: "payments",
  policy: "timeout",
  body: { policy: "timeout", values: { ...values } },
});
const override = (state: "forced_open" | "forced_closed" | "disabled", policy: "breaker" | "timeout" = "breaker"): Decision => ({
  kind: "override",
  key: "payments",
  policy,
  body: { policy, state },
});
const fault = (values: Values): Decision => ({ kind: "fault", key: "payments", policy: null, body: { values: { ...values } } });
const HALF_FAIL = { errorPermille: 500 };
const order = (decision: Decision, overrides: Partial<ChangeOrder> = {}): ChangeOrder => ({
  environment: "production",
  decision,
  scope: {},
  reason: "payments are slow",
  author: "user:Ada",
  expiresInSeconds: 600,
  ...overrides,
});
const TIMEOUT = declaredPolicy("timeout", {
  values: { attemptMs: 500, totalMs: 2_000 },
  bounds: { totalMs: [1_000, 8_000] },
  fixed: ["shadow"],
});
const BREAKER = declaredPolicy("breaker", { faults: true });

let api: TestApi;
let changes: PolicyChange[];
const join = (service: string, instance: string, policies = [TIMEOUT, BREAKER]) => api.join(service, instance, [], policies);
const events = async () =>
  (await api.store.listEvents({ environment: "production", limit: 100, order: "asc" })).items.filter(
    (event) => !event.type.startsWith("agent."),
  );

beforeEach(async () => {
  api = await startTestApi();
  changes = [];
  api.policy.subscribe((change) => changes.push(change));
  join("shop", "a");
  join("shop", "b");
});
afterEach(() => api.stop());

describe("a change of a policy", () => {
  it("is one revision, one event and a receipt for each instance that declares it, and travels as an item of its kind", async () => {
    api.join("search", "s1");
    const made = await api.policy.create(order(settings({ totalMs: 3_000 })));
    expect(made).toMatchObject({ kind: "settings", key: "payments", policy: "timeout", revision: 1, status: "live" });
    expect((await api.store.listReceipts(made.id)).map((receipt) => receipt.instanceKey)).toEqual(["shop/a", "shop/b"]);
    expect(changes).toMatchObject([
      { puts: [{ id: made.id, kind: "settings", key: "payments", body: { policy: "timeout", values: { totalMs: 3_000 } } }] },
    ]);
    api.answer("shop", "a", 1);
    api.answer("shop", "b", 1, [{ id: made.id, code: "x", message: "not here" }]);
    expect(await api.policy.receipts.counts(made.id)).toMatchObject({ targeted: 2, applied: 1, refused: 1 });
    await api.policy.create(order(override("forced_open")));
    await api.policy.create(order(fault(HALF_FAIL)));
    await api.policy.revert(made.id, { actor: "user:Eve", reason: "calm again" });
    expect(await events()).toMatchObject([
      { type: "policy.set", actor: "user:Ada", data: { policy: "timeout", name: "payments", values: "totalMs 3000", revision: 1 } },
      { type: "override.set", data: { policy: "breaker", name: "payments", state: "forced_open", revision: 2 } },
      { type: "fault.set", data: { pipeline: "payments", values: "errorPermille 500", revision: 3 } },
      { type: "policy.reverted", actor: "user:Eve", data: { reason: "calm again", revision: 4 } },
    ]);
    expect(api.policy.itemsFor({ environment: "production", service: "shop", instance: "a" }).map((item) => item.kind)).toEqual([
      "override",
      "fault",
    ]);
  });

  it("ends by itself, is in force again after a restart of the console, and its author is remembered", async () => {
    await api.policy.create(order(override("disabled"), { expiresInSeconds: 10 }));
    const lasting = await api.policy.create(order(settings({ totalMs: 3_000 }), { expiresInSeconds: 100 }));
    api.clock.advance(10_000);
    await expect.poll(async () => (await events()).at(-1)?.type).toBe("override.expired");
    const again = await createPolicyService({ ...api, newId: randomUUID });
    const subject = { kind: "settings", key: "payments", policy: "timeout" } as const;
    expect(again.inForce("production", subject)).toMatchObject([{ id: lasting.id, body: lasting.body }]);
    expect(again.history.last("production", subject)).toMatchObject({ by: "user:Ada" });
    expect(again.history.last("production", { ...subject, policy: "breaker" })).toMatchObject({ by: "system" });
    await again.stop();
  });

  it("gives a receipt to an instance that declares the policy later, and to no other", async () => {
    const made = await api.policy.create(order(settings({ totalMs: 3_000 })));
    join("shop", "c");
    join("shop", "d", [BREAKER]);
    expect((await api.policy.receipts.list(made.id)).map((receipt) => receipt.instanceKey)).toEqual(["shop/a", "shop/b", "shop/c"]);
  });

  it("conflicts with what was changed of the same policy meanwhile, override or settings, and with nothing else", async () => {
    const first = await api.policy.create(order(override("disabled", "timeout"), { expectedRevision: 0 }));
    await api.policy.create(order(override("forced_open"), { expectedRevision: 0 }));
    await expect(api.policy.create(order(settings({ totalMs: 3_000 }), { expectedRevision: 0 }))).rejects.toMatchObject({
      code: "revision_conflict",
      extras: { conflict: { expected: 0, current: 1, flips: [{ id: first.id, body: { state: "disabled" } }] } },
    });
    await api.policy.create(order(settings({ totalMs: 3_000 }), { expectedRevision: 1 }));
  });

  it("is refused when 32 of its policy are in force already", async () => {
    for (let i = 0; i < 32; i++) await api.policy.create(order(override("disabled")));
    await expect(api.policy.create(order(override("forced_open")))).rejects.toMatchObject({ code: "too_many_flips" });
    await api.policy.create(order(settings({ totalMs: 3_000 })));
  });
});

describe("before anything changes", () => {
  const refused: { what: string; decision: Decision; code: string; words: string; rest?: Partial<ChangeOrder> }[] = [
    { what: "an unknown setting", decision: settings({ patience: 1 }), code: "settings_invalid", words: "no setting patience" },
    { what: "a value out of the table", decision: settings({ attemptMs: 0 }), code: "settings_invalid", words: "whole number" },
    { what: "no setting at all", decision: settings({}), code: "settings_invalid", words: "at least one" },
    {
      what: "settings that cannot be together",
      decision: settings({ attemptMs: 2_500 }),
      code: "settings_invalid",
      words: "attemptMs must not be above totalMs",
    },
    {
      what: "a value out of the code's bounds",
      decision: settings({ totalMs: 9_000 }),
      code: "settings_out_of_bounds",
      words: "from 1000 to 8000",
    },
    {
      what: "a setting that the code fixes",
      decision: settings({ shadow: true }),
      code: "settings_out_of_bounds",
      words: "cannot be changed",
    },
    { what: "forcing what is no breaker", decision: override("forced_open", "timeout"), code: "override_unfit", words: "only a breaker" },
    { what: "a fault that hits no call", decision: fault({ latencyMs: 10 }), code: "fault_invalid", words: "share of calls" },
    {
      what: "a fault without an end",
      decision: fault(HALF_FAIL),
      code: "fault_invalid",
      words: "ends by itself",
      rest: { expiresInSeconds: null },
    },
    {
      what: "a fault that is too long",
      decision: fault(HALF_FAIL),
      code: "fault_invalid",
      words: "ends by itself",
      rest: { expiresInSeconds: 3_601 },
    },
    {
      what: "a policy that nobody declares",
      decision: { ...settings({ totalMs: 3_000 }), key: "orders" },
      code: "policy_unknown",
      words: "orders",
    },
    { what: "a pipeline that nobody declares", decision: { ...fault(HALF_FAIL), key: "orders" }, code: "policy_unknown", words: "orders" },
    {
      what: "a scope without such a policy",
      decision: override("disabled"),
      code: "scope_empty",
      words: "",
      rest: { scope: { service: "search" } },
    },
  ];
  it.each(refused)("$what is refused with the reason", async ({ decision, code, words, rest = {} }) => {
    await expect(api.policy.create(order(decision, rest))).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    expect([changes, await events(), api.policy.revision("production")]).toEqual([[], [], 0]);
  });

  it("a combination is judged with what is in force, instance by instance", async () => {
    await api.policy.create(order(settings({ totalMs: 4_000 }), { scope: { instances: ["shop/a"] } }));
    await expect(api.policy.create(order(settings({ attemptMs: 3_000 })))).rejects.toMatchObject({
      code: "settings_invalid",
      message: expect.stringMatching(/^shop\/b: attemptMs/),
    });
    await api.policy.create(order(settings({ attemptMs: 3_000 }), { scope: { instances: ["shop/a"] } }));
  });

  it("an override that an observed library does not know is refused with the reason", async () => {
    join("search", "s1", [declaredPolicy("breaker", { name: "index", states: ["forced_open"] })]);
    const forced = { ...override("forced_closed"), key: "index" };
    await expect(api.policy.create(order(forced))).rejects.toMatchObject({
      code: "override_unfit",
      message: expect.stringContaining("cannot be forced closed"),
    });
    expect((await api.policy.create(order({ ...override("forced_open"), key: "index" }))).body).toMatchObject({ state: "forced_open" });
  });

  it("faults need every connected instance in scope to allow them", async () => {
    join("search", "s1", [declaredPolicy("breaker")]);
    await expect(api.policy.create(order(fault(HALF_FAIL)))).rejects.toMatchObject({
      code: "fault_not_allowed",
      message: expect.stringContaining("search/s1"),
    });
    await api.policy.create(order(fault(HALF_FAIL), { scope: { service: "shop" } }));
  });

  it("an instance that is away has no veto while others are there, and decides when nobody is", async () => {
    join("shop", "old", [declaredPolicy("timeout", { bounds: { totalMs: [1, 2_500] } })]).closed("goodbye");
    await api.policy.create(order(settings({ totalMs: 3_000 })));
    await expect(api.policy.create(order(settings({ totalMs: 3_000 }), { scope: { instances: ["shop/old"] } }))).rejects.toMatchObject({
      code: "settings_out_of_bounds",
    });
  });
});

describe("a preview", () => {
  const look = (decision: Exclude<Decision, { kind: "switch" }>, rest = {}) =>
    api.policy.previewChange({ environment: "production", decision, id: "p1", scope: {}, expiresInSeconds: 300, ...rest });

  it("shows who is hit, what moves and what shows again, and changes nothing", async () => {
    await api.policy.create(order(settings({ totalMs: 4_000 }), { scope: { instances: ["shop/a"] }, expiresInSeconds: 600 }));
    await api.policy.create(order(settings({ totalMs: 5_000 }), { scope: { instances: ["shop/b"] }, expiresInSeconds: 60 }));
    join("shop", "c").closed("goodbye");
    const before = changes.length;
    expect(
      look({ kind: "settings", key: "payments", policy: "timeout", body: { policy: "timeout", values: { totalMs: 7_000 } } }),
    ).toMatchObject({
      targeted: 3,
      live: 2,
      absent: 1,
      services: [{ service: "shop", instances: 3 }],
      refusals: [],
      moves: [
        {
          key: "totalMs",
          to: 7_000,
          from: expect.arrayContaining([
            { value: 2_000, instances: 1 },
            { value: 4_000, instances: 1 },
            { value: 5_000, instances: 1 },
          ]),
          returnsTo: [
            { value: 2_000, instances: 2 },
            { value: 4_000, instances: 1 },
          ],
        },
      ],
    });
    expect(changes).toHaveLength(before);
  });

  it("names who would refuse, and shows overrides and faults beside what is there now", async () => {
    join("shop", "narrow", [declaredPolicy("timeout", { bounds: { totalMs: [1, 2_500] } })]);
    const { refusals } = look({
      kind: "settings",
      key: "payments",
      policy: "timeout",
      body: { policy: "timeout", values: { totalMs: 7_000 } },
    });
    expect(refusals).toEqual([{ instance: "shop/narrow", reason: "totalMs is a whole number from 1 to 2500" }]);
    await api.policy.create(order(override("disabled"), { scope: { instances: ["shop/a"] }, expiresInSeconds: 3_600 }));
    expect(look({ kind: "override", key: "payments", policy: "breaker", body: { policy: "breaker", state: "forced_open" } }).moves).toEqual(
      [
        {
          key: "state",
          to: "forced_open",
          from: [
            { value: "disabled", instances: 1 },
            { value: "none", instances: 1 },
          ],
          returnsTo: [
            { value: "disabled", instances: 1 },
            { value: "none", instances: 1 },
          ],
        },
      ],
    );
    expect(look({ kind: "fault", key: "payments", policy: null, body: { values: HALF_FAIL } }).moves).toEqual([
      {
        key: "errorPermille",
        to: 500,
        from: [{ value: defaultsOf(FAULT)["errorPermille"], instances: 3 }],
        returnsTo: [{ value: 0, instances: 3 }],
      },
    ]);
  });
});
