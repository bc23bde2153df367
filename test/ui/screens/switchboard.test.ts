import { describe, expect, it } from "vitest";
import type { FlipAnswer, FlipDetail, SwitchAnswer } from "../../../protocol/api.ts";
import { conflictFlips, conflictRevision } from "../../../ui/screens/switchboard/conflict-flips.ts";
import { emptyForm, flipRequest, missing, previewRequest, type FlipForm } from "../../../ui/screens/switchboard/flip-form.ts";
import { isSettled, receiptSentence, receiptSummary } from "../../../ui/screens/switchboard/receipt-summary.ts";
import { receiptText } from "../../../ui/screens/switchboard/receipt-text.ts";
import { SteadyKey } from "../../../ui/screens/switchboard/use-steady-key.ts";
import { passes, scopeWords, switchRowState } from "../../../ui/screens/switchboard/switch-state.ts";

const ID = "0123456789abcdef";
const counts = (targeted: number) => ({ targeted, pending: 0, sent: 0, applied: 0, refused: 0, unknown: 0 });
const flip = (part: Partial<FlipAnswer>): FlipAnswer => ({
  id: "f1",
  switchKey: "reviews",
  kind: "switch",
  key: "reviews",
  policy: null,
  body: { position: "off" },
  environment: "production",
  position: "hidden",
  scope: {},
  reason: "slow",
  author: "user:ada",
  createdAt: 0,
  expiresAt: 3_600_000,
  revision: 7,
  status: "live",
  endedAt: null,
  endedBy: null,
  receipts: counts(2),
  ...part,
});
const entry = (part: Partial<SwitchAnswer> = {}): SwitchAnswer => ({
  key: "reviews",
  title: "Reviews",
  whatUsersLose: "Stars stay, texts hide",
  positions: ["on", "hidden"],
  safeDefault: "on",
  services: ["catalog", "search"],
  desired: "on",
  instances: { total: 4, asDesired: 4, unknown: 0 },
  flips: [],
  revision: 7,
  lastChange: null,
  ...part,
});
const cell = (instance: string, state: FlipDetail["instances"][number]["state"], ms: number | null = null) => ({
  instance,
  state,
  at: 0,
  roundTripMs: ms,
  appliedMs: ms,
  reason: state === "refused" ? "too old" : null,
  lastRevision: null,
});

describe("receipt", () => {
  it("is complete only when every targeted instance applied", () => {
    const all = receiptSummary({ receipts: counts(2), instances: [cell("a/1", "applied", 4), cell("a/2", "applied", 9)] });
    expect(all.complete).toBe(true);
    expect(receiptSummary({ receipts: counts(3), instances: [cell("a/1", "applied"), cell("a/2", "applied")] }).complete).toBe(false);
    expect(receiptSummary({ receipts: counts(2), instances: [cell("a/1", "applied"), cell("a/2", "unknown")] }).complete).toBe(false);
    expect(receiptSummary({ receipts: counts(0), instances: [] }).complete).toBe(false);
  });

  it("groups by service in counting order and keeps the reasons", () => {
    const summary = receiptSummary({
      receipts: counts(4),
      instances: [cell("b/b-10", "refused"), cell("b/b-2", "applied", 31), cell("a/a-1", "sent"), cell("a/a-2", "unknown")],
    });
    expect(summary.groups.map((group) => [group.service, group.applied, group.cells.map((member) => member.name)])).toEqual([
      ["a", 0, ["a-1", "a-2"]],
      ["b", 1, ["b-2", "b-10"]],
    ]);
    expect(summary.refused.map((member) => member.reason)).toEqual(["too old"]);
    expect(receiptSentence(summary)).toBe("1 of 4 applied, 1 pending, 1 refused, 1 unknown.");
  });

  it("gives the median, the tail and the last of the times", () => {
    const instances = Array.from({ length: 100 }, (_, i) => cell(`a/${String(i)}`, "applied", i + 1));
    expect(receiptSummary({ receipts: counts(100), instances }).times).toMatchObject({ p50: 50, p99: 99, last: 100 });
    expect(receiptSummary({ receipts: counts(1), instances: [cell("a/1", "pending")] }).times).toBeNull();
  });

  it("needs no more asking once complete or ended", () => {
    expect(isSettled({ status: "live", receipts: counts(1), instances: [cell("a/1", "sent")] })).toBe(false);
    expect(isSettled({ status: "live", receipts: counts(1), instances: [cell("a/1", "applied")] })).toBe(true);
    expect(isSettled({ status: "reverted", receipts: counts(1), instances: [cell("a/1", "unknown")] })).toBe(true);
  });
});

