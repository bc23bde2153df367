/** Keeps what arrives while the picture is paused: every event, and of values the newest, in bounded memory. Pure. */
import type { LiveDown } from "../../protocol/live.ts";

/** Above this many messages the deltas among them are merged. */
const MERGE_ABOVE = 2000;

type Delta = Extract<LiveDown, { t: "delta" }>;

/** Adds a message to what is held. Nothing that the fold would show in the end is lost. */
export function holdBack(held: LiveDown[], message: LiveDown): void {
  if (message.t === "beat") return;
  // A snapshot replaces every value before it; events and counts of lost ones stay.
  if (message.t === "snapshot") held.splice(0, held.length, ...held.filter((kept) => kept.t === "event" || kept.t === "resync"));
  held.push(message);
  if (held.length > MERGE_ABOVE) held.splice(0, held.length, ...merged(held));
}

/** One delta for each stretch between descriptions: the row's layout may change only there. Events keep their order. */
function merged(messages: readonly LiveDown[]): LiveDown[] {
  const kept: LiveDown[] = [];
  let latest = new Map<string, { at: number; slots: Map<number, number> }>();
  let now = 0;
  const close = (): void => {
    if (latest.size === 0) return;
    const delta: Delta = { t: "delta", now, instances: [...latest].map(([key, { at, slots }]) => ({ key, at, slots: [...slots].flat() })) };
    kept.push(delta);
    latest = new Map();
  };
  for (const message of messages) {
    if (message.t !== "delta") {
      if (message.t === "upsert" || message.t === "snapshot") close();
      kept.push(message);
      continue;
    }
    now = message.now;
    for (const { key, at, slots } of message.instances) {
      let entry = latest.get(key);
      if (!entry) latest.set(key, (entry = { at, slots: new Map() }));
      entry.at = at;
      for (let i = 0; i + 1 < slots.length; i += 2) entry.slots.set(slots[i] as number, slots[i + 1] as number);
    }
  }
  close();
  return kept;
}
