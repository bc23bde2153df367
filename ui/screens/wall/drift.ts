/** Care for screens that show the same thing for months: the whole picture wanders. Pure; the clock is passed in. */

/** How far from its place, in px. */
export const DRIFT_PX = 12;
const STEPS = 24;
const STEP_MS = 60_000;

/** Round a circle in 24 minutes, a step of about 3 px each: too small to be seen, enough for the pixels. */
export function driftAt(now: number): { readonly x: number; readonly y: number } {
  const angle = ((Math.floor(now / STEP_MS) % STEPS) / STEPS) * 2 * Math.PI;
  return { x: Math.round(Math.cos(angle) * DRIFT_PX), y: Math.round(Math.sin(angle) * DRIFT_PX) };
}
