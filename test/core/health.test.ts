import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeResources, type InstanceState } from "../../core/fleet.ts";
import {
  breakerStatus,
  instanceStatus,
  poolLoad,
  poolStatus,
  resourceStatus,
  severity,
  STATUSES,
  statusWord,
  switchedKeys,
  worst,
} from "../../core/health.ts";
import { BREAKER_STATES, columnIndex, type Kind } from "../../protocol/kinds.ts";
import type { LiveResource } from "../../protocol/live.ts";

const NOW = 1_000_000;

interface Given {
  readonly kind: Kind;
  readonly name?: string;
  readonly settings?: LiveResource["settings"];
  readonly retired?: boolean;
  readonly values: Readonly<Record<string, number>>;
}

function instanceOf(given: readonly Given[], more: Partial<InstanceState> = {}): InstanceState {
  const resources = placeResources(
    given.map(({ kind, name, settings, retired }, id) => ({
      id,
      kind,
      name: name ?? kind,
      ...(settings ? { settings } : {}),
      ...(retired === undefined ? {} : { retired }),
    })),
  );
  const row = new Float64Array(200);
  given.forEach(({ kind, values }, i) => {
    for (const [column, value] of Object.entries(values)) row[(resources[i]?.offset ?? 0) + columnIndex(kind, column)] = value + 1;
  });
  return {
    key: "a/a-1",
    service: "a",
    instance: "a-1",
    boot: "b",
    labels: {},
    connectedAt: NOW - 60_000,
    lastFrameAt: NOW - 500,
    disconnectedAt: null,
    left: false,
    clockSkewMs: 0,
    policyRevision: 1,
    resources,
    switches: [],
    row,
    changes: 0,
    ...more,
  };
}

const statusOf = (given: Given) => {
  const instance = instanceOf([given]);
  return resourceStatus(instance, instance.resources[0]!);
};
const state = (name: (typeof BREAKER_STATES)[number]): number => BREAKER_STATES.indexOf(name);

describe("the status of a breaker", () => {
  it("is its own state while it is open, half-open or held by hand", () => {
    expect(statusOf({ kind: "breaker", values: { state: state("open"), failurePermille: 0 } })).toBe("open");
    expect(statusOf({ kind: "breaker", values: { state: state("half_open") } })).toBe("half_open");
    for (const held of ["forced_open", "forced_closed", "disabled"] as const)
      expect(statusOf({ kind: "breaker", values: { state: state(held) } })).toBe("forced");
  });

  it("warns from four fifths of its own threshold, and of half when it names none", () => {
    const at = (failurePermille: number, threshold?: number) =>
      statusOf({ kind: "breaker", ...(threshold === undefined ? {} : { settings: { threshold } }), values: { state: 0, failurePermille } });
    expect(at(399)).toBe("closed");
    expect(at(400)).toBe("warning");
    expect(at(159, 20)).toBe("closed");
    expect(at(160, 20)).toBe("warning");
  });

  it("is unseen before its first value, never healthy by default", () => {
    const instance = instanceOf([{ kind: "breaker", values: {} }]);
    expect(breakerStatus(instance, instance.resources[0]!)).toBe("unseen");
  });
});

describe("the status of a pool", () => {
  it("warns from 80 percent, and knows no load without a limit", () => {
    const pool = (inUse: number, max: number) => instanceOf([{ kind: "pool", values: { inUse, max, waiting: 0 } }]);
    const load = (instance: InstanceState) => [poolStatus(instance, instance.resources[0]!), poolLoad(instance, instance.resources[0]!)];
    expect(load(pool(39, 50))).toEqual(["closed", 0.78]);
    expect(load(pool(40, 50))).toEqual(["warning", 0.8]);
    expect(load(pool(7, 0))).toEqual(["closed", null]);
  });
});

describe("the status of a queue", () => {
  it("warns from 80 percent of its capacity, and never without one", () => {
    expect(statusOf({ kind: "queue", values: { depth: 79, capacity: 100 } })).toBe("closed");
    expect(statusOf({ kind: "queue", values: { depth: 80, capacity: 100 } })).toBe("warning");
    expect(statusOf({ kind: "queue", values: { depth: 5000, capacity: 0 } })).toBe("closed");
  });
});

describe("a retired resource", () => {
  it("says nothing any more, whatever its last values were", () => {
    expect(statusOf({ kind: "breaker", retired: true, values: { state: state("open") } })).toBe("closed");
  });
});

describe("the status of an instance", () => {
  const open: Given = { kind: "breaker", values: { state: state("open") } };

  it("is its worst resource while it is live", () => {
    expect(instanceStatus(instanceOf([{ kind: "pool", values: { inUse: 9, max: 10 } }, open]), NOW)).toBe("open");
    expect(instanceStatus(instanceOf([{ kind: "pool", values: { inUse: 1, max: 10 } }]), NOW)).toBe("closed");
  });

  it("is stale or offline first, because old values prove nothing", () => {
    expect(instanceStatus(instanceOf([open], { lastFrameAt: NOW - 5001 }), NOW)).toBe("stale");
    expect(instanceStatus(instanceOf([open], { connectedAt: null, disconnectedAt: NOW - 26_000 }), NOW)).toBe("offline");
    expect(instanceStatus(instanceOf([open], { connectedAt: null, lastFrameAt: null }), NOW)).toBe("unseen");
  });

  it("is not made unknown by one resource without values", () => {
    expect(instanceStatus(instanceOf([{ kind: "breaker", values: {} }]), NOW)).toBe("closed");
  });

  it("is switched when a switch is out of its normal position, unless something worse holds", () => {
    const switches: InstanceState["switches"] = [
      { key: "x", title: "X", whatUsersLose: "x", positions: ["on", "off"], safeDefault: "on", position: "off" },
    ];
    expect(switchedKeys({ switches })).toEqual(["x"]);
    expect(instanceStatus(instanceOf([], { switches }), NOW)).toBe("switched");
    expect(instanceStatus(instanceOf([open], { switches }), NOW)).toBe("open");
  });
});

describe("the worst of several", () => {
  it("is one of them, and no other is worse", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STATUSES), { minLength: 1 }), (statuses) => {
        const found = worst(["closed", ...statuses]);
        expect(["closed", ...statuses]).toContain(found);
        for (const status of statuses) expect(severity(found)).toBeGreaterThanOrEqual(severity(status));
      }),
    );
  });

  it("is healthy for nothing at all", () => {
    expect(worst([])).toBe("closed");
  });
});

it("has a word of its own for every status", () => {
  expect(new Set(STATUSES.map(statusWord)).size).toBe(STATUSES.length);
});
