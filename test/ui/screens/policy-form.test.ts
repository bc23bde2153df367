import { describe, expect, it } from "vitest";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import {
  changeWords,
  emptyDraft,
  fieldsFor,
  missing,
  policyOrder,
  previewRequest,
  typedValues,
  type ChangeKind,
  type PolicyDraft,
} from "../../../ui/screens/service/policy-form.ts";

const ID = "0123456789abcdef";
const policy: PolicyAnswer = {
  name: "payments/eu",
  policy: "breaker",
  services: ["shop"],
  instances: { total: 2, live: 2 },
  revision: 4,
  settings: [
    {
      key: "openMs",
      type: "int",
      default: 30_000,
      min: 1,
      max: 3_600_000,
      bounds: [1_000, 60_000],
      fixed: false,
      code: [{ value: 20_000, instances: 2, names: ["shop/a", "shop/b"] }],
      effective: [{ value: 25_000, instances: 2, names: ["shop/a", "shop/b"], origin: "remote", revision: 4 }],
    },
    {
      key: "window",
      type: "choice",
      default: "time",
      options: ["time", "count"],
      bounds: null,
      fixed: false,
      code: [{ value: "time", instances: 2, names: ["shop/a", "shop/b"] }],
      effective: [{ value: "time", instances: 2, names: ["shop/a", "shop/b"], origin: "code", revision: 0 }],
    },
    {
      key: "shadow",
      type: "flag",
      default: false,
      bounds: null,
      fixed: false,
      code: [{ value: false, instances: 2, names: ["shop/a", "shop/b"] }],
      effective: [{ value: false, instances: 2, names: ["shop/a", "shop/b"], origin: "code", revision: 0 }],
    },
  ],
  note: null,
  states: ["forced_open", "forced_closed", "disabled"],
  override: [],
  fault: { allowed: 2, inForce: [] },
  changes: [],
  lastChange: null,
};
const change = (kind: ChangeKind, draft: Partial<PolicyDraft> = {}) => ({
  kind,
  policy,
  service: "shop",
  draft: { ...emptyDraft(kind, ID), reason: " payments are slow ", ...draft },
});

describe("the form of a policy", () => {
  it("sends only what differs from what is in force, in the types of the settings", () => {
    const fields = fieldsFor("settings", policy);
    expect(typedValues(fields, { openMs: "25000", window: "count", shadow: "true" })).toEqual({
      values: { window: "count", shadow: true },
      wrong: {},
    });
    expect(typedValues(fields, { openMs: " 40000 " }).values).toEqual({ openMs: 40_000 });
  });

  it.each(["", "soon", "1.5", "999", "60001"])("says what a figure may be when it is %j", (openMs) => {
    expect(typedValues(fieldsFor("settings", policy), { openMs })).toEqual({
      values: {},
      wrong: { openMs: "a whole number from 1000 to 60000" },
    });
    expect(missing(change("settings", { typed: { openMs } }))).toBe("Correct the values that are marked.");
    expect(previewRequest(change("settings", { typed: { openMs } }))).toBeNull();
  });

  it("asks for what is still missing, and previews without a reason", () => {
    expect([missing(change("settings")), missing(change("override")), missing(change("fault"))]).toEqual([
      "Change a value.",
      "Choose a state.",
      "Say what to inject.",
    ]);
    const ready = change("settings", { typed: { openMs: "9000" }, reason: "" });
    expect(missing(ready)).toBe("Say why, in a few words.");
    expect(policyOrder(ready, 4)).toBeNull();
    expect(previewRequest(ready)).toEqual({
      kind: "settings",
      name: "payments/eu",
      policy: "breaker",
      values: { openMs: 9_000 },
      scope: { service: "shop" },
      expiresInSeconds: 3_600,
      flipId: ID,
    });
  });

  it("becomes one request for each kind of change", () => {
    const said = { scope: { service: "shop" }, reason: "payments are slow", flipId: ID };
    expect(policyOrder(change("settings", { typed: { openMs: "9000" }, expiry: "none" }), 4)).toEqual({
      method: "PUT",
      path: "/policies/payments%2Feu/breaker",
      body: { values: { openMs: 9_000 }, ...said, expiresInSeconds: null, expectedRevision: 4 },
    });
    expect(policyOrder(change("override", { state: "forced_open" }), 4)).toEqual({
      method: "POST",
      path: "/overrides",
      body: { name: "payments/eu", policy: "breaker", state: "forced_open", ...said, expiresInSeconds: 300, expectedRevision: 4 },
    });
    expect(policyOrder(change("fault", { typed: { errorPermille: "200" } }), 4)).toEqual({
      method: "POST",
      path: "/faults",
      body: { name: "payments/eu", values: { errorPermille: 200 }, ...said, expiresInSeconds: 300 },
    });
  });

  it.each([
    ["everywhere", {}],
    ["service", { service: "shop" }],
    ["25%", { service: "shop", percentage: 25 }],
    ["shop/a", { instances: ["shop/a"] }],
  ])("means by %s the scope %j", (scope, wanted) => {
    expect(previewRequest(change("override", { state: "disabled", scope }))).toMatchObject({ scope: wanted });
  });

  it("says a change in words", () => {
    expect(changeWords({ body: { policy: "breaker", state: "forced_open" } })).toBe("forced open");
    expect(changeWords({ body: { values: { errorPermille: 200, abortPermille: 500 } } })).toBe("errorPermille 200, abortPermille 500");
  });
});
