/** What the pages of incidents decide without a screen. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_REVIEW } from "../../../core/incidents/incident.ts";
import { BUILT_IN_RULES } from "../../../core/incidents/rules.ts";
import type { Entry, IncidentSummary, Symptom } from "../../../protocol/incident-api.ts";
import { ruleBodySchema } from "../../../protocol/incident-rule-api.ts";
import { differences } from "../../../ui/screens/incidents/conflict.ts";
import { pictureOf } from "../../../ui/screens/incidents/dependency-layout.ts";
import { lossSentence } from "../../../ui/screens/incidents/incident-words.ts";
import { laneWindow, lanesOf } from "../../../ui/screens/incidents/lane-model.ts";
import { inListOrder, listParams, NO_FILTER, pastStatuses, sinceOf } from "../../../ui/screens/incidents/list-filter.ts";
import { fromField, toField } from "../../../ui/screens/incidents/local-time.ts";
import { reviewChange, reviewDraft, reviewProblem } from "../../../ui/screens/incidents/review-form.ts";
import { draftOf, readRule, ruleId, ruleSentence } from "../../../ui/screens/incidents/rule-form.ts";
import { momentHref, rowsOf, rowTitle, sinceStart } from "../../../ui/screens/incidents/timeline-model.ts";

const NOON = Date.UTC(2026, 0, 5, 12);
const MIN = 60_000;

type Listed = Pick<IncidentSummary, "id" | "status" | "severity" | "services" | "number" | "title" | "cause" | "assignee" | "startedAt">;
const listed = (number: number, more: Partial<Listed> = {}): Listed => ({
  id: `i${String(number)}`,
  number,
  status: "resolved",
  severity: 3,
  services: ["orders"],
  title: "orders → payments: breaker open",
  cause: null,
  assignee: null,
  startedAt: NOON + number * MIN,
  ...more,
});

describe("the list of incidents", () => {
  it("has open ones first and the newest first among each, each once", () => {
    const all = [listed(1), listed(2, { status: "open" }), listed(3), listed(4, { status: "acknowledged" }), listed(3)];
    expect(inListOrder(all).map(({ number }) => number)).toEqual([4, 2, 3, 1]);
  });

  it("asks the console only for what is chosen", () => {
    expect(listParams(NO_FILTER)).toEqual({});
    const chosen = { status: "all", severity: 2, service: "orders", who: "ada", text: " slow images ", time: "24h" } as const;
    expect(listParams(chosen)).toEqual({ severity: 2, service: "orders", assignee: "ada", text: "slow images" });
    expect(listParams({ ...NO_FILTER, who: "nobody" })).toEqual({ unassigned: "true" });
    expect([sinceOf("any", NOON), sinceOf("24h", NOON)]).toEqual([null, NOON - 24 * 60 * MIN]);
  });

  it("takes a number sign for one incident, and a number without it for a word", () => {
    expect(listParams({ ...NO_FILTER, text: "#12" })).toEqual({ number: 12 });
    expect(listParams({ ...NO_FILTER, text: "12" })).toEqual({ text: "12" });
    expect(pastStatuses({ status: "all", text: " #12" })).toBe("resolved,merged");
    expect([pastStatuses(NO_FILTER), pastStatuses({ status: "open", text: "#12" })]).toEqual(["resolved", null]);
  });
});

describe("a change that met another", () => {
  const seen = { title: "a", severity: 3 as const, status: "open" as const, assignee: null, review: EMPTY_REVIEW };

  it("is told with what was seen, what it is, and what was wanted", () => {
    expect(differences({ title: "mine" }, seen, { ...seen, title: "theirs" })).toEqual([
      { field: "Title", seen: "a", theirs: "theirs", mine: "mine" },
    ]);
    expect(differences({ assignee: "ada" }, seen, { ...seen, assignee: "grace" })).toMatchObject([
      { seen: "nobody", theirs: "grace", mine: "ada" },
    ]);
  });

  it("is no conflict when something else was changed, or both want the same", () => {
    expect(differences({ title: "mine" }, seen, { ...seen, severity: 1, assignee: "grace" })).toEqual([]);
    expect(differences({ status: "resolved" }, seen, { ...seen, status: "resolved" })).toEqual([]);
    const review = { ...EMPTY_REVIEW, trigger: "theirs" };
    expect(differences({ review: { summary: "mine" } }, seen, { ...seen, review })).toEqual([]);
  });

  it("names the part of the write-up that both wrote", () => {
    const review = { ...EMPTY_REVIEW, wentWell: ["theirs"] };
    expect(differences({ review: { wentWell: ["mine"] } }, seen, { ...seen, review })).toEqual([
      { field: "Went well", seen: "nothing", theirs: "theirs", mine: "mine" },
    ]);
  });
});

describe("the picture of dependencies", () => {
  const EDGES = [
    { from: "storefront", to: "orders", through: "breaker orders" },
    { from: "orders", to: "payments", through: "breaker payments" },
    { from: "orders", to: "search", through: "breaker search" },
  ];

  it("has callers left of what they call, and numbers where the trouble was noticed", () => {
    const picture = pictureOf(
      [
        { service: "payments", target: null },
        { service: "orders", target: "payments" },
        { service: "storefront", target: "orders" },
      ],
      EDGES,
    );
    expect(Object.fromEntries(picture.nodes.map(({ service, column, numbers }) => [service, [column, numbers]]))).toEqual({
      payments: [2, [1]],
      orders: [1, []],
      storefront: [0, []],
    });
    expect(picture.edges.map(({ from, to, numbers }) => [from, to, numbers])).toEqual([
      ["storefront", "orders", [3]],
      ["orders", "payments", [2]],
    ]);
  });

  it("draws a call that only the cascade knows, and ends on circles", () => {
    expect(pictureOf([{ service: "a", target: "b" }], []).edges).toEqual([{ from: "a", to: "b", through: [], numbers: [1] }]);
    const name = fc.constantFrom("a", "b", "c", "d", "e");
    fc.assert(
      fc.property(fc.array(fc.record({ service: name, target: name }), { maxLength: 12 }), (suspects) => {
        const { nodes } = pictureOf(
          suspects,
          suspects.map(({ service, target }) => ({ from: target, to: service, through: "x" })),
        );
        const places = nodes.map(({ column, row }) => `${String(column)} ${String(row)}`);
        expect(new Set(places).size).toBe(nodes.length);
      }),
    );
  });
});

describe("lanes", () => {
  const symptom = (spans: Partial<Symptom["spans"][number]>[]): Symptom => ({
    key: "k",
    ruleId: "breaker-open",
    on: "breaker_open",
    service: "orders",
    resource: null,
    target: null,
    instances: [],
    spans: spans.map((span) => ({ from: NOON, to: null, openedAt: NOON, badMs: 0, lastFrom: NOON, times: 1, ...span })),
  });

  it("lie within the window as shares of it, and what still lasts reaches its end", () => {
    const window = { from: NOON, to: NOON + 10 * MIN };
    const [lane] = lanesOf(
      {
        symptoms: [symptom([{ from: NOON - MIN, to: NOON + MIN, openedAt: null }, { from: NOON + 5 * MIN }])],
        suspects: [{ key: "k", title: "t" }],
      },
      window,
    );
    expect(lane?.runs).toMatchObject([
      { left: 0, width: 0.1, counted: false },
      { left: 0.5, width: 0.5, to: null, counted: true },
    ]);
  });

  it("never look beyond now", () => {
    const window = laneWindow({ startedAt: NOON, resolvedAt: null }, NOON + 10 * MIN);
    expect(window.to).toBe(NOON + 10 * MIN);
  });
});

describe("the timeline", () => {
  const entry = (id: number, seconds: number, more: Partial<Entry> = {}): Entry => ({
    key: `e${String(id)}`,
    at: NOON + seconds * 1_000,
    kind: "transition",
    title: `orders-${String(id)}: breaker payments opened`,
    text: "",
    actor: "agent",
    source: "agent",
    noise: false,
    pinned: false,
    original: null,
    service: "orders",
    instance: `orders-${String(id)}`,
    receipts: null,
    proof: null,
    event: {
      id,
      at: NOON,
      receivedAt: NOON,
      type: "breaker.opened",
      service: "orders",
      instance: `orders-${String(id)}`,
      resource: { kind: "breaker", name: "payments" },
      actor: "agent",
      data: {},
    },
    ...more,
  });

  it("tells repeats of one thing as one row, named by the service", () => {
    const [row, ...others] = rowsOf([entry(1, 0), entry(2, 2), entry(3, 50)]);
    expect(others).toEqual([]);
    expect(row?.entries).toHaveLength(3);
    expect(row && rowTitle(row)).toBe("orders: breaker payments opened");
  });

  it("keeps apart what lies between, what is late, and what a person pinned", () => {
    const other = entry(4, 3, { service: "search" });
    const pinned = entry(3, 2, { pinned: true });
    expect(rowsOf([entry(1, 0), entry(2, 1), other, entry(5, 4)])).toHaveLength(3);
    expect(rowsOf([entry(1, 0), entry(2, 61)])).toHaveLength(2);
    expect(rowsOf([entry(1, 0), pinned])).toHaveLength(2);
  });

  it("says how long since the first departure, before it too", () => {
    expect([89_000, -40_000, 3_725_000, 0].map((ms) => sinceStart(NOON + ms, NOON))).toEqual(["+1:29", "−0:40", "+1:02:05", "+0:00"]);
  });

  it("links to the console as it was then", () => {
    expect(momentHref("/services/orders", NOON, "staging")).toBe("/services/orders?env=staging&at=2026-01-05T12%3A00%3A00Z");
  });

  it("takes a time of the browser's field to the second, and nothing for nothing", () => {
    const at = Math.floor(Date.now() / 1_000) * 1_000;
    expect(fromField(toField(at))).toBe(at);
    expect([fromField(""), fromField("soon")]).toEqual([null, null]);
  });
});

describe("the form of a rule", () => {
  it("reads back every rule that comes with the console as it is", () => {
    for (const { id, ...body } of BUILT_IN_RULES) expect(readRule(draftOf(body)).rule, id).toEqual(body);
  });

  it("gives only what the protocol takes, and else says what is wrong with which field", () => {
    const typed = fc.oneof(
      fc.integer({ min: -10, max: 100_000 }).map(String),
      fc.double().map(String),
      fc.constantFrom("", "x", "1,5", "1e9"),
    );
    const [first] = BUILT_IN_RULES;
    fc.assert(
      fc.property(
        fc.constantFrom("breaker_open", "shed", "pool_saturated", "agents_lost", "error_budget"),
        fc.dictionary(
          fc.constantFrom("perSecond", "atLeast", "objectivePermille", "windowMs", "burn", "openDelayMs", "resolveDelayMs", "inactivityMs"),
          typed,
        ),
        (on, changes) => {
          const draft = draftOf(first as (typeof BUILT_IN_RULES)[number]);
          const { rule, wrong } = readRule({ ...draft, on: on, typed: { ...draft.typed, ...changes } });
          if (rule === null) expect(Object.keys(wrong).length).toBeGreaterThan(0);
          else expect(ruleBodySchema.safeParse(rule).error?.message).toBeUndefined();
        },
      ),
    );
  });

  it("says in plain words what a rule does", () => {
    const [, , , , budget] = BUILT_IN_RULES;
    expect(budget && ruleSentence(budget)).toBe("Over 5 min, more than 1.44 % of requests fail for 30 s; over when good for 60 s.");
  });

  it("names a new rule by its title, and never like another", () => {
    expect(ruleId("Checkout sheds load!", ["checkout-sheds-load"])).toBe("checkout-sheds-load-2");
    expect(ruleId("支払い", [])).toBe("rule");
  });
});

describe("the form of a write-up", () => {
  it("sends only the parts that were changed", () => {
    const seen = { ...EMPTY_REVIEW, summary: "s", wentWell: ["a", "b"] };
    const draft = reviewDraft(seen);
    expect(reviewChange(draft, seen)).toEqual({});
    expect(
      reviewChange({ ...draft, wentWell: "a\n\n b \nc", actions: [{ text: " ", type: "prevent", owner: "", link: "" }] }, seen),
    ).toEqual({
      wentWell: ["a", "b", "c"],
    });
  });

  it("says what cannot be saved before it is sent", () => {
    const draft = reviewDraft(EMPTY_REVIEW);
    expect(reviewProblem(draft)).toBeNull();
    expect(reviewProblem({ ...draft, lucky: "x\n".repeat(21) })).toMatch(/20 lines/);
    expect(reviewProblem({ ...draft, actions: [{ text: "Fix", type: "prevent", owner: "", link: "javascript:alert(1)" }] })).toMatch(
      /https/,
    );
  });
});

describe("what users lost", () => {
  const impact = { shortCircuited: 0, fallbacks: 0, failures: 0, requests: 1_200, errors: 30, peakErrorPermille: 214, truncated: false };
  it("is a sentence, and says when it is not known or not all", () => {
    expect(lossSentence(impact)).toBe("30 requests of 1,200 failed, 21 % of them at the worst moment.");
    expect(lossSentence({ ...impact, truncated: true })).toMatch(/^At least /);
    expect(lossSentence({ ...impact, requests: 0 })).toMatch(/No requests/);
    expect(lossSentence({ ...impact, errors: 0 })).toMatch(/none failed/);
  });
});
