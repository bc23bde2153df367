import { describe, expect, it } from "vitest";
import { createFleet, foldFleet, type InstanceState } from "../../../core/fleet.ts";
import { BREAKER_STATES, columnsOf, type Kind } from "../../../protocol/kinds.ts";
import type { LiveInstance } from "../../../protocol/live.ts";
import { breakerSentence, breakerView, isNearLimit, stateWords } from "../../../ui/screens/service/breaker-view.ts";
import { poolView, queueView, shedView } from "../../../ui/screens/service/flow-view.ts";
import { goldenNow, partWords } from "../../../ui/screens/service/golden-now.ts";
import { ratesFrom, resourceGroups } from "../../../ui/screens/service/members.ts";
import { RateRing } from "../../../ui/live/rates.ts";

type Values = Readonly<Record<string, number>>;
interface Given {
  readonly kind: Kind;
  readonly name: string;
  readonly values: Values;
  readonly settings?: Readonly<Record<string, number>>;
}

function instance(name: string, resources: readonly Given[], at = 10_000): LiveInstance {
  return {
    key: `orders/${name}`,
    service: "orders",
    instance: name,
    boot: `boot-${name}`,
    labels: {},
    connectedAt: 0,
    lastFrameAt: at,
    disconnectedAt: null,
    left: false,
    clockSkewMs: 0,
    policyRevision: 1,
    switches: [],
    resources: resources.map(({ kind, name: resource, settings }, id) => ({ id, kind, name: resource, ...(settings ? { settings } : {}) })),
    row: resources.flatMap(({ kind, values }) =>
      columnsOf(kind).map((column) => (column.name in values ? (values[column.name] ?? 0) + 1 : 0)),
    ),
  };
}

function fleetOf(...instances: LiveInstance[]): InstanceState[] {
  const fleet = createFleet();
  foldFleet(fleet, { type: "replaced", instances, revision: 1 });
  return [...fleet.instances.values()];
}

const breaker = (state: (typeof BREAKER_STATES)[number], values: Values = {}): Given => ({
  kind: "breaker",
  name: "payments",
  values: { state: BREAKER_STATES.indexOf(state), ...values },
  settings: { errorThresholdPercentage: 50, resetTimeout: 30_000 },
});
const silent = ratesFrom(() => []);

describe("breaker card", () => {
  it("shows the worst instance, the limit and the next probe", () => {
    const [group] = resourceGroups(
      fleetOf(
        instance("orders-1", [breaker("open", { failurePermille: 640, nextProbeMs: 18_000, p99Us: 1_940_000 })]),
        instance("orders-2", [breaker("closed", { failurePermille: 20, p99Us: 9000 })]),
      ),
      ["breaker"],
      10_000,
    );
    const view = breakerView(group!, silent);
    expect(view).toMatchObject({ state: "open", inState: 1, threshold: 500, worstInstance: "orders-1", p99Us: 1_940_000, resetMs: 30_000 });
    expect(breakerSentence(view)).toBe("64 %, limit 50 %, probe in 18 s");
    expect(stateWords(view, "open")).toBe("open on 1 of 2");
  });

  it("takes no value from an instance that is not heard", () => {
    const [group] = resourceGroups(fleetOf(instance("orders-1", [breaker("open", { failurePermille: 900 })], 1_000)), ["breaker"], 10_000);
    expect(breakerView(group!, silent)).toMatchObject({ state: null, failurePermille: null });
  });

  it("warns from four fifths of the limit on", () => {
    const near = (permille: number) =>
      isNearLimit(
        breakerView(
          resourceGroups(fleetOf(instance("a", [breaker("closed", { failurePermille: permille })])), ["breaker"], 10_000)[0]!,
          silent,
        ),
      );
    expect([399, 400, 700].map(near)).toEqual([false, true, true]);
  });
});

