/** Zooming in time. Pure; moments in milliseconds since the epoch. */
import type { LaneWindow } from "./lane-model.ts";

/** Nothing is looked at more closely than this. */
export const LEAST_SPAN_MS = 5_000;
/** A brush narrower than this share of what is seen was meant as a click. */
const LEAST_SHARE = 0.01;

const within = (at: number, { from, to }: LaneWindow): number => Math.min(to, Math.max(from, at));

/** Of a share of the window, 0 to 1. */
export const momentAt = (share: number, { from, to }: LaneWindow): number =>
  Math.round(from + Math.min(1, Math.max(0, share)) * (to - from));

/** What two ends of a brush enclose inside `full`; null when it is too narrow to mean anything. */
export function brushed(a: number, b: number, { seen, full }: { readonly seen: LaneWindow; readonly full: LaneWindow }): LaneWindow | null {
  const [from, to] = [within(Math.min(a, b), full), within(Math.max(a, b), full)];
  return to - from < Math.max(1, (seen.to - seen.from) * LEAST_SHARE) ? null : wideEnough({ from, to }, full);
}

/** Half of what is seen, around a moment and inside it; null when it cannot be nearer. */
export function closer(seen: LaneWindow, around: number | null): LaneWindow | null {
  const span = (seen.to - seen.from) / 2;
  if (span < LEAST_SPAN_MS) return null;
  const middle = within(around ?? (seen.from + seen.to) / 2, seen);
  const from = Math.round(Math.min(seen.to - span, Math.max(seen.from, middle - span / 2)));
  return { from, to: Math.round(from + span) };
}

function wideEnough({ from, to }: LaneWindow, full: LaneWindow): LaneWindow {
  if (to - from >= LEAST_SPAN_MS) return { from, to };
  const start = Math.max(full.from, Math.min((from + to) / 2 - LEAST_SPAN_MS / 2, full.to - LEAST_SPAN_MS));
  return { from: start, to: start + LEAST_SPAN_MS };
}

/** The part of a zoom that an incident has; null when it lies elsewhere or is everything. */
export function zoomOf(zoom: LaneWindow | null, full: LaneWindow): LaneWindow | null {
  if (zoom === null || zoom.to <= full.from || zoom.from >= full.to) return null;
  const part = { from: within(zoom.from, full), to: within(zoom.to, full) };
  return part.from === full.from && part.to === full.to ? null : part;
}
