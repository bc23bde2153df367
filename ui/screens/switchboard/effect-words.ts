/** What a change did, in words. It says what was before and after, never that one caused the other. Pure. */
import type { EffectAnswer, EffectMeasure } from "../../../protocol/effect-api.ts";
import { formatNumber } from "../../charts/format.ts";

/** A smaller number is better, or neither: requests only say how much of a day it was. */
export const MEASURES: Readonly<Record<EffectMeasure, { readonly label: string; readonly unit: string; readonly less: boolean }>> = {
  requests: { label: "Requests", unit: "/s", less: false },
  errors: { label: "Errors", unit: "/s", less: true },
  shed: { label: "Shed and limited", unit: "/s", less: true },
  rejected: { label: "Rejected by breakers and bulkheads", unit: "/s", less: true },
  opens: { label: "Breakers opened", unit: "", less: true },
  queued: { label: "Waiting in queues", unit: "", less: true },
  waiting: { label: "Waiting for pools", unit: "", less: true },
};

/** Nothing more can come. */
export const isWhole = ({ afterMs, spanMs, endedAt }: EffectAnswer): boolean => afterMs >= spanMs || endedAt !== null;

export const valueOf = (value: number | null, unit: string): string => (value === null ? "–" : `${formatNumber(value)}${unit}`);

/** Measures that were more than nothing before or after, and the names of those that were not. */
export function changedOf({ measures }: EffectAnswer): {
  readonly changed: EffectAnswer["measures"];
  readonly none: readonly string[];
} {
  const changed = measures.filter(({ before, after }) => (before ?? 0) > 0 || (after ?? 0) > 0);
  return { changed, none: measures.filter((one) => !changed.includes(one)).map(({ name }) => MEASURES[name].label.toLowerCase()) };
}

/** A word beside the colour: "down 92 %". Less than a twentieth is the same. */
export function changeWords(before: number | null, after: number | null): string {
  if (before === null || after === null) return "not known";
  if (before === 0) return after === 0 ? "same" : "new";
  const share = (after - before) / before;
  if (Math.abs(share) < 0.05) return "same";
  return share < 0
    ? `down ${String(Math.round(-share * 100))} %`
    : share > 9
      ? `up ${formatNumber(after / before)} times`
      : `up ${String(Math.round(share * 100))} %`;
}

export function wayOf(name: EffectMeasure, before: number | null, after: number | null): "better" | "worse" | undefined {
  if (!MEASURES[name].less || before === null || after === null || changeWords(before, after) === "same") return undefined;
  return after < before ? "better" : "worse";
}

/** How exact the figures are; null: to the second. */
export function exactWords({ tier }: Pick<EffectAnswer, "tier">): string | null {
  if (tier === "1s") return null;
  return tier === "1m"
    ? "Its seconds are no longer kept: these are the whole minutes before and after that of the change."
    : "Only hours are kept of that time, which say nothing of a minute.";
}

const BRIEF = [
  { name: "shed", word: "shed" },
  { name: "opens", word: "opens" },
  { name: "queued", word: "queued" },
  { name: "errors", word: "errors" },
] as const satisfies readonly { readonly name: EffectMeasure; readonly word: string }[];
const BRIEF_MOST = 2;

export interface BriefPart {
  readonly name: EffectMeasure;
  readonly word: string;
  readonly unit: string;
  readonly before: number;
  readonly after: number;
}

/** The figures that moved, as many as a row has room for: what became worse first. Null: nothing is known, or only of a part. */
export function briefOf({ measures, truncated }: Pick<EffectAnswer, "measures" | "truncated">): readonly BriefPart[] | null {
  const known = BRIEF.flatMap(({ name, word }): BriefPart[] => {
    const found = measures.find((one) => one.name === name);
    if (found === undefined || found.before === null || found.after === null) return [];
    return [{ name, word, unit: MEASURES[name].unit, before: found.before, after: found.after }];
  });
  if (truncated || known.length === 0) return null;
  const way = (part: BriefPart) => wayOf(part.name, part.before, part.after);
  return [...known.filter((part) => way(part) === "worse"), ...known.filter((part) => way(part) === "better")].slice(0, BRIEF_MOST);
}
