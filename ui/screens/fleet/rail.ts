/** What needs a person, as the rail tells it: in an order that holds, and in words that do not flicker. No React here. */
import { AttentionRanking, type AttentionItem } from "../../../core/attention.ts";

/** Of more, only the number is told. */
export const RAIL_MOST = 20;
const QUIET_MOST = 6;
/** Figures of what is near its limit, and who is quiet, move not more often than this; anything worse, new or gone is told at once. */
const SAID_MS = 1_900;

interface Quiet {
  /** Some services without any trouble, and how many they are. */
  readonly quiet: readonly string[];
  readonly quietTotal: number;
}

export interface RailWords extends Quiet {
  /** Worst first. */
  readonly items: readonly AttentionItem[];
  readonly total: number;
}

export class Rail {
  readonly #ranking = new AttentionRanking();
  readonly #calm: boolean;
  #said = new Map<string, { readonly item: AttentionItem; readonly at: number }>();

  /** `calm` holds words for a moment; a picture of the past says exactly what was then. */
  #quiet: { readonly words: Quiet; readonly at: number; readonly ranked: number } | null = null;

  constructor({ calm }: { readonly calm: boolean }) {
    this.#calm = calm;
  }

  update(troubles: readonly AttentionItem[], services: Iterable<string>, now: number): RailWords {
    const ranked = this.#ranking.update(troubles, now);
    const shown = ranked.slice(0, RAIL_MOST).map((item) => {
      const before = this.#said.get(item.key);
      const holds =
        this.#calm && item.status === "warning" && before?.item.status === item.status && now >= before.at && now - before.at < SAID_MS;
      return holds ? before : { item, at: now };
    });
    this.#said = new Map(shown.map((said) => [said.item.key, said]));
    return { items: shown.map(({ item }) => item), total: ranked.length, ...this.#quietAt(ranked, services, now) };
  }

  #quietAt(ranked: readonly AttentionItem[], services: Iterable<string>, now: number): Quiet {
    const before = this.#quiet;
    // That everything is quiet, or nothing any more, is told at once.
    const turned = before !== null && (before.ranked === 0) !== (ranked.length === 0);
    if (before !== null && !turned && this.#calm && now >= before.at && now - before.at < SAID_MS) return before.words;
    const quiet = new Set(services);
    for (const { service } of ranked) quiet.delete(service);
    const words = { quiet: [...quiet].slice(0, QUIET_MOST), quietTotal: quiet.size };
    this.#quiet = { words, at: now, ranked: ranked.length };
    return words;
  }
}
