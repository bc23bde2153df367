/** Stretches of time on a screen: what is shown, and looking closer. Pure; moments in milliseconds since the epoch. */

export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** Nothing is looked at more closely than this. */
export const LEAST_SPAN_MS = 5_000;
/** A brush narrower than this share of what is seen was meant as a click. */
const LEAST_SHARE = 0.01;

export const within = (at: number, { from, to }: TimeSpan): number => Math.min(to, Math.max(from, at));

/** Of a share of the window, 0 to 1. */
export const momentAt = (share: number, { from, to }: TimeSpan): number => Math.round(from + Math.min(1, Math.max(0, share)) * (to - from));

/** Where a moment lies in a window, 0 to 1. */
export const shareOf = (at: number, { from, to }: TimeSpan): number => Math.min(1, Math.max(0, (at - from) / Math.max(1, to - from)));

/** A share as a length of a style. */
export const percent = (share: number): string => `${String(Math.round(share * 10_000) / 100)}%`;

/** Where a stretch lies in a window, for a style. */
export function placed(part: TimeSpan, window: TimeSpan): { readonly left: string; readonly width: string } {
  const left = shareOf(part.from, window);
  return { left: percent(left), width: percent(shareOf(part.to, window) - left) };
}

/** What two ends of a brush enclose inside `full`; null when it is too narrow to mean anything. */
export function brushed(a: number, b: number, { seen, full }: { readonly seen: TimeSpan; readonly full: TimeSpan }): TimeSpan | null {
  const [from, to] = [within(Math.min(a, b), full), within(Math.max(a, b), full)];
  return to - from < Math.max(1, (seen.to - seen.from) * LEAST_SHARE) ? null : wideEnough({ from, to }, full);
}

/** Half of what is seen, around a moment and inside it; null when it cannot be nearer. */
export function closer(seen: TimeSpan, around: number | null): TimeSpan | null {
  // Whole milliseconds, so that rounding never leaves what is seen.
  const span = Math.floor((seen.to - seen.from) / 2);
  if (span < LEAST_SPAN_MS) return null;
  const middle = within(around ?? (seen.from + seen.to) / 2, seen);
  const from = Math.min(seen.to - span, Math.max(seen.from, Math.round(middle - span / 2)));
  return { from, to: from + span };
}

function wideEnough({ from, to }: TimeSpan, full: TimeSpan): TimeSpan {
  if (to - from >= LEAST_SPAN_MS) return { from, to };
  const start = Math.max(full.from, Math.min((from + to) / 2 - LEAST_SPAN_MS / 2, full.to - LEAST_SPAN_MS));
  return { from: start, to: start + LEAST_SPAN_MS };
}

/** The part of a zoom that lies inside `full`; null when it lies elsewhere or is everything. */
export function zoomOf(zoom: TimeSpan | null, full: TimeSpan): TimeSpan | null {
  if (zoom === null || zoom.to <= full.from || zoom.from >= full.to) return null;
  const part = { from: within(zoom.from, full), to: within(zoom.to, full) };
  return part.from === full.from && part.to === full.to ? null : part;
}

const KEPT = 50;

/** What was seen before each closer look. Null stands for all of it. */
export class ZoomStack {
  readonly #before: (TimeSpan | null)[] = [];

  /** @param seen what is left for another view. */
  keep(seen: TimeSpan | null): void {
    this.#before.push(seen);
    if (this.#before.length > KEPT) this.#before.shift();
  }

  /** What was seen before the last change; all of it when nothing is kept. */
  undo(): TimeSpan | null {
    return this.#before.pop() ?? null;
  }
}

/** The windows of a live page, by what the address calls them. */
export const LIVE_WINDOWS = { "15m": 900_000, "1h": 3_600_000, "6h": 21_600_000, "24h": 86_400_000 } as const;
export type LiveWindow = keyof typeof LIVE_WINDOWS;
export const LIVE_WINDOW_NAMES = ["15m", "1h", "6h", "24h"] as const satisfies readonly LiveWindow[];
export const LIVE_WINDOW_WORDS: Readonly<Record<LiveWindow, string>> = { "15m": "15 min", "1h": "1 h", "6h": "6 h", "24h": "24 h" };

const SECOND = 1_000;
const MINUTE = 60_000;
/** Whole parts of the steps above them, so that buckets of a minute and of an hour fit. */
const STEPS = [1, 2, 5, 10, 30, 60, 180, 600, 1_800, 3_600, 10_800, 21_600, 86_400].map((seconds) => seconds * SECOND);
const POINTS_MOST = 150;
const TICKS_MOST = 5;

/** The step between points that fits a stretch: at most 150 of them. */
export function fittingStep(spanMs: number): number {
  const last = STEPS.at(-1) ?? MINUTE;
  return STEPS.find((step) => spanMs / step <= POINTS_MOST) ?? Math.ceil(spanMs / POINTS_MOST / last) * last;
}

/** A stretch as whole steps that enclose it. */
export const onSteps = ({ from, to }: TimeSpan, stepMs: number): TimeSpan => ({
  from: Math.floor(from / stepMs) * stepMs,
  to: Math.ceil(to / stepMs) * stepMs,
});

/** A live window up to `now`; it stands still within a step. */
export function liveSpan(windowMs: number, now: number): TimeSpan {
  const stepMs = fittingStep(windowMs);
  const to = Math.ceil(now / stepMs) * stepMs;
  return { from: to - windowMs, to };
}

const TICK_STEPS = [1, 2, 5, 10, 30, 60, 120, 300, 900, 1_800, 3_600, 7_200, 21_600].map((seconds) => seconds * SECOND);

/** Round moments inside a window, a few of them. */
export function roundTicks({ from, to }: TimeSpan): readonly number[] {
  const step = TICK_STEPS.find((candidate) => (to - from) / candidate <= TICKS_MOST) ?? 4 * 21_600 * SECOND;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}