describe("row of the switchboard", () => {
  it("is quiet in its normal position", () => {
    expect(switchRowState(entry())).toMatchObject({ switched: false, position: "on", complete: true, expiresAt: null });
  });

  it("shows the soonest end and says when a flip has none", () => {
    const state = switchRowState(entry({ desired: "hidden", flips: [flip({ expiresAt: null }), flip({ id: "f2", expiresAt: 500 })] }));
    expect(state).toMatchObject({ switched: true, position: "hidden", expiresAt: 500, endless: true, where: null });
  });

  it("says where a narrower flip holds while the fleet is normal", () => {
    const state = switchRowState(entry({ flips: [flip({ scope: { service: "catalog" } })] }));
    expect(state).toMatchObject({ switched: true, position: "hidden", where: "catalog only" });
    expect(scopeWords({ percentage: 10, service: "catalog" })).toBe("10 % of catalog");
    expect(scopeWords({ percentage: 100 })).toBeNull();
  });

  it("is never complete with nobody there", () => {
    expect(switchRowState(entry({ instances: { total: 0, asDesired: 0, unknown: 0 } })).complete).toBe(false);
  });

  it("is found by its words and its filter", () => {
    expect(passes(entry(), { filter: "all", text: "STARS" })).toBe(true);
    expect(passes(entry(), { filter: "switched", text: "" })).toBe(false);
    expect(passes(entry({ instances: { total: 4, asDesired: 3, unknown: 1 } }), { filter: "incomplete", text: "catalog" })).toBe(true);
  });
});

describe("flip form", () => {
  const ready: FlipForm = { ...emptyForm(entry(), ID), reason: "payments are slow" };

  it("starts with an hour for the fleet, and no choice among several positions", () => {
    expect(emptyForm(entry(), ID)).toMatchObject({ position: "hidden", expiry: "1h", scope: "fleet", reason: "" });
    expect(emptyForm(entry({ positions: ["on", "cached", "off"] }), ID).position).toBe("");
  });

  it("asks for what is missing, one thing at a time", () => {
    expect(missing({ ...ready, position: "" })).toBe("Choose a position.");
    expect(missing({ ...ready, reason: "  x " })).toBe("Say why, in a few words.");
    expect(missing({ ...ready, scope: "service", service: "" })).toBe("Choose a service.");
    expect(missing({ ...ready, scope: "instances" })).toBe("Choose at least one instance.");
    expect(missing(ready)).toBeNull();
  });

  it("sends what was looked at and says no expiry aloud", () => {
    expect(flipRequest({ ...ready, reason: "  payments are slow " }, 7)).toEqual({
      position: "hidden",
      reason: "payments are slow",
      expiresInSeconds: 3600,
      expectedRevision: 7,
      flipId: ID,
    });
    expect(flipRequest({ ...ready, expiry: "none", scope: "percentage" }, 0)).toMatchObject({
      expiresInSeconds: null,
      scope: { percentage: 10 },
    });
    expect(flipRequest({ ...ready, reason: "" }, 7)).toBeNull();
  });

  it("previews before there is a reason", () => {
    expect(previewRequest({ ...ready, reason: "" })).toEqual({ position: "hidden", expiresInSeconds: 3600, flipId: ID });
    expect(previewRequest({ ...ready, position: "" })).toBeNull();
  });
});

describe("conflict", () => {
  it("shows only what looks like a flip, and the revision now", () => {
    const conflict = { expected: 7, current: 9, flips: [flip({ id: "f9" }), { id: 3 }, null] };
    expect(conflictFlips(conflict).map((entry) => entry.id)).toEqual(["f9"]);
    expect([conflictRevision(conflict), conflictRevision("text"), conflictRevision({ current: "9" })]).toEqual([9, null, null]);
    expect([conflictFlips(undefined), conflictFlips({ flips: "none" })]).toEqual([[], []]);
  });
});

describe("steady key", () => {
  it("is the same for the same body until it is forgotten", () => {
    let made = 0;
    const keys = new SteadyKey(() => `k${String(++made)}`);
    expect([keys.keyFor({ a: 1 }), keys.keyFor({ a: 1 }), keys.keyFor({ a: 2 })]).toEqual(["k1", "k1", "k2"]);
    keys.forget();
    expect(keys.keyFor({ a: 2 })).toBe("k3");
  });
});

describe("receipt as text", () => {
  it("stands alone, with refusals and the unknown by name", () => {
    const detail: FlipDetail = {
      ...flip({ expiresAt: null, receipts: counts(3) }),
      instances: [cell("a/1", "applied", 9), cell("a/2", "refused"), cell("a/3", "unknown")],
    };
    expect(receiptText(detail).split("\n")).toEqual([
      "reviews to hidden in production, whole fleet",
      "r7 by ada at 1970-01-01 00:00:00 UTC: slow",
      "No expiry.",
      "1 of 3 applied, 1 refused, 1 unknown.",
      "Time to apply: p50 9 ms, p99 9 ms, last 9 ms.",
      "Refused by a/2: too old.",
      "Unknown: a/3.",
    ]);
  });
});
