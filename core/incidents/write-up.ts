/** The story of an incident for afterwards, in the order of post-mortems (Google SRE, PagerDuty). Pure: facts in, story out. */
import type { SeriesAnswer } from "../../protocol/api.ts";
import type { Entry, Impact, Suspect, WriteUp } from "../../protocol/incident-api.ts";
import type { Severity } from "../../protocol/incident-rule-api.ts";
import { savedWords, shedTotal } from "./accounting.ts";
import { cascadeSvg, linesSvg, type ChartLine } from "./charts.ts";
import type { Incident } from "./incident.ts";
import { windowOf } from "./timeline.ts";
import { actorName, counted, lasting, listed, utc } from "./words.ts";

export interface WriteUpFacts {
  readonly incident: Incident;
  readonly cascade: readonly Suspect[];
  /** In order, without noise unless pinned. */
  readonly entries: readonly Entry[];
  readonly entriesTruncated: boolean;
  readonly impact: Impact;
  /** What the impact was counted from. */
  readonly series: readonly SeriesAnswer[];
  readonly now: number;
}

export function writeUpOf(facts: WriteUpFacts): WriteUp {
  const { incident, cascade, entries, impact, now } = facts;
  const { review, startedAt, resolvedAt } = incident;
  const durationMs = Math.max(0, (resolvedAt ?? now) - startedAt);
  const changes = changesOf(entries);
  return {
    id: incident.id,
    number: incident.number,
    title: incident.title,
    environment: incident.environment,
    status: incident.status,
    summary: review.summary === "" ? summaryOf(facts, durationMs) : review.summary,
    startedAt,
    detectedAt: incident.detectedAt,
    resolvedAt,
    durationMs,
    severityMinutes: severityMinutes(incident, now),
    impact,
    detection: detectionOf(incident),
    trigger: review.trigger === "" ? triggerOf(cascade) : review.trigger,
    cascade: [...cascade],
    contributing: review.contributing.length > 0 ? review.contributing : contributingOf(cascade),
    timeline: entries.map(({ key, at, title, text, actor, pinned }) => ({
      key,
      at,
      utc: utc(at),
      title,
      text,
      actor: actorName(actor),
      pinned,
    })),
    timelineTruncated: facts.entriesTruncated,
    changes,
    wentWell: [...review.wentWell, ...wellOf(impact)],
    wentBadly: [...review.wentBadly],
    lucky: [...review.lucky],
    actions: [...review.actions],
    charts: chartsOf(facts, changes),
  };
}

/** How long it was open in each severity, worst first. */
export function severityMinutes({ phases, severities }: Pick<Incident, "phases" | "severities">, now: number): WriteUp["severityMinutes"] {
  const minutes = new Map<Severity, number>();
  severities.forEach(({ at, severity }, index) => {
    // Before the first word about it, it was what that word says.
    const from = index === 0 ? -Infinity : at;
    const to = severities[index + 1]?.at ?? Infinity;
    for (const phase of phases) {
      const ms = Math.min(phase.to ?? now, to) - Math.max(phase.from, from);
      if (ms > 0) minutes.set(severity, (minutes.get(severity) ?? 0) + ms / 60_000);
    }
  });
  return [...minutes]
    .map(([severity, value]) => ({ severity, minutes: Math.round(value * 100) / 100 }))
    .sort((a, b) => a.severity - b.severity);
}

function summaryOf({ incident, cascade, impact }: WriteUpFacts, durationMs: number): string {
  const { title, services, resolvedAt, phases } = incident;
  const [first] = cascade;
  const words = [`${title}.`];
  words.push(
    `${resolvedAt === null ? "It has lasted" : "It lasted"} ${lasting(durationMs)}${phases.length > 1 ? `, and was opened ${counted(phases.length, "time")}` : ""}.`,
  );
  if (services.length > 0) words.push(`Services with trouble: ${listed(services, 6)}.`);
  if (first) words.push(`${CONFIDENCE[first.confidence]}: ${first.title}.`);
  if (impact.errors > 0)
    words.push(`${counted(impact.errors, "request")} of ${Math.round(impact.requests).toLocaleString("en-US")} failed.`);
  return words.join(" ");
}

