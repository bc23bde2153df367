/** Incidents in words, the same on every page of them. */
import type { EntryKind, Impact, IncidentAnswer, IncidentStatus, IncidentSummary, Suspect } from "../../../protocol/incident-api.ts";
import type { Severity } from "../../../protocol/incident-rule-api.ts";
import { counted } from "../../../core/incidents/words.ts";
import { formatPermille } from "../../charts/format.ts";

export const SEVERITIES = [1, 2, 3, 4, 5] as const satisfies readonly Severity[];
export const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  1: "critical",
  2: "major",
  3: "moderate",
  4: "minor",
  5: "trifling",
};

export const STATUS_WORDS: Readonly<Record<IncidentStatus, string>> = {
  open: "Open",
  acknowledged: "Acknowledged",
  resolved: "Resolved",
  merged: "Merged",
};

export const isOpenStatus = (status: IncidentStatus): boolean => status === "open" || status === "acknowledged";

export const CONFIDENCE_WORDS: Readonly<Record<Suspect["confidence"], string>> = {
  stated: "stated as the cause",
  likely: "likely the cause",
  possible: "possibly the cause",
  unlikely: "hardly the cause",
  ruled_out: "ruled out",
};

export const ENTRY_WORDS: Readonly<Record<EntryKind, { readonly one: string; readonly many: string }>> = {
  transition: { one: "State", many: "States" },
  pressure: { one: "Pressure", many: "Pressure" },
  change: { one: "Change", many: "Changes" },
  receipt: { one: "Receipt", many: "Receipts" },
  deploy: { one: "Deploy", many: "Deploys" },
  fleet: { one: "Fleet", many: "Fleet" },
  incident: { one: "Incident", many: "Incident" },
  note: { one: "Note", many: "Notes" },
  other: { one: "Other", many: "Other" },
};

/** The address of an incident's page. */
export const incidentHref = (number: number): string => `/incidents/${String(number)}`;

/** "began 14:02, lasted 3 min", in milliseconds: until its end, or until now. */
export function lastedMs({ startedAt, resolvedAt }: Pick<IncidentSummary, "startedAt" | "resolvedAt">, now: number): number {
  return Math.max(0, (resolvedAt ?? now) - startedAt);
}

/** What users lost, in a sentence. */
export function lossSentence({ requests, errors, peakErrorPermille, truncated }: Omit<Impact, "shed">): string {
  if (requests === 0) return "No requests of users were measured on these services.";
  const least = truncated ? "At least " : "";
  if (errors === 0) return `${least}${counted(requests, "request")} came in and none failed.`;
  const peak = peakErrorPermille === null ? "" : `, ${formatPermille(peakErrorPermille)} % of them at the worst moment`;
  return `${least}${counted(errors, "request")} of ${Math.round(requests).toLocaleString("en-US")} failed${peak}.`;
}

/** Services that an incident is about, in the order of its cascade. What lies on the far side comes last: it may run no agent. */
export function servicesAround({ suspects, services }: Pick<IncidentAnswer, "suspects" | "services">): readonly string[] {
  const targets = suspects.flatMap(({ target }) => (target === null ? [] : [target]));
  return [...new Set([...suspects.map(({ service }) => service), ...services, ...targets])];
}
