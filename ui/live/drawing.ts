/** When a picture of the live state is due. No React here. */
import { onBeat } from "./beat.ts";
import type { LiveStore, Topic } from "./live-store.ts";

/** A picture drawn so short a time ago is not drawn again on the beat. */
const JUST_DRAWN_MS = 400;

/**
 * Draws now, on each beat of a second, and at once when the topic changed. A picture of the past is drawn with each change. The returned function
 * ends it.
 */
export function onDrawing(store: LiveStore, topic: Topic, draw: () => void): () => void {
  let drawnAt = 0;
  const now = (): void => {
    drawnAt = performance.now();
    draw();
  };
  const onTime = (): void => {
    if (performance.now() - drawnAt > JUST_DRAWN_MS) now();
  };
  now();
  const leave = [store.subscribe(topic, now), store.past ? store.subscribe("fleet", now) : onBeat(1000, onTime)];
  return () => leave.forEach((unsubscribe) => unsubscribe());
}
