/** Which measurements suggest which setting. The arithmetic is core's. */
import {
  suggestFromUse,
  suggestSlots,
  suggestTimeout,
  type Load,
  type Range,
  type Suggestion,
  type Use,
} from "../../../core/suggestions.ts";
import type { SeriesAnswer } from "../../../protocol/api.ts";
import type { LatencyAnswer } from "../../../protocol/history-api.ts";
import type { Kind } from "../../../protocol/kinds.ts";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import { fieldsFor } from "./policy-form.ts";

/** A value, or why there is none. */
export type SettingSuggestion = Suggestion | { readonly none: string };
/** By setting. */
export type Suggestions = Readonly<Partial<Record<string, SettingSuggestion>>>;

/** Of one service over the same time. */
export interface Measures {
  readonly each: readonly Latency[];
  readonly together: readonly Latency[];
  /** Of the resource that is called as the policy, by minutes. */
  readonly series: SeriesAnswer["series"];
}

type Latency = LatencyAnswer["latencies"][number];

/** The setting that is suggested, by policy. */
const SUGGESTED: Readonly<Partial<Record<PolicyAnswer["policy"], string>>> = {
  timeout: "attemptMs",
  bulkhead: "maxConcurrent",
  pool: "max",
};

export const isSuggested = (policy: PolicyAnswer["policy"]): boolean => SUGGESTED[policy] !== undefined;

const WHEN = "last hour";
/** Columns of the series that are read. */
export const MEASURED = ["calls", "acquired", "inUse", "waiting"] as const;
/** What times the calls that a policy guards, best first; each under the policy's own name. */
const TIMED: readonly Kind[] = ["breaker", "cache", "consumer", "server"];

/** `measures` null: not read yet, or not readable, as `instead` says. */
export function suggestionsFor(policy: PolicyAnswer, measures: Measures | null, instead: string): Suggestions {
  const key = SUGGESTED[policy.policy];
  if (key === undefined) return {};
  if (measures === null) return { [key]: { none: instead } };
  const fields = fieldsFor("settings", policy);
  const field = fields.find((candidate) => candidate.key === key);
  if (field === undefined) return {};
  // A call's time is the most that one of its attempts may take.
  const total = fields.find((candidate) => candidate.key === "totalMs")?.now;
  const range: Range = [field.low, typeof total === "number" ? Math.max(field.low, Math.min(field.high, total)) : field.high];
  const found = policy.policy === "timeout" ? timeout(policy.name, measures, range) : slots(policy, measures, range);
  return { [key]: found ?? { none: `Nothing was measured of ${policy.name} in the last hour, so nothing is suggested.` } };
}

function timeout(name: string, { each, together }: Measures, range: Range): Suggestion | null {
  const timed = timing(name, each);
  // What the service answers takes at least as long as what it calls meanwhile.
  const own = timed.length > 0 ? timed : each.filter(({ kind, p99 }) => kind === "server" && p99 !== null);
  const [first] = own;
  if (first === undefined) return null;
  const same = together.find(({ kind, resource }) => kind === first.kind && resource === first.resource);
  const of = timed.length > 0 ? `the ${first.kind} ${first.resource}` : `the service itself (nothing times ${name} alone)`;
  const measured = { of, when: WHEN, instances: own.map(latencyOf), togetherUs: same?.p99 ?? null };
  return suggestTimeout(measured, range);
}

/** One entry an instance, of the first kind that has any. */
function timing(name: string, each: readonly Latency[]): readonly Latency[] {
  for (const kind of TIMED) {
    const found = each.filter((entry) => entry.kind === kind && entry.resource === name && entry.p99 !== null);
    if (found.length > 0) return found;
  }
  return [];
}

const latencyOf = ({ instance, service, p50, p99 }: Latency) => ({
  instance: nameOf(instance ?? service),
  p99Us: p99 ?? 0,
  // The median of the seconds' p99.
  usualUs: p50,
});

function slots({ name, policy }: PolicyAnswer, { each, series }: Measures, range: Range): Suggestion | null {
  const held = timing(name, each).map(latencyOf);
  const rate = policy === "pool" ? peaks(series, "pool", "acquired") : peaks(series, "breaker", "calls");
  const loads = held.flatMap(({ instance, p99Us }): Load[] => {
    const perSecond = rate.get(instance);
    return perSecond === undefined ? [] : [{ instance, perSecond, heldMs: p99Us / 1000 }];
  });
  const kind = policy === "pool" ? "pool" : "bulkhead";
  const waiting = peaks(series, kind, "waiting");
  const uses = [...peaks(series, kind, "inUse")].map(([instance, inUse]): Use => ({
    instance,
    inUse,
    waiting: waiting.get(instance) ?? 0,
  }));
  return suggestSlots(loads, WHEN, range) ?? suggestFromUse(uses, WHEN, range);
}

/** The highest value of a column, by instance. */
function peaks(series: SeriesAnswer["series"], kind: Kind, column: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const entry of series) {
    if (entry.kind !== kind || entry.column !== column) continue;
    const values = entry.points.flatMap(([, low, high]) => high ?? low ?? []);
    if (values.length > 0) found.set(nameOf(entry.instance), Math.max(...values));
  }
  return found;
}

const nameOf = (instance: string): string => instance.slice(instance.indexOf("/") + 1);
