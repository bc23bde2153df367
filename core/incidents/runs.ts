/** From bad moments to runs: what a rule takes for one trouble, however often it flaps. */
import type { Span } from "../../protocol/incident-api.ts";
import type { IncidentRule } from "../../protocol/incident-rule-api.ts";
import { together, type Bad } from "./bads.ts";
import { subjectKey, type Condition, type Subject } from "./conditions.ts";
import { badReadings, type Reading } from "./readings.ts";

export interface Run {
  readonly rule: IncidentRule;
  readonly subject: Subject;
  /** Of the subject. */
  readonly key: string;
  readonly instances: readonly string[];
  readonly span: Span;
}

/** Not over, or not for long enough. */
export function isActive({ span, rule }: Run, now: number): boolean {
  return span.openedAt !== null && (span.to === null || now - span.to < rule.resolveDelayMs);
}

/** Everything that is known, of one environment. */
export interface Known {
  readonly conditions: Iterable<Condition>;
  readonly readings: Iterable<readonly [service: string, readings: readonly Reading[]]>;
}

/** Runs of all rules, those that were never bad for long enough included (`openedAt` null). */
export function runsOf(rules: readonly IncidentRule[], known: Known, now: number): Run[] {
  const active = rules.filter((rule) => rule.enabled);
  const runs: Run[] = [];
  for (const { subject, instances } of known.conditions)
    for (const rule of active) {
      if (rule.trigger.on !== subject.on || !covers(rule, subject)) continue;
      const bads = together(instances.values(), rule.trigger.on === "agents_lost" ? rule.trigger.atLeast : 1);
      for (const run of split(rule, subject, bads, now)) runs.push({ ...run, instances: during(instances, run.span) });
    }
  for (const [service, readings] of known.readings)
    for (const rule of active) {
      const { trigger } = rule;
      if (trigger.on !== "shed" && trigger.on !== "error_budget") continue;
      const subject: Subject = { on: trigger.on, service, resource: null };
      if (covers(rule, subject)) runs.push(...split(rule, subject, badReadings(trigger, readings, now), now));
    }
  return runs;
}

function covers(rule: IncidentRule, subject: Subject): boolean {
  return (
    (rule.service === null || rule.service === subject.service) && (rule.resource === null || rule.resource === subject.resource?.name)
  );
}

/** Bad moments with no more than the resolve delay between them are one run. */
function split(rule: IncidentRule, subject: Subject, bads: readonly Bad[], now: number): Run[] {
  const runs: Run[] = [];
  let current: Bad[] = [];
  const close = (): void => {
    const first = current[0];
    if (first) runs.push(runOf(rule, subject, [first, ...current.slice(1)], now));
    current = [];
  };
  for (const bad of bads) {
    const last = current.at(-1);
    if (last && last.to !== null && bad.from - last.to > rule.resolveDelayMs) close();
    current.push(bad);
  }
  close();
  return runs;
}

function runOf(rule: IncidentRule, subject: Subject, bads: readonly [Bad, ...Bad[]], now: number): Run {
  let badMs = 0;
  let openedAt: number | null = null;
  let last: Bad = bads[0];
  for (const bad of bads) {
    last = bad;
    const end = endOf(rule, bad, now);
    const ms = Math.max(0, (end ?? now) - bad.from);
    if (openedAt === null && badMs + ms >= rule.openDelayMs) openedAt = bad.from + rule.openDelayMs - badMs;
    if (end !== null) badMs += ms;
  }
  const span: Span = { from: bads[0].from, to: endOf(rule, last, now), openedAt, badMs, lastFrom: last.from, times: bads.length };
  return { rule, subject, key: subjectKey(subject), instances: [], span };
}

/** What was bad for so long without anything new counts as over. */
function endOf(rule: IncidentRule, { from, to }: Bad, now: number): number | null {
  const lapsed = from + rule.inactivityMs;
  return to === null && now > lapsed ? lapsed : to;
}

function during(instances: ReadonlyMap<string, readonly Bad[]>, { from, to }: Span): string[] {
  const had = [...instances].filter(([, bads]) =>
    bads.some((bad) => (to === null || bad.from <= to) && (bad.to === null || bad.to >= from)),
  );
  return had.map(([instance]) => instance).sort();
}
