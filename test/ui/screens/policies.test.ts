import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { policyDrift } from "../../../core/policy-drift.ts";
import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { LatencyAnswer } from "../../../protocol/history-api.ts";
import type { PolicyAnswer, PolicySetting } from "../../../protocol/policy-api.ts";
import { LiveProvider } from "../../../ui/live/live-provider.tsx";
import { choices, passes, policyRows, type PolicyFilter } from "../../../ui/screens/policies/policy-rows.ts";
import { BreakerPolicy } from "../../../ui/screens/service/breaker-policy.tsx";
import type { BreakerView } from "../../../ui/screens/service/breaker-view.ts";
import { DriftNote } from "../../../ui/screens/service/drift-note.tsx";
import { overridesOf } from "../../../ui/screens/service/forced.ts";
import { InstanceTicks } from "../../../ui/screens/service/instance-ticks.tsx";
import { ownerOf } from "../../../ui/screens/service/service-head.tsx";
import { suggestionsFor, type Measures } from "../../../ui/screens/service/suggestion-model.ts";

const NAMES = ["orders/orders-1", "orders/orders-2", "orders/orders-3"];

function setting(key: string, value: number, more: Partial<PolicySetting> = {}): PolicySetting {
  const code = [{ value, instances: 3, names: NAMES }];
  const effective = code.map((entry) => ({ ...entry, origin: "code" as const, revision: 0 }));
  return { key, type: "int", default: 1, min: 1, max: 600_000, bounds: null, fixed: false, code, effective, ...more };
}

function policy(name: string, kind: PolicyAnswer["policy"], more: Partial<PolicyAnswer> = {}): PolicyAnswer {
  return {
    name,
    policy: kind,
    services: ["orders"],
    instances: { total: 3, live: 3 },
    revision: 0,
    settings: [],
    note: null,
    states: [],
    override: [],
    fault: { allowed: 0, inForce: [] },
    changes: [],
    lastChange: null,
    ...more,
  };
}

function forced(id: string, scope: ChangeAnswer["scope"], expiresAt: number | null = null): ChangeAnswer {
  return {
    id,
    kind: "override",
    key: "payments",
    policy: "breaker",
    body: { policy: "breaker", state: "forced_open" },
    environment: "production",
    scope,
    reason: "the provider asked us",
    author: "user:ada",
    createdAt: 0,
    expiresAt,
    revision: 7,
    status: "live",
    endedAt: null,
    endedBy: null,
    receipts: { targeted: 3, pending: 0, sent: 0, applied: 2, refused: 1, unknown: 0 },
  };
}

const holding = (...changes: ChangeAnswer[]) => ({
  changes,
  override: changes.map(({ id }) => ({ id, revision: 7, instances: 3, state: "forced_open" as const })),
});
const odd = setting("openMs", 30_000, {
  effective: [
    { value: 30_000, instances: 2, names: NAMES.slice(0, 2), origin: "code", revision: 0 },
    { value: 60_000, instances: 1, names: NAMES.slice(2), origin: "code", revision: 0 },
  ],
});

function render(role: "viewer" | "operator", children: ReactNode): string {
  const client = new QueryClient();
  client.setQueryData(["me"], { name: "Ada", email: null, role, kind: "user", environments: ["production"] });
  const live = createElement(LiveProvider, { environment: "production", children });
  return renderToStaticMarkup(createElement(QueryClientProvider, { client }, live)).replaceAll("<!-- -->", "");
}

