/** What people changed, as marks on a time axis: switches, policy, deployments, drills, and the incidents beside them. Pure. */
import type { LoggedEvent } from "../../protocol/live.ts";
import { actorName, eventLink, sentence } from "../screens/events/sentence.ts";
import { clustered } from "../replay/transitions.ts";
import { shareOf, type TimeSpan } from "./time-window.ts";

export type ChangeKind = "flip" | "policy" | "deploy" | "drill" | "incident";

export interface Change {
  readonly key: string;
  readonly at: number;
  readonly kind: ChangeKind;
  /** What was done, as one sentence. */
  readonly text: string;
  readonly who: string;
  readonly link: { readonly href: string; readonly label: string } | null;
}

/** The changes in a stretch of time, as far as they were read. */
export interface SpanChanges {
  /** Oldest first. */
  readonly changes: readonly Change[];
  /** There were more than are read: before this moment some are missing; null: none. */
  readonly cutAt: number | null;
}

export const CHANGE_WORDS: Readonly<Record<ChangeKind, string>> = {
  flip: "switch",
  policy: "policy",
  deploy: "deploy",
  drill: "drill",
  incident: "incident",
};

/** Prefixes as the log of events is asked for them. */
export const CHANGE_PREFIXES = ["flip.", "policy.", "override.", "fault.", "deploy", "incident."] as const;

const KINDS: readonly (readonly [ChangeKind, RegExp])[] = [
  ["flip", /^flip\./],
  ["policy", /^(policy|override)\./],
  ["deploy", /^deploy$/],
  ["drill", /^fault\./],
  ["incident", /^incident\.(opened|resolved|reopened)$/],
];

/** What an event says was changed; null when it is no change. */
export function changeOf(event: LoggedEvent): Change | null {
  const kind = KINDS.find(([, types]) => types.test(event.type))?.[0];
  if (kind === undefined) return null;
  return {
    key: `e${String(event.id)}`,
    at: event.at,
    kind,
    text: sentence(event),
    who: actorName(event.actor),
    link: eventLink(event),
  };
}

/** Changes among events, oldest first, each once. `services`: those of others are left out, those of everybody stay. */
export function changesOf(events: readonly LoggedEvent[], services: readonly string[] | null = null): readonly Change[] {
  const byKey = new Map<string, Change>();
  for (const event of events) {
    const elsewhere = services !== null && event.service !== null && !services.includes(event.service);
    if (elsewhere && !event.type.startsWith("incident.")) continue;
    const change = changeOf(event);
    if (change) byKey.set(change.key, change);
  }
  return [...byKey.values()].sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
}

export interface ChangeMark {
  readonly key: string;
  readonly at: number;
  /** Where it stands in the window, 0 to 1. */
  readonly left: number;
  readonly changes: readonly [Change, ...Change[]];
  /** There is room for a word beside the mark. */
  readonly roomy: boolean;
}

/** Marks closer than this are one: each can then be hit by a finger, and has room for a count of two figures. */
export const MARK_PX = 36;
const WORD_PX = 84;

/** Changes inside a window that is so many pixels wide; those too close to tell apart are one mark. `changes` must be in order of time. */
export function changeMarks(changes: readonly Change[], window: TimeSpan, widthPx: number): readonly ChangeMark[] {
  const inside = changes.filter(({ at }) => at >= window.from && at <= window.to);
  const width = Math.max(1, widthPx);
  const clusters = clustered(inside, ((window.to - window.from) * MARK_PX) / width);
  return clusters.flatMap(({ at, items: [first, ...rest] }, i) => {
    if (first === undefined) return [];
    const left = shareOf(at, window);
    const next = clusters[i + 1];
    const room = ((next === undefined ? 1 : shareOf(next.at, window)) - left) * width;
    return [{ key: first.key, at, left, changes: [first, ...rest] as const, roomy: room >= WORD_PX }];
  });
}

/** "switch", or of several "3 changes: switch, deploy". */
export function markWords({ changes }: Pick<ChangeMark, "changes">): string {
  const words = [...new Set(changes.map(({ kind }) => CHANGE_WORDS[kind]))].join(", ");
  return changes.length === 1 ? words : `${String(changes.length)} changes: ${words}`;
}
