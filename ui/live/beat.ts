/** One pulse for everything on a page that moves with time: what ticks together is drawn in one frame. No React here. */

const PULSE_MS = 500;

interface Listener {
  readonly every: number;
  readonly call: () => void;
}

const listeners = new Set<Listener>();
let timer: ReturnType<typeof setInterval> | undefined;
let pulses = 0;

function pulse(): void {
  pulses++;
  for (const { every, call } of listeners) if (pulses % every === 0) call();
}

/** Calls on every pulse that is a multiple of the interval, in ms, rounded to halves of a second. The returned function ends it. */
export function onBeat(intervalMs: number, call: () => void): () => void {
  const listener = { every: Math.max(1, Math.round(intervalMs / PULSE_MS)), call };
  listeners.add(listener);
  timer ??= setInterval(pulse, PULSE_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
