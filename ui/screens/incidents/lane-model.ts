/** The lanes of an incident: what was bad when, in the order of the cascade. Shares of the window, 0 to 1. Pure. */
import type { IncidentAnswer, Suspect } from "../../../protocol/incident-api.ts";
import { shareOf, type TimeSpan } from "../../charts/time-window.ts";

export interface LaneRun {
  readonly left: number;
  readonly width: number;
  readonly from: number;
  /** Null: still. */
  readonly to: number | null;
  /** It was bad for long enough to count. */
  readonly counted: boolean;
  readonly times: number;
}

export interface Lane {
  readonly key: string;
  readonly title: string;
  readonly runs: readonly LaneRun[];
}

const LEAST_MS = 60_000;
const AROUND = 0.12;

/** The incident with a little calm on both sides, and never beyond now. */
export function laneWindow({ startedAt, resolvedAt }: Pick<IncidentAnswer, "startedAt" | "resolvedAt">, now: number): TimeSpan {
  const end = resolvedAt ?? now;
  const around = Math.max(LEAST_MS, (end - startedAt) * AROUND);
  return { from: startedAt - around, to: Math.max(startedAt + LEAST_MS, Math.min(now, end + around)) };
}

export function lanesOf(
  { symptoms, suspects }: { readonly symptoms: IncidentAnswer["symptoms"]; readonly suspects: readonly Pick<Suspect, "key" | "title">[] },
  window: TimeSpan,
): readonly Lane[] {
  const byKey = new Map(symptoms.map((symptom) => [symptom.key, symptom]));
  return suspects.map(({ key, title }) => ({
    key,
    title,
    runs: (byKey.get(key)?.spans ?? [])
      .filter(({ from, to }) => from < window.to && (to ?? Infinity) > window.from)
      .map(({ from, to, openedAt, times }) => {
        const left = shareOf(from, window);
        return { left, width: shareOf(to ?? window.to, window) - left, from, to, counted: openedAt !== null, times };
      }),
  }));
}
