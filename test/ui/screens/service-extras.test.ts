import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { createFleet, foldFleet, type InstanceState } from "../../../core/fleet.ts";
import { BREAKER_STATES, columnsOf, type Kind } from "../../../protocol/kinds.ts";
import type { LiveInstance } from "../../../protocol/live.ts";
import { LiveContext } from "../../../ui/live/live-provider.tsx";
import { LiveStore } from "../../../ui/live/live-store.ts";
import { outlookWords, pointsOf, poolView, queueView, turnedAway } from "../../../ui/screens/service/flow-view.ts";
import { ratesFrom, resourceGroups, type Rates } from "../../../ui/screens/service/members.ts";
import { Neighbours } from "../../../ui/screens/service/neighbours.tsx";
import { PoolPanel } from "../../../ui/screens/service/pool-panel.tsx";
import { ShedPanel } from "../../../ui/screens/service/shed-panel.tsx";

const NOW = 100_000;

interface Given {
  readonly kind: Kind;
  readonly name: string;
  readonly target?: string;
  readonly values: Readonly<Record<string, number>>;
}

function instance(key: string, resources: readonly Given[], heardAt = NOW): LiveInstance {
  const [service = "", name = ""] = key.split("/");
  return {
    ...{ key, service, instance: name, boot: `boot-${name}`, labels: {}, connectedAt: 0, lastFrameAt: heardAt, disconnectedAt: null },
    ...{ left: false, clockSkewMs: 0, policyRevision: 1, switches: [] },
    resources: resources.map(({ kind, name: resource, target }, id) => ({ id, kind, name: resource, ...(target ? { target } : {}) })),
    row: resources.flatMap(({ kind, values }) =>
      columnsOf(kind).map(({ name: column }) => (column in values ? (values[column] ?? 0) + 1 : 0)),
    ),
  };
}

function fleetOf(...instances: LiveInstance[]): InstanceState[] {
  const fleet = createFleet();
  foldFleet(fleet, { type: "replaced", instances, revision: 1 });
  return [...fleet.instances.values()];
}

const text = (node: ReactNode): string =>
  renderToStaticMarkup(node)
    .replaceAll("<!-- -->", "")
    .replaceAll(/<(li|p|h3|section|div)[^>]*>/g, "|")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");

/** Rates that are a tenth of the counter, so that each can be told from the others. */
const tenths: Rates = (() => {
  const of: Rates["of"] = (member, column) => {
    const at = columnsOf(member.resource.kind).findIndex(({ name }) => name === column);
    const slot = member.instance.row[member.resource.offset + at] ?? 0;
    return slot === 0 ? null : (slot - 1) / 10;
  };
  const sum: Rates["sum"] = (members, column) => {
    const known = members.map((member) => of(member, column)).filter((rate) => rate !== null);
    return known.length === 0 ? null : known.reduce((total, rate) => total + rate, 0);
  };
  return { of, sum };
})();

describe("callers and dependencies of a service", () => {
  const breaker = (target: string, state: (typeof BREAKER_STATES)[number]): Given => ({
    ...{ kind: "breaker" as const, name: target, target },
    values: { state: BREAKER_STATES.indexOf(state), calls: 0, ok: 0, failed: 0 },
  });
  function shown(service: string, ...instances: LiveInstance[]): string {
    const store = new LiveStore({ schedule: (flush) => flush(), clock: () => NOW });
    store.receive({ t: "snapshot", now: NOW, environment: "production", lastEvent: 0, revision: 1, instances });
    return text(createElement(LiveContext, { value: store }, createElement(Neighbours, { service })));
  }
  const fleet = [
    instance("shop/shop-1", [breaker("orders", "open")]),
    instance("shop/shop-2", [breaker("orders", "closed")]),
    instance("admin/admin-1", [breaker("orders", "closed")]),
    instance("orders/orders-1", [breaker("stock", "closed"), breaker("payments", "open")]),
    instance("mail/mail-1", []),
  ];

  it("are told as the caller sees them, the worst first", () => {
    const html = shown("orders", ...fleet);
    expect(html).toMatch(/Callers 2 .*shop .*open on 1 of 2 .*admin .*healthy/);
    expect(html).toMatch(/Dependencies 2 .*payments .*open .*stock .*healthy/);
  });

  it("say which side is empty, and are left out where there is neither", () => {
    expect(shown("shop", ...fleet)).toContain("Nobody here calls it through a breaker or a pool.");
    expect(shown("mail", ...fleet)).toBe("");
  });

  it("are eight on each side, and the rest are counted", () => {
    const many = Array.from({ length: 11 }, (_, i) => breaker(`dependency-${String(i)}`, i === 10 ? "open" : "closed"));
    const html = shown("orders", instance("orders/orders-1", many));
    expect(html).toContain("Dependencies 11");
    expect(html).toContain("and 3 more on the map");
    expect(html).toContain("dependency-10");
    expect(html.match(/dependency-\d+/g)).toHaveLength(8);
  });
});

