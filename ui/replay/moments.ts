/** Moments and stretches of time as people type them and as addresses keep them. Pure. */
import type { TimeRange } from "./replay-source.ts";

/** ISO 8601 in UTC, without milliseconds that are zero. */
export const isoOf = (at: number): string => new Date(at).toISOString().replace(".000", "");

/** 14:02:10 in UTC. */
export const utcClock = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** "2026-11-21T14:02:10Z..2026-11-21T14:03:00Z"; null when it is none. */
export function rangeOf(text: string | null): TimeRange | null {
  const [from = NaN, to = NaN] = (text ?? "").split("..").map((part) => Date.parse(part));
  return Number.isFinite(from) && Number.isFinite(to) && to > from ? { from, to } : null;
}

export const rangeText = ({ from, to }: TimeRange): string => `${isoOf(from)}..${isoOf(to)}`;

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * What a person typed: `14:02`, `14:02:10`, `14:02 utc`, `5m` or `5 min ago`, a date with or without a time. Times of day are local
 * unless they say UTC, and of the last such moment before `now`. Null when it is none of these.
 */
export function typedMoment(text: string, now: number): number | null {
  const typed = text.trim().toLowerCase();
  const ago = /^-?\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d)(?:\s+ago)?$/.exec(typed);
  if (ago) return Math.round(now - Number(ago[1]) * (UNITS[ago[2] ?? ""] ?? 0));
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(utc|z)?$/.exec(typed);
  if (clock) return lastClock([Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0)], { now, utc: clock[4] !== undefined });
  if (!/^\d{4}-\d{2}-\d{2}/.test(typed)) return null;
  const at = Date.parse(
    typed
      .replace(/\s*utc$/, "z")
      .replace(" ", "t")
      .toUpperCase(),
  );
  return Number.isFinite(at) ? at : null;
}

function lastClock(
  [hours, minutes, seconds]: readonly [number, number, number],
  { now, utc }: { readonly now: number; readonly utc: boolean },
): number | null {
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  for (const daysBefore of [0, 1]) {
    const day = new Date(now);
    if (utc) {
      day.setUTCDate(day.getUTCDate() - daysBefore);
      day.setUTCHours(hours, minutes, seconds, 0);
    } else {
      day.setDate(day.getDate() - daysBefore);
      day.setHours(hours, minutes, seconds, 0);
    }
    if (day.getTime() <= now) return day.getTime();
  }
  return null;
}
