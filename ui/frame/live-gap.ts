/** Stretches in which a page was not live, or could not keep up, told from one look at the live state to the next. Pure. */
import type { LoggedEvent } from "../../protocol/live.ts";
import type { ConnectionState } from "../live/live-store.ts";

/** What is known at one moment. */
export interface Look {
  readonly state: ConnectionState;
  /** The console's clock at its last word. */
  readonly now: number;
  /** Events that came since the page was opened, and those that were not sent. */
  readonly arrived: number;
  readonly missed: number;
  /** Newest first. */
  readonly events: readonly Pick<LoggedEvent, "receivedAt">[];
  /** The picture is paused: what came is not counted yet. */
  readonly held: boolean;
}

export interface Gap {
  /** By the console's clock; `to` is null while it lasts. Both are the same when the page was live and could not keep up. */
  readonly from: number;
  readonly to: number | null;
  /** What was counted when the page was last live. */
  readonly arrived: number;
  readonly missed: number;
  /** How much happened, and how much of it was not sent; null until everything that was owed has come. */
  readonly told: { readonly happened: number; readonly unsent: number } | null;
}

export interface Watch {
  readonly gap: Gap | null;
  /** The last look at which the page was live: a gap begins there, not where somebody noticed it. */
  readonly live: Look | null;
}

export const NOTHING_SEEN: Watch = { gap: null, live: null };

/** Lost again so soon after: it is the same trouble, told as one. */
export const ONE_TROUBLE_MS = 60_000;
/** What is owed comes in order, before the first beat that is a second younger than the word that made the page live. */
export const SETTLED_MS = 1_000;

export function lookAgain({ gap, live }: Watch, seen: Look): Watch {
  if (seen.state === "connecting") return { gap, live };
  const before = live ?? seen;
  const same = gap !== null && seen.now - (gap.to ?? seen.now) < ONE_TROUBLE_MS ? gap : null;
  const begun = (from: number): Gap => ({ from, to: null, arrived: before.arrived, missed: before.missed, told: null });
  if (seen.state === "lost") return { gap: { ...(same ?? begun(before.now)), to: null, told: null }, live };
  return { gap: told(ended({ gap, same, begun }, before, seen), seen), live: seen };
}

interface Open {
  readonly gap: Gap | null;
  readonly same: Gap | null;
  readonly begun: (from: number) => Gap;
}

/** The gap of a page that is live: it ends now, or begins and ends now because something was left out. */
function ended({ gap, same, begun }: Open, before: Look, { now, missed }: Look): Gap | null {
  if (gap?.to === null) return { ...gap, to: now };
  if (missed <= before.missed) return gap;
  const more = same ?? begun(now);
  return { ...more, from: more.from === more.to ? now : more.from, to: now, told: null };
}

function told(gap: Gap | null, { now, arrived, missed, events, held }: Look): Gap | null {
  const to = gap?.to ?? null;
  if (gap === null || to === null || gap.told !== null || held || now - to < SETTLED_MS) return gap;
  const since = events.filter(({ receivedAt }) => receivedAt > to).length;
  const unsent = missed - gap.missed;
  return { ...gap, told: { happened: Math.max(0, arrived - gap.arrived - since) + unsent, unsent } };
}