describe("the list of policies", () => {
  const rows = policyRows([
    policy("payments", "breaker", { ...holding(forced("o1", { service: "orders" }, 9_000)), settings: [setting("openMs", 1)] }),
    policy("payments", "timeout", { services: ["orders", "shop"] }),
    policy("pg", "pool", { services: ["catalog"], settings: [odd] }),
  ]);
  const none: PolicyFilter = { kind: null, service: null, text: "", changed: false, differs: false };
  const found = (filter: Partial<PolicyFilter>) => rows.filter((row) => passes(row, { ...none, ...filter })).map(({ id }) => id);

  it.each<[Partial<PolicyFilter>, string[]]>([
    [{}, ["breaker:payments", "timeout:payments", "pool:pg"]],
    [{ kind: "timeout" }, ["timeout:payments"]],
    [{ service: "shop" }, ["timeout:payments"]],
    [{ changed: true }, ["breaker:payments"]],
    [{ differs: true }, ["breaker:payments", "pool:pg"]],
    [{ text: " OPENms " }, ["breaker:payments", "pool:pg"]],
    [{ text: "forced", service: "orders" }, ["breaker:payments"]],
    [{ text: "nothing" }, []],
  ])("leaves by %j %j", (filter, wanted) => {
    expect(found(filter)).toEqual(wanted);
  });

  it("says what is changed until when, who has not applied it, and what differs", () => {
    expect(rows.map(({ changed, differs, until }) => [changed, differs, until])).toEqual([
      [["forced open"], ["not applied on 1"], 9_000],
      [[], [], null],
      [[], ["openMs differs"], null],
    ]);
    expect(policyRows([policy("payments", "breaker", holding(forced("a", {}, 5), forced("b", {})))])[0]?.until).toBeNull();
    expect(choices(rows.map((row) => row.policy))).toEqual({
      kinds: ["breaker", "pool", "timeout"],
      services: ["catalog", "orders", "shop"],
    });
  });
});

describe("a card", () => {
  it("names which instances have which value, and counts those beyond", () => {
    const html = renderToStaticMarkup(createElement(DriftNote, { drift: policyDrift(policy("pg", "pool", { settings: [odd] })) }));
    expect(html.replaceAll("<!-- -->", "")).toContain("60000</b> on 1: <span");
    expect(html).toContain("orders/orders-1, orders/orders-2");
    expect(renderToStaticMarkup(createElement(DriftNote, { drift: { settings: [], behind: [] } }))).toBe("");
  });

  it("of a forced breaker says who, why and how to let go; a viewer sees it and may not", () => {
    const card = (role: "viewer" | "operator") =>
      render(
        role,
        createElement(BreakerPolicy, {
          policy: policy("payments", "breaker", { ...holding(forced("o1", { service: "orders" })), states: ["forced_open"] }),
          service: "orders",
          environment: "production",
        }),
      );
    for (const text of ["forced open", "ada", "no expiry", "the provider asked us", "Let go", "Force…", "Settings"])
      expect(card("operator")).toContain(text);
    expect(card("operator")).not.toContain(" disabled");
    expect(card("viewer").match(/ disabled/g)).toHaveLength(2);
  });

  it("is forced only by what reaches its service", () => {
    const known = holding(
      forced("all", {}),
      forced("here", { service: "orders" }),
      forced("one", { instances: ["orders/orders-1"] }),
      forced("there", { service: "shop" }),
      forced("other", { instances: ["shop/orders-1"] }),
    );
    expect(overridesOf(known, "orders").map(({ id }) => id)).toEqual(["all", "here", "one"]);
    expect(overridesOf({ ...known, override: [] }, "orders")).toEqual([]);
  });

  it("shows open 3 of 40 as ticks, told in words", () => {
    const members = Array.from({ length: 40 }, (_, i) => ({
      name: `orders-${String(i)}`,
      key: `orders/orders-${String(i)}`,
      state: i < 3 ? ("open" as const) : ("closed" as const),
      failurePermille: 0,
    }));
    const html = renderToStaticMarkup(createElement(InstanceTicks, { view: { members, inState: 3 } as unknown as BreakerView }));
    expect(html).toContain('aria-label="3 open, 37 closed"');
    expect(html.match(/data-state="open"/g)).toHaveLength(3);
    expect(html.match(/data-state="closed"/g)).toHaveLength(37);
  });

  it("says who owns the service, and both while it moves", () => {
    expect(ownerOf([{ labels: { team: "web" } }, { labels: { team: "checkout" } }, { labels: {} }])).toEqual({
      label: "team",
      names: ["checkout", "web"],
    });
    expect(ownerOf([{ labels: { team: "web", owner: "ada" } }])).toEqual({ label: "owner", names: ["ada"] });
    expect(ownerOf([{ labels: { zone: "a" } }])).toBeNull();
  });
});

