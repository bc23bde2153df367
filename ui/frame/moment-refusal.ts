/** Who acts must see what is, not what was: an old picture may show a switch that somebody else has moved meanwhile. Pure. */
import type { ConnectionState } from "../live/live-store.ts";

/** Before the first word of the live socket nothing on the page is old: it was read a moment ago. */
export function momentRefusal(state: ConnectionState, paused: boolean): string | undefined {
  if (state === "lost") return "This page is not live: what it shows may be over. It connects again by itself; act when it says LIVE.";
  return paused ? "This picture is paused. Resume it to act on what is now." : undefined;
}
