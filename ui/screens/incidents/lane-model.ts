/** The lanes of an incident: what was bad when, in the order of the cascade. Shares of the window, 0 to 1. Pure. */
import type { IncidentAnswer, Suspect, WriteUp } from "../../../protocol/incident-api.ts";

export interface LaneWindow {
  readonly from: number;
  readonly to: number;
}

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
export function laneWindow({ startedAt, resolvedAt }: Pick<IncidentAnswer, "startedAt" | "resolvedAt">, now: number): LaneWindow {
  const end = resolvedAt ?? now;
  const around = Math.max(LEAST_MS, (end - startedAt) * AROUND);
  return { from: startedAt - around, to: Math.max(startedAt + LEAST_MS, Math.min(now, end + around)) };
}

export const shareOf = (at: number, { from, to }: LaneWindow): number => Math.min(1, Math.max(0, (at - from) / Math.max(1, to - from)));

export function lanesOf(
  { symptoms, suspects }: { readonly symptoms: IncidentAnswer["symptoms"]; readonly suspects: readonly Pick<Suspect, "key" | "title">[] },
  window: LaneWindow,
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

export interface LaneMark {
  readonly at: number;
  readonly left: number;
  readonly titles: readonly string[];
}

/** Changes inside the window; those too close to tell apart are one mark. */
export function marksOf(changes: WriteUp["changes"], window: LaneWindow): readonly LaneMark[] {
  const marks: { at: number; left: number; titles: string[] }[] = [];
  for (const { at, title } of changes) {
    if (at < window.from || at > window.to) continue;
    const left = shareOf(at, window);
    const last = marks.at(-1);
    if (last && left - last.left < 0.012) last.titles.push(title);
    else marks.push({ at, left, titles: [title] });
  }
  return marks;
}

/** Four moments for the axis. */
export const ticksOf = ({ from, to }: LaneWindow): readonly number[] => [0, 1, 2, 3].map((step) => from + ((to - from) * (step + 0.5)) / 4);
