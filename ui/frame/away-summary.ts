/** What happened while nobody looked, in counts. Pure. */
import type { LoggedEvent } from "../../protocol/live.ts";
import { plural } from "../charts/format.ts";

/** Away for less than this needs no telling. */
export const AWAY_MS = 300_000;

export interface AwaySummary {
  readonly from: number;
  readonly to: number;
  /** "3 breakers opened", "1 flip": what there was, weightiest first. */
  readonly parts: readonly string[];
  readonly services: readonly string[];
}

const COUNTED: readonly { readonly type: RegExp; readonly one: string; readonly many?: string }[] = [
  { type: /^incident\.opened$/, one: "incident" },
  { type: /^breaker\.opened$/, one: "breaker opening" },
  { type: /^flip\.created$/, one: "flip" },
  { type: /^(policy|override)\.set$/, one: "change of settings", many: "changes of settings" },
  { type: /^deploy$/, one: "deploy" },
  { type: /^agent\.left$/, one: "instance gone", many: "instances gone" },
];

/** Null when there is nothing worth a word. */
export function awaySummary(
  events: readonly LoggedEvent[],
  { from, to }: { readonly from: number; readonly to: number },
): AwaySummary | null {
  const within = events.filter((event) => event.at > from && event.at <= to);
  const parts = COUNTED.flatMap(({ type, one, many }) => {
    const count = within.filter((event) => type.test(event.type)).length;
    return count === 0 ? [] : [plural(count, one, many ?? `${one}s`)];
  });
  if (parts.length === 0) return null;
  const telling = within.filter((event) => COUNTED.some(({ type }) => type.test(event.type)));
  const services = [...new Set(telling.flatMap((event) => (event.service === null ? [] : [event.service])))].sort();
  return { from, to, parts, services };
}
