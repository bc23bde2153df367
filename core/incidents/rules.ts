/** Rules that come with the console. */
import type { IncidentRule } from "../../protocol/incident-rule-api.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const patience = {
  enabled: true,
  service: null,
  resource: null,
  resolveDelayMs: MINUTE,
  reopenWindowMs: 15 * MINUTE,
  groupWindowMs: 5 * MINUTE,
  inactivityMs: 24 * HOUR,
} as const;

export const BUILT_IN_RULES: readonly IncidentRule[] = [
  { ...patience, id: "breaker-open", title: "A breaker is open", severity: 3, trigger: { on: "breaker_open" }, openDelayMs: 10 * SECOND },
  { ...patience, id: "pool-saturated", title: "A pool is full", severity: 3, trigger: { on: "pool_saturated" }, openDelayMs: 30 * SECOND },
  { ...patience, id: "shed", title: "A service sheds load", severity: 3, trigger: { on: "shed", perSecond: 1 }, openDelayMs: 20 * SECOND },
  {
    ...patience,
    id: "agents-lost",
    title: "Instances are lost",
    severity: 3,
    trigger: { on: "agents_lost", atLeast: 1 },
    openDelayMs: 30 * SECOND,
  },
  {
    ...patience,
    id: "error-budget",
    title: "A service burns its error budget",
    severity: 2,
    // 14.4: a month's budget of 99.9 % would last two days (Google SRE workbook, alerting on SLOs).
    trigger: { on: "error_budget", objectivePermille: 999, windowMs: 5 * MINUTE, burn: 14.4 },
    openDelayMs: 30 * SECOND,
  },
];

/** Built-in rules with the stored ones in their places, and the others behind them. */
export function rulesInForce(stored: readonly IncidentRule[]): readonly IncidentRule[] {
  const own = new Map(stored.map((rule) => [rule.id, rule]));
  const builtIn = BUILT_IN_RULES.map((rule) => own.get(rule.id) ?? rule);
  const others = stored.filter((rule) => !BUILT_IN_RULES.some(({ id }) => id === rule.id));
  return [...builtIn, ...others.sort((a, b) => (a.id < b.id ? -1 : 1))];
}