describe("what did not go the straight way", () => {
  const guards = (...instances: LiveInstance[]) => resourceGroups(fleetOf(...instances), ["breaker", "bulkhead", "pool"], NOW);
  const pool = (waiting: number): Given => ({ kind: "pool", name: "pg", values: { waiting, inUse: 1, max: 5 } });
  const bulkhead: Given = { kind: "bulkhead", name: "mail", values: { waiting: 2, rejected: 40 } };
  const breaker: Given = { kind: "breaker", name: "payments", values: { rejected: 30, fallbacks: 20 } };

  it("is queued for pools and bulkheads, cut short by breakers, without a slot, or answered by a fallback", () => {
    const groups = guards(instance("orders/a", [pool(3), bulkhead, breaker]), instance("orders/b", [pool(4)]));
    expect(turnedAway(groups, tenths)).toEqual({ queued: 9, shortCircuited: 3, noSlot: 4, fallback: 2 });
  });

  it("is not known of an instance that is not heard, and nothing is not zero", () => {
    const silent = guards(instance("orders/a", [pool(3), breaker], NOW - 60_000));
    const none = { queued: null, shortCircuited: null, noSlot: null, fallback: null };
    expect(
      turnedAway(
        silent,
        ratesFrom(() => []),
      ),
    ).toEqual(none);
    expect(turnedAway([], tenths)).toEqual(none);
  });

  it("is shown as far as it is told", () => {
    const shared = { shedders: [], limiters: [], rates: tenths };
    const html = text(createElement(ShedPanel, { ...shared, guards: guards(instance("orders/a", [pool(3)])) }));
    expect(html).toMatch(/queued for a slot 3 now/);
    expect(html).not.toMatch(/short-circuited|fallback/);
    expect(text(createElement(ShedPanel, { ...shared, guards: [] }))).toBe("");
  });
});

describe("when a pool or a queue runs out", () => {
  const pools = (...instances: LiveInstance[]) => resourceGroups(fleetOf(...instances), ["pool"], NOW);
  const pool = (inUse: number): Given => ({ kind: "pool", name: "pg", values: { inUse, waiting: 0, max: 50 } });
  /** What was in use, one more each so many seconds, up to now. */
  const rising = (everyS: number, last: number) =>
    Array.from({ length: 31 }, (_, i) => ({ at: i * 1_000, inUse: last - (30 - i) / everyS }));

  it("is told by the instance that is full first, which need not be the fullest now", () => {
    const [group] = pools(instance("orders/full", [pool(40)]), instance("orders/fast", [pool(20)]));
    if (!group) throw new Error("no pool");
    const view = poolView(group, ({ instance: { instance: name } }) => (name === "fast" ? rising(1, 20) : rising(10, 40)));
    expect(view).toMatchObject({ instance: "full", inUse: 40, outlookOf: "fast", outlook: { kind: "fills" } });
    expect(view?.outlook.kind === "fills" ? view.outlook.ms : NaN).toBeCloseTo(30_000, -2);
  });

  it("is read from the rows of the last minute, without those where it was not known", () => {
    const [group] = pools(instance("orders/a", [pool(7)]));
    const member = group?.members[0];
    if (!member) throw new Error("no member");
    const slot = columnsOf("pool").findIndex(({ name }) => name === "inUse");
    const row = (inUse: number | null): Float64Array => {
      const slots = new Float64Array(columnsOf("pool").length);
      slots[slot] = inUse === null ? 0 : inUse + 1;
      return slots;
    };
    const samples = [
      { at: NOW - 61_000, row: row(1) },
      { at: NOW - 60_000, row: row(2) },
      { at: NOW - 1_000, row: row(null) },
      { at: NOW, row: row(7) },
    ];
    expect(pointsOf(member, samples)).toEqual([
      { at: NOW - 60_000, inUse: 2 },
      { at: NOW, inUse: 7 },
    ]);
  });

  it("is said on the pool only when it is on its way", () => {
    const slot = columnsOf("pool").findIndex(({ name }) => name === "inUse");
    const samplesOf = (inUse: number, step: number) => () =>
      Array.from({ length: 30 }, (_, i) => {
        const row = new Float64Array(columnsOf("pool").length);
        row[slot] = 1 + inUse - step * (29 - i);
        return { at: NOW - (29 - i) * 1_000, row };
      });
    const shown = (inUse: number, step: number): string =>
      text(createElement(PoolPanel, { groups: pools(instance("orders/a", [pool(inUse)])), samplesOf: samplesOf(inUse, step) }));
    expect(shown(39, 1)).toMatch(/full in 11 s/);
    expect(shown(10, 0)).not.toContain("full");
    expect(shown(50, 0)).toMatch(/full/);
  });

  it("speaks of the deepest queue in words", () => {
    const queue = (depth: number, added: number, completed: number): Given => ({
      ...{ kind: "queue" as const, name: "outbox" },
      values: { depth, capacity: 100, added, completed, failed: 0 },
    });
    const view = (...given: Given[]) => {
      const [group] = resourceGroups(fleetOf(...given.map((one, i) => instance(`orders/${String(i)}`, [one]))), ["queue"], NOW);
      return group ? queueView(group, tenths) : null;
    };
    const words = (...given: Given[]) => outlookWords(view(...given)?.outlook ?? { kind: "unknown" });
    expect(words(queue(10, 0, 50), queue(80, 60, 40))).toBe("full in 10 s");
    expect(words(queue(50, 10, 60))).toBe("drained in 10 s");
    expect([words(queue(100, 0, 0)), words(queue(0, 0, 0)), words(queue(40, 50, 50)), words()]).toEqual([
      "full",
      "empty",
      "steady",
      "outlook unknown",
    ]);
  });
});
