/**
 * One pulse for everything on a page that moves with time: what ticks together is drawn in one frame. It rests while nobody can see the page, and
 * makes up for it in one when the page is looked at again. No React here.
 */

const PULSE_MS = 500;

interface Listener {
  readonly every: number;
  readonly call: () => void;
}

const listeners = new Set<Listener>();
let timer: ReturnType<typeof setInterval> | undefined;
let pulses = 0;

const isHidden = (): boolean => typeof document !== "undefined" && document.visibilityState === "hidden";

function pulse(): void {
  if (isHidden()) return;
  pulses++;
  for (const { every, call } of listeners) if (pulses % every === 0) call();
}

function seenAgain(): void {
  if (!isHidden()) for (const { call } of listeners) call();
}

function start(): void {
  timer = setInterval(pulse, PULSE_MS);
  if (typeof document !== "undefined") document.addEventListener("visibilitychange", seenAgain);
}

function stop(): void {
  clearInterval(timer);
  timer = undefined;
  if (typeof document !== "undefined") document.removeEventListener("visibilitychange", seenAgain);
}

/** Calls on every pulse that is a multiple of the interval, in ms, rounded to halves of a second. The returned function ends it. */
export function onBeat(intervalMs: number, call: () => void): () => void {
  const listener = { every: Math.max(1, Math.round(intervalMs / PULSE_MS)), call };
  listeners.add(listener);
  if (timer === undefined) start();
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) stop();
  };
}
