/** Troubles for the tests of incidents: events, rules, edges. Times are seconds from NOON. */
import type { Edge } from "../../../protocol/incident-api.ts";
import type { IncidentRule } from "../../../protocol/incident-rule-api.ts";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { ConditionLog } from "../../../core/incidents/conditions.ts";
import { groupRuns, type Group } from "../../../core/incidents/grouping.ts";
import { Paths } from "../../../core/incidents/paths.ts";
import { BUILT_IN_RULES } from "../../../core/incidents/rules.ts";
import { runsOf } from "../../../core/incidents/runs.ts";

export const NOON = Date.UTC(2026, 0, 5, 12);
export const sec = (seconds: number): number => NOON + seconds * 1_000;

/** Storefront calls orders and search; orders calls payments; payments has a database. */
export const EDGES: readonly Edge[] = [
  { from: "storefront", to: "orders", through: "breaker orders" },
  { from: "storefront", to: "search", through: "breaker search" },
  { from: "orders", to: "payments", through: "breaker payments" },
  { from: "payments", to: "payments-db", through: "pool payments-db" },
];

let nextId = 1;

export function event(type: string, seconds: number, about: Partial<LoggedEvent> = {}): LoggedEvent {
  return {
    id: nextId++,
    at: sec(seconds),
    receivedAt: sec(seconds),
    type,
    service: "orders",
    instance: "orders-1",
    resource: null,
    actor: "agent",
    data: {},
    ...about,
  };
}

/** Opens and closes of a breaker on one instance, in turn. */
export function breaker(service: string, name: string, times: readonly number[], instance = `${service}-1`): LoggedEvent[] {
  return times.map((at, index) =>
    event(index % 2 === 0 ? "breaker.opened" : "breaker.closed", at, { service, instance, resource: { kind: "breaker", name } }),
  );
}

export function pool(service: string, name: string, times: readonly number[], instance = `${service}-1`): LoggedEvent[] {
  return times.map((at, index) =>
    event(index % 2 === 0 ? "pool.saturated" : "pool.recovered", at, { service, instance, resource: { kind: "pool", name } }),
  );
}

export function rule(id: string, changes: Partial<IncidentRule> = {}): IncidentRule {
  const found = BUILT_IN_RULES.find((candidate) => candidate.id === id);
  if (!found) throw new Error(id);
  return { ...found, ...changes };
}

export function conditionsOf(events: Iterable<LoggedEvent>): ConditionLog {
  const log = new ConditionLog();
  for (const one of events) log.add(one);
  return log;
}

export const runsAt = (events: Iterable<LoggedEvent>, seconds: number, rules: readonly IncidentRule[] = BUILT_IN_RULES) =>
  runsOf(rules, { conditions: conditionsOf(events).all(), readings: [] }, sec(seconds));

export const groupsAt = (events: Iterable<LoggedEvent>, seconds: number, rules?: readonly IncidentRule[]): Group[] =>
  groupRuns(runsAt(events, seconds, rules), new Paths(EDGES));

/** Who is in each group: `service resource`. */
export const namesOf = (groups: readonly Group[]): string[][] =>
  groups.map((group) => group.map(({ subject }) => `${subject.service} ${subject.resource?.name ?? subject.on}`));