describe("what is suggested", () => {
  type Latency = LatencyAnswer["latencies"][number];
  const latency = (kind: Latency["kind"], resource: string, instance: string | null, p99: number | null, p50 = p99): Latency => ({
    service: "orders",
    instance,
    resource,
    kind,
    column: "p99Us",
    instances: 1,
    samples: 60,
    weight: 60,
    low: 0,
    high: 0,
    p50,
    p90: null,
    p99,
  });
  const counted = (kind: Latency["kind"], column: string, instance: string, ...values: (number | null)[]): Measures["series"][number] => ({
    instance,
    resource: "payments",
    kind,
    column,
    points: values.map((value, i) => [i * 60_000, value, value]),
  });
  const nothing: Measures = { each: [], together: [], series: [] };
  const timeout = policy("payments", "timeout", { settings: [setting("attemptMs", 800), setting("totalMs", 5_000)] });
  const breakers = [
    latency("breaker", "payments", NAMES[0] ?? null, 180_000),
    latency("breaker", "payments", NAMES[2] ?? null, 212_000, 140_000),
  ];

  it("for a timeout comes from the breaker of its calls, by the worst instance beside the merged one", () => {
    const measures = { ...nothing, each: [latency("server", "http", NAMES[0] ?? null, 900_000), ...breakers] };
    expect(suggestionsFor(timeout, { ...measures, together: [latency("breaker", "payments", null, 190_000)] }, "")).toEqual({
      attemptMs: {
        value: 424,
        text: "p99 of the breaker payments was 212 ms (worst of 2: orders-3, last hour; all together 190 ms; taken over the p99 of each second, so rather high: a usual second had 140 ms) × 2 = 424 ms",
      },
    });
  });

  it("falls back to what the service itself takes, says so, and stays beneath the total time", () => {
    const measures = { ...nothing, each: [latency("server", "http", NAMES[0] ?? null, 4_000_000)] };
    const { attemptMs } = suggestionsFor(timeout, measures, "");
    expect(attemptMs).toMatchObject({ value: 5_000 });
    expect(JSON.stringify(attemptMs)).toContain("the service itself (nothing times payments alone)");
    expect(JSON.stringify(attemptMs)).toContain("but 5000 ms is the most");
  });

  it("for slots is the busiest minute times the time held, of the same instance", () => {
    const bulkhead = policy("payments", "bulkhead", { settings: [setting("maxConcurrent", 20)] });
    const series = [counted("breaker", "calls", NAMES[2] ?? "", 40, null, 80), counted("breaker", "calls", NAMES[0] ?? "", 10)];
    expect(suggestionsFor(bulkhead, { ...nothing, each: breakers, series }, "")).toMatchObject({ maxConcurrent: { value: 22 } });
    const used = [counted("bulkhead", "inUse", NAMES[1] ?? "", 9, 8), counted("bulkhead", "waiting", NAMES[1] ?? "", 0, 3)];
    expect(suggestionsFor(bulkhead, { ...nothing, series: used }, "")).toMatchObject({ maxConcurrent: { value: 15 } });
  });

  it("is nothing where nothing was measured or read, and says which", () => {
    expect(suggestionsFor(timeout, nothing, "")).toEqual({
      attemptMs: { none: "Nothing was measured of payments in the last hour, so nothing is suggested." },
    });
    expect(suggestionsFor(timeout, null, "Reading the last hour…")).toEqual({ attemptMs: { none: "Reading the last hour…" } });
    expect(suggestionsFor(policy("payments", "retry"), nothing, "")).toEqual({});
  });
});