describe("rates over the last seconds", () => {
  const calls = (value: number, at: number) => fleetOf(instance("a", [breaker("closed", { calls: value })], at));

  it("are the growth of the counter by server time", () => {
    const ring = new RateRing();
    for (let second = 0; second <= 20; second++) ring.push(second * 1000, calls(second * second, 0)[0]!.row);
    const [group] = resourceGroups(calls(400, 20_000), ["breaker"], 20_000);
    expect(ratesFrom(() => ring.samples).sum(group!.members, "calls")).toBe((400 - 100) / 10);
    expect(ratesFrom(() => ring.samples).sum(group!.members, "failures")).toBeNull();
  });

  it("are unknown while the instance is silent", () => {
    const ring = new RateRing();
    for (let second = 1; second <= 3; second++) ring.push(second * 1000, calls(second, 0)[0]!.row);
    const at = (now: number) => ratesFrom(() => ring.samples).of(resourceGroups(calls(3, 3000), ["breaker"], now)[0]!.members[0]!, "calls");
    expect([at(3000), at(9000)]).toEqual([1, null]);
  });
});

describe("golden signals", () => {
  it("say of how many instances they are until every one that is heard has been counted", () => {
    const server = (at: number): Given => ({ kind: "server", name: "http", values: { requests: at / 100, errors: 0 } });
    const fleet = (now: number) => fleetOf(...["a", "b", "c"].map((name) => instance(name, [server(now)], name === "c" ? 0 : now)));
    const rings = new Map(["orders/a", "orders/b"].map((key) => [key, new RateRing()]));
    const now = (at: number, keys: readonly string[]) => {
      const instances = fleet(at);
      for (const key of keys) rings.get(key)?.push(at, instances.find((one) => one.key === key)!.row);
      return goldenNow(
        resourceGroups(instances, ["server"], at),
        ratesFrom((key) => rings.get(key)?.samples ?? []),
      );
    };
    const told = [now(20_000, ["orders/a", "orders/b"]), now(21_000, ["orders/a"]), now(22_000, ["orders/b"])];
    expect(told.map(({ requests }) => requests)).toEqual([null, 10, 20]);
    expect(told.map(partWords)).toEqual(["", "1 of 2 counted", ""]);
  });
});

describe("pools, queues and shedding", () => {
  it("lets the instance with waiters speak for the pool", () => {
    const pool = (values: Values): Given => ({ kind: "pool", name: "psp", values });
    const [group] = resourceGroups(
      fleetOf(
        instance("a", [pool({ inUse: 10, idle: 0, waiting: 0, max: 10 })]),
        instance("b", [pool({ inUse: 20, idle: 0, waiting: 14, max: 25 })]),
      ),
      ["pool"],
      10_000,
    );
    expect(poolView(group!)).toMatchObject({ instance: "b", waiting: 14, max: 25, members: 2, saturation: 0.8 });
  });

  it("forecasts the deepest queue at its own rates", () => {
    const queue = (depth: number, added: number, at: number) =>
      fleetOf(instance("a", [{ kind: "queue", name: "outbox", values: { depth, capacity: 100, added, completed: 0 } }], at));
    const ring = new RateRing();
    ring.push(1000, queue(0, 0, 1000)[0]!.row);
    ring.push(6000, queue(50, 50, 6000)[0]!.row);
    const [group] = resourceGroups(queue(50, 50, 6000), ["queue"], 6000);
    expect(
      queueView(
        group!,
        ratesFrom(() => ring.samples),
      ),
    ).toMatchObject({ inPerSecond: 10, outPerSecond: 0, outlook: { kind: "fills", ms: 5000 } });
  });

  it("keeps an unknown shed count unknown", () => {
    const [group] = resourceGroups(
      fleetOf(instance("a", [{ kind: "shedder", name: "http", values: { admitted: 5, inFlight: 3, limit: 9 } }])),
      ["shedder"],
      10_000,
    );
    expect(shedView(group!, silent)).toMatchObject({ shed: null, admitted: null, inFlight: 3, limit: 9 });
  });
});