export const CONFIDENCE: Readonly<Record<Suspect["confidence"], string>> = {
  stated: "The cause, as stated",
  likely: "The likely cause",
  possible: "A possible cause",
  unlikely: "Hardly the cause",
  ruled_out: "Ruled out",
};

function detectionOf({ detectedAt, detectedBy, startedAt, manual }: Incident): string {
  const who = manual ? `Opened by hand by ${actorName(detectedBy)}` : "Noticed by a rule";
  const gap = detectedAt - startedAt;
  return `${who} at ${utc(detectedAt)} UTC, ${gap > 0 ? `${lasting(gap)} after` : "together with"} the first departure from normal.`;
}

function triggerOf([first]: readonly Suspect[]): string {
  if (!first) return "Not known.";
  return `${first.title}, at ${utc(first.at)} UTC. ${first.reasons.join(". ")}.`;
}

function contributingOf([, ...others]: readonly Suspect[]): string[] {
  return others
    .filter(({ confidence }) => confidence === "possible" || confidence === "stated")
    .map(({ title, reasons }) => `${title}: ${reasons[0] ?? ""}`);
}

function wellOf(impact: Impact): string[] {
  return impact.shortCircuited + impact.fallbacks + shedTotal(impact.shed) > 0 ? [savedWords(impact)] : [];
}

/** Changes people or leases made, each with when it was taken back. */
function changesOf(entries: readonly Entry[]): WriteUp["changes"] {
  const made: { id: unknown; change: WriteUp["changes"][number] }[] = [];
  for (const { kind, event, at, title, actor } of entries) {
    if (event === null || (kind !== "change" && kind !== "deploy")) continue;
    const id = event.data["flipId"];
    const before = /\.(reverted|expired)$/.test(event.type) ? made.find((one) => id !== undefined && one.id === id) : undefined;
    if (before) before.change = { ...before.change, revertedAt: at };
    else made.push({ id, change: { at, utc: utc(at), title, actor: actorName(actor), revertedAt: null } });
  }
  return made.map(({ change }) => change);
}

function chartsOf({ incident, cascade, series, now }: WriteUpFacts, changes: WriteUp["changes"]): WriteUp["charts"] {
  const window = windowOf(incident, now);
  const symptoms = cascade.flatMap(({ key }) => incident.symptoms.filter((symptom) => symptom.key === key));
  const charts = symptoms.length === 0 ? [] : [{ title: "Cascade", svg: cascadeSvg(symptoms, changes, window) }];
  const lines = (title: string, wanted: readonly (readonly [name: string, kind: string, columns: readonly string[]])[]): void => {
    const drawn = wanted
      .map(([name, kind, columns]) => ({ name, points: summed(series, kind, columns) }))
      .filter(({ points }) => points.some(([, value]) => (value ?? 0) > 0));
    if (drawn.length > 0) charts.push({ title, svg: linesSvg(`${title}, a second`, drawn, window) });
  };
  lines("Requests", [
    ["requests", "server", ["requests"]],
    ["errors", "server", ["errors"]],
  ]);
  lines("Protection", [
    ["short-circuited", "breaker", ["rejected"]],
    ["fallbacks", "breaker", ["fallbacks"]],
    ["shed", "shedder", ["shedLow", "shedMedium", "shedHigh", "shedCritical"]],
  ]);
  return charts;
}

/** Rates of all instances together. A step without any is a gap. */
function summed(answers: readonly SeriesAnswer[], kind: string, columns: readonly string[]): ChartLine["points"] {
  const sums = new Map<number, number | null>();
  for (const { series } of answers)
    for (const one of series) {
      if (one.kind !== kind || !columns.includes(one.column)) continue;
      for (const [at, rate] of one.points) {
        const before = sums.get(at) ?? null;
        sums.set(at, rate === null ? before : (before ?? 0) + rate);
      }
    }
  return [...sums].sort(([a], [b]) => a - b);
}
