/** Which incidents a list shows, and in which order. Pure. */
import type { IncidentStatus, IncidentSummary } from "../../../protocol/incident-api.ts";
import { isOpenStatus } from "./incident-words.ts";

export const STATUS_CHOICES = ["all", "open", "resolved", "merged"] as const;
export type StatusChoice = (typeof STATUS_CHOICES)[number];
export const TIME_CHOICES = ["any", "24h", "7d", "30d"] as const;
export type TimeChoice = (typeof TIME_CHOICES)[number];

export interface ListFilter {
  readonly status: StatusChoice;
  /** 0: any; else this one and worse ones. */
  readonly severity: number;
  /** Empty: any. */
  readonly service: string;
  readonly text: string;
  readonly time: TimeChoice;
}

export const NO_FILTER: ListFilter = { status: "all", severity: 0, service: "", text: "", time: "any" };

const HOUR = 3_600_000;
const TIMES: Readonly<Record<TimeChoice, number>> = { any: Infinity, "24h": 24 * HOUR, "7d": 168 * HOUR, "30d": 720 * HOUR };

/** What is asked for of the past; null: nothing, for only open ones are wanted. */
export function pastStatuses(status: StatusChoice): IncidentStatus | null {
  return status === "open" ? null : status === "merged" ? "merged" : "resolved";
}

/** Nothing older than this is wanted; -Infinity for any age. */
export const oldestOf = (time: TimeChoice, now: number): number => now - TIMES[time];

type Shown = Pick<IncidentSummary, "status" | "severity" | "services" | "number" | "title" | "cause" | "assignee" | "startedAt">;

export function passes(incident: Shown, { status, severity, service, text, time }: ListFilter, now: number): boolean {
  const open = isOpenStatus(incident.status);
  if (status === "open" ? !open : status !== "all" && incident.status !== status) return false;
  if (severity > 0 && incident.severity > severity) return false;
  if (service !== "" && !incident.services.includes(service)) return false;
  // What is still open belongs to now, whenever it began.
  if (!open && incident.startedAt < oldestOf(time, now)) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [`#${String(incident.number)}`, incident.title, incident.cause ?? "", incident.assignee ?? "", ...incident.services]
    .join("\n")
    .toLowerCase();
  return words.every((word) => all.includes(word));
}

/** Open ones first, the newest beginning first among them and among the others; each once. */
export function inListOrder<T extends Pick<IncidentSummary, "id" | "status" | "startedAt" | "number">>(
  incidents: readonly T[],
): readonly T[] {
  const once = [...new Map(incidents.map((incident) => [incident.id, incident])).values()];
  return once.sort(
    (a, b) => Number(isOpenStatus(b.status)) - Number(isOpenStatus(a.status)) || b.startedAt - a.startedAt || b.number - a.number,
  );
}
