/** The stretch of time on the scrubber, and the marks on it. Pure. */
import type { LoggedEvent } from "../../protocol/live.ts";
import { clustered, isTransition } from "../replay/transitions.ts";

export const SPANS = [900_000, 3_600_000, 21_600_000, 86_400_000] as const;
export type Span = (typeof SPANS)[number];
export const SPAN_WORDS: Readonly<Record<Span, string>> = { 900000: "15 min", 3600000: "1 h", 21600000: "6 h", 86400000: "24 h" };

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Stands still while the moment lies in it, so that a mark stays where it is; else it is laid around the moment, on whole minutes. */
export function stretchAround(
  before: Stretch | null,
  at: number,
  { span, edge }: { readonly span: number; readonly edge: number },
): Stretch {
  if (before && before.to - before.from === span && at >= before.from && at <= before.to) return before;
  const step = 60_000;
  const to = Math.min(Math.ceil((at + span / 2) / step) * step, Math.ceil(edge / step) * step);
  return { from: to - span, to };
}

export interface TimeMark {
  readonly at: number;
  /** What of the cluster weighs most: trouble before what people did, and that before everything else. */
  readonly kind: "trouble" | "people" | "other";
  readonly count: number;
  readonly types: readonly string[];
}

const TROUBLE = /^(breaker\.(opened|forced_open)|pool\.saturated|shed\.started|shedder\.overloaded|incident\.opened|agent\.left)$/;
const PEOPLE = /^(flip|policy|override|fault)\.|^deploy$/;
const MARKS = 120;

/** At most one mark in each hundred-and-twentieth of the stretch. */
export function timeMarks(events: readonly LoggedEvent[], { from, to }: Stretch): readonly TimeMark[] {
  const within = events.filter((event) => isTransition(event.type) && event.at >= from && event.at <= to).sort((a, b) => a.at - b.at);
  return clustered(within, (to - from) / MARKS).map(({ at, items }) => {
    const types = [...new Set(items.map((event) => event.type))];
    const kind = types.some((type) => TROUBLE.test(type)) ? "trouble" : types.some((type) => PEOPLE.test(type)) ? "people" : "other";
    return { at, kind, count: items.length, types };
  });
}
