/** What troubles cost and what protection kept away, in numbers. */
import type { SeriesAnswer } from "../../protocol/api.ts";
import type { BreakerAccount, Impact } from "../../protocol/incident-api.ts";
import type { Bad } from "./bads.ts";
import { badMsWithin, together } from "./bads.ts";
import type { Condition } from "./conditions.ts";
import type { Paths } from "./paths.ts";
import { counted } from "./words.ts";

export interface Window {
  readonly from: number;
  readonly to: number;
}

const HOUR_MS = 3_600_000;
/** Openings of one instance within an hour. */
const RESTLESS = 3;
const FLAPPING = 6;

/** Breakers that were open within the window, longest open first. Counters are filled in by whoever has read the series. */
export function breakerAccounts(conditions: Iterable<Condition>, window: Window, paths: Paths): BreakerAccount[] {
  const accounts: BreakerAccount[] = [];
  for (const { subject, instances } of conditions) {
    if (subject.on !== "breaker_open" || subject.resource === null) continue;
    const lists = [...instances.values()].map((bads) => clip(bads, window)).filter((bads) => bads.length > 0);
    if (lists.length === 0) continue;
    const flapsPerHour = Math.max(...lists.map(mostInAnHour));
    const length = ({ from, to }: Bad): number => (to ?? window.to) - from;
    accounts.push({
      service: subject.service,
      name: subject.resource.name,
      target: paths.targetOf(subject.service, subject.resource),
      openMinutes: badMsWithin(together(lists, 1), window) / 60_000,
      instanceMinutes: lists.reduce((sum, bads) => sum + badMsWithin(bads, window), 0) / 60_000,
      longestOpenMs: Math.max(...lists.flat().map(length)),
      openings: lists.flat().length,
      flapsPerHour,
      flap: flapsPerHour >= FLAPPING ? "flapping" : flapsPerHour >= RESTLESS ? "restless" : "steady",
      shortCircuited: 0,
      fallbacks: 0,
    });
  }
  return accounts.sort((a, b) => b.openMinutes - a.openMinutes || (`${a.service}/${a.name}` < `${b.service}/${b.name}` ? -1 : 1));
}

/** The part of each that lies in the window. */
function clip(bads: readonly Bad[], { from, to }: Window): Bad[] {
  return bads
    .filter((bad) => bad.from < to && (bad.to ?? to) > from)
    .map((bad) => ({ from: Math.max(bad.from, from), to: Math.min(bad.to ?? to, to) }));
}

function mostInAnHour(bads: readonly Bad[]): number {
  let most = 0;
  let first = 0;
  bads.forEach(({ from }, index) => {
    while (from - (bads[first]?.from ?? from) >= HOUR_MS) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

type Series = SeriesAnswer["series"][number];

/** How many a counter counted: each step's rate over the step. */
export function totalOf({ points }: Pick<Series, "points">, stepMs: number): number {
  let total = 0;
  for (const [, rate] of points) total += rate ?? 0;
  return (total * stepMs) / 1_000;
}

const CLASS_OF: Readonly<Record<string, keyof Impact["shed"]>> = {
  shedLow: "low",
  shedMedium: "medium",
  shedHigh: "high",
  shedCritical: "critical",
};

/** Columns that the impact is counted from. */
export const IMPACT_COLUMNS = ["requests", "errors", "failures", "timeouts", "rejected", "fallbacks", ...Object.keys(CLASS_OF)] as const;

export const noShed = (): Impact["shed"] => ({ low: 0, medium: 0, high: 0, critical: 0 });

/** From the series of the services of an incident, all of one step. */
export function impactOf(answers: readonly SeriesAnswer[]): Impact {
  const shed = noShed();
  const totals = new Map<string, number>();
  const requests = new Map<number, number>();
  const errors = new Map<number, number>();
  for (const { series, stepMs } of answers)
    for (const one of series) {
      const total = totalOf(one, stepMs);
      const shedClass = one.kind === "shedder" ? CLASS_OF[one.column] : undefined;
      if (shedClass !== undefined) shed[shedClass] += total;
      else totals.set(`${one.kind} ${one.column}`, (totals.get(`${one.kind} ${one.column}`) ?? 0) + total);
      const into = one.kind !== "server" ? null : one.column === "requests" ? requests : one.column === "errors" ? errors : null;
      if (into) for (const [at, rate] of one.points) into.set(at, (into.get(at) ?? 0) + (rate ?? 0));
    }
  const whole = (key: string): number => Math.round(totals.get(key) ?? 0);
  let peak: number | null = null;
  for (const [at, rate] of requests) if (rate > 0) peak = Math.max(peak ?? 0, Math.min(1_000, ((errors.get(at) ?? 0) * 1_000) / rate));
  return {
    shed: { low: Math.round(shed.low), medium: Math.round(shed.medium), high: Math.round(shed.high), critical: Math.round(shed.critical) },
    shortCircuited: whole("breaker rejected"),
    fallbacks: whole("breaker fallbacks"),
    failures: whole("breaker failures") + whole("breaker timeouts"),
    requests: whole("server requests"),
    errors: whole("server errors"),
    peakErrorPermille: peak === null ? null : Math.round(peak),
    truncated: answers.some(({ truncated }) => truncated),
  };
}

export const shedTotal = ({ low, medium, high, critical }: Impact["shed"]): number => low + medium + high + critical;

/** What protection saved, in words. */
export function savedWords({ shortCircuited, fallbacks, shed }: Pick<Impact, "shortCircuited" | "fallbacks" | "shed">): string {
  const words: string[] = [];
  if (shortCircuited > 0)
    words.push(`Open breakers answered ${counted(shortCircuited, "call")} at once instead of letting them wait for a failure.`);
  if (fallbacks > 0) words.push(`${counted(fallbacks, "call")} got a fallback instead of an error.`);
  const turnedAway = shedTotal(shed);
  if (turnedAway > 0)
    words.push(
      `Shedders turned away ${counted(turnedAway, "call")}${shed.critical === 0 ? ", none of them critical," : ""} so that the others were served.`,
    );
  return words.length === 0 ? "Protection had nothing to do." : words.join(" ");
}
