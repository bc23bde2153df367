/** Which incidents a list shows, and in which order. Pure. */
import type { IncidentSummary } from "../../../protocol/incident-api.ts";
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
  /** Empty: anybody; `NOBODY`: those that nobody has. */
  readonly who: string;
  readonly text: string;
  readonly time: TimeChoice;
}

export const NO_FILTER: ListFilter = { status: "all", severity: 0, service: "", who: "", text: "", time: "any" };
export const NOBODY = "nobody";

const NUMBER = /^#(\d{1,9})$/;
const HOUR = 3_600_000;
const TIMES: Readonly<Record<TimeChoice, number>> = { any: Infinity, "24h": 24 * HOUR, "7d": 168 * HOUR, "30d": 720 * HOUR };

/** Which that are over are asked for; null: none. A number finds the one that was merged, too. */
export function pastStatuses({ status, text }: Pick<ListFilter, "status" | "text">): string | null {
  if (status === "all") return NUMBER.test(text.trim()) ? "resolved,merged" : "resolved";
  return status === "open" ? null : status;
}

/** Parameters of the question to the console. Nothing began before the chosen time, but for what is still open: that belongs to now. */
export interface ListParams {
  readonly number?: number;
  readonly severity?: number;
  readonly service?: string;
  readonly assignee?: string;
  readonly unassigned?: "true";
  readonly text?: string;
}

export function listParams({ severity, service, who, text }: ListFilter): ListParams {
  const words = text.trim();
  const [, number] = NUMBER.exec(words) ?? [];
  return {
    ...(number === undefined ? (words === "" ? {} : { text: words }) : { number: Number(number) }),
    ...(severity === 0 ? {} : { severity }),
    ...(service === "" ? {} : { service }),
    ...(who === "" ? {} : who === NOBODY ? { unassigned: "true" } : { assignee: who }),
  };
}

/** Nothing that is over and older than this is wanted; null for any age. */
export const sinceOf = (time: TimeChoice, now: number): number | null => (time === "any" ? null : now - TIMES[time]);

/** Open ones first, the newest beginning first among them and among the others; each once. */
export function inListOrder<T extends Pick<IncidentSummary, "id" | "status" | "startedAt" | "number">>(
  incidents: readonly T[],
): readonly T[] {
  const once = [...new Map(incidents.map((incident) => [incident.id, incident])).values()];
  return once.sort(
    (a, b) => Number(isOpenStatus(b.status)) - Number(isOpenStatus(a.status)) || b.startedAt - a.startedAt || b.number - a.number,
  );
}
