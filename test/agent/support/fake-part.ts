/** A policy that writes down what it is told. */
import type { Part, RemoteValues, Steering } from "../../../agent/src/resilience/part.ts";
import { defaultsOf, fieldsOf, type FaultValues, type OverrideState, type PolicyName, type Values } from "../../../protocol/settings.ts";

export interface FakePart extends Part {
  readonly steering: Steering;
  told: { settings: readonly RemoteValues[]; override: OverrideState | null; fault: Partial<FaultValues> | null };
  /** How often it was told anything. */
  calls: number;
  /** What is in force: the code's values under all settings told. */
  readonly values: Values;
}

export function fakePart(name: string, policy: PolicyName, more: Partial<Steering> = {}): FakePart {
  const part: FakePart = {
    name,
    kind: policy === "breaker" ? "breaker" : policy === "bulkhead" ? "bulkhead" : "gauge",
    read: () => (policy === "breaker" ? { state: 0, calls: 7 } : {}),
    tell: null,
    told: { settings: [], override: null, fault: null },
    calls: 0,
    get values() {
      return part.told.settings.reduce<Values>((merged, item) => ({ ...merged, ...item.values }), part.steering.code);
    },
    steering: {
      policy,
      code: defaultsOf(fieldsOf(policy)),
      bounds: {},
      fixed: [],
      faults: false,
      settings: (settings) => tell({ settings }),
      override: (override) => tell({ override }),
      fault: (fault) => tell({ fault }),
      ...more,
    },
  };
  const tell = (what: Partial<FakePart["told"]>): void => {
    part.calls++;
    part.told = { ...part.told, ...what };
  };
  return part;
}
