/** When a picture of the live state is due. No React here. */
import { onBeat } from "./beat.ts";
import type { LiveStore, Topic } from "./live-store.ts";

/** Two pulses, but for the unrest of timers. */
const SECOND_MS = 900;
const PULSE_MS = 500;
/** An avalanche of changes is drawn four times a second. */
const AT_ONCE_MS = 250;

/**
 * Draws now, at once when the topic changed, and when nothing was drawn for a second. A picture of the past is drawn with each change. The returned
 * function ends it.
 */
export function onDrawing(store: LiveStore, topic: Topic, draw: () => void): () => void {
  if (store.past) {
    draw();
    const leave = [store.subscribe(topic, draw), store.subscribe("fleet", draw)];
    return () => leave.forEach((unsubscribe) => unsubscribe());
  }
  let drawnAt = 0;
  let soon: ReturnType<typeof setTimeout> | undefined;
  const now = (): void => {
    clearTimeout(soon);
    soon = undefined;
    drawnAt = performance.now();
    draw();
  };
  const onChange = (): void => {
    const rest = drawnAt + AT_ONCE_MS - performance.now();
    if (rest <= 0) now();
    else soon ??= setTimeout(now, rest);
  };
  const onTime = (): void => {
    if (performance.now() - drawnAt >= SECOND_MS) now();
  };
  now();
  const leave = [store.subscribe(topic, onChange), onBeat(PULSE_MS, onTime), () => clearTimeout(soon)];
  return () => leave.forEach((end) => end());
}
