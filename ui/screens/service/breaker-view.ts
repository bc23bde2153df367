/** What a breaker card says. */
import { BREAKER_STATES, type BreakerState } from "../../../protocol/kinds.ts";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import type { CallRates } from "../../charts/bars.ts";
import { formatPermille } from "../../charts/format.ts";
import { valueNow, worstMember, type Member, type Rates, type ResourceGroup } from "./members.ts";

export interface BreakerMember {
  readonly name: string;
  readonly key: string;
  /** Null while the instance is not heard. */
  readonly state: BreakerState | null;
  readonly failurePermille: number | null;
}

export interface BreakerView {
  readonly name: string;
  readonly target: string | null;
  readonly members: readonly BreakerMember[];
  /** Worst state of those heard; null when nobody is. */
  readonly state: BreakerState | null;
  readonly inState: number;
  /** Of the worst instance. */
  readonly failurePermille: number | null;
  readonly worstInstance: string | null;
  /** Share of failures that opens it, per mille; null when the settings do not say. */
  readonly threshold: number | null;
  readonly rates: CallRates;
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  /** Soonest next probe among the open ones. */
  readonly nextProbeMs: number | null;
  /** The whole wait, for the ring. */
  readonly resetMs: number | null;
}

const ORDER: readonly BreakerState[] = ["disabled", "closed", "half_open", "forced_closed", "forced_open", "open"];

export function breakerState(member: Member): BreakerState | null {
  const value = valueNow(member, "state");
  return value === null ? null : (BREAKER_STATES[value] ?? null);
}

export function breakerView(group: ResourceGroup, rates: Rates): BreakerView {
  const members = group.members.map((member) => ({
    name: member.instance.instance,
    key: member.instance.key,
    state: breakerState(member),
    failurePermille: valueNow(member, "failurePermille"),
  }));
  const state = members.reduce<BreakerState | null>(
    (worst, { state: one }) => (one !== null && (worst === null || ORDER.indexOf(one) > ORDER.indexOf(worst)) ? one : worst),
    null,
  );
  const failing = worstMember(group.members, "failurePermille");
  const probes = group.members.flatMap((member) => {
    const left = breakerState(member) === "open" ? valueNow(member, "nextProbeMs") : null;
    return left === null ? [] : [left];
  });
  return {
    name: group.name,
    target: group.target,
    members,
    state,
    inState: members.filter((member) => member.state === state).length,
    failurePermille: failing?.value ?? null,
    worstInstance: failing?.member.instance.instance ?? null,
    threshold: thresholdOf(group.members),
    rates: {
      calls: rates.sum(group.members, "calls"),
      failures: rates.sum(group.members, "failures"),
      timeouts: rates.sum(group.members, "timeouts"),
      rejected: rates.sum(group.members, "rejected"),
      fallbacks: rates.sum(group.members, "fallbacks"),
    },
    p50Us: worstMember(group.members, "p50Us")?.value ?? null,
    p99Us: worstMember(group.members, "p99Us")?.value ?? null,
    nextProbeMs: probes.length === 0 ? null : Math.min(...probes),
    resetMs: setting(group.members, ["resetTimeout", "resetMs", "openMs"]),
  };
}

/** What the instances did not tell of its settings, from its policy: what most of them have in force. */
export function withPolicy(view: BreakerView, policy: Pick<PolicyAnswer, "settings"> | null): BreakerView {
  const inForce = (key: string): number | null => {
    const value = policy?.settings.find((setting) => setting.key === key)?.effective[0]?.value;
    return typeof value === "number" ? value : null;
  };
  return { ...view, threshold: view.threshold ?? inForce("failurePermille"), resetMs: view.resetMs ?? inForce("openMs") };
}

/** One sentence with the number, the limit and what comes next. */
export function breakerSentence(view: BreakerView): string {
  const limit = view.threshold === null ? null : `limit ${formatPermille(view.threshold)} %`;
  const share = view.failurePermille === null ? "failures unknown" : `${formatPermille(view.failurePermille)} %`;
  const next = view.nextProbeMs === null ? null : `probe in ${String(Math.ceil(view.nextProbeMs / 1000))} s`;
  return [share, limit, next].filter((part) => part !== null).join(", ");
}

/** "open on 3 of 4"; just the word when all agree. */
export function stateWords(view: BreakerView, word: string): string {
  const heard = view.members.length;
  return view.state === null || view.inState === heard || view.state === "closed"
    ? word
    : `${word} on ${String(view.inState)} of ${String(heard)}`;
}

/** Failures are near the limit: four fifths of it, on the worst instance. */
export function isNearLimit(view: BreakerView): boolean {
  return (
    view.state === "closed" &&
    view.threshold !== null &&
    view.threshold > 0 &&
    view.failurePermille !== null &&
    view.failurePermille >= view.threshold * 0.8
  );
}

/** A share below 1 is a ratio, anything else a percentage. */
function thresholdOf(members: readonly Member[]): number | null {
  const value = setting(members, ["threshold", "errorThresholdPercentage"]);
  if (value === null || value <= 0 || value > 100) return null;
  return value < 1 ? value * 1000 : value * 10;
}

function setting(members: readonly Member[], names: readonly string[]): number | null {
  for (const { resource } of members) {
    for (const name of names) {
      const value = resource.settings?.[name];
      if (typeof value === "number") return value;
    }
  }
  return null;
}
