/**
 * The last two minutes of the totals, one a second, as this page saw them. Adding the same second twice keeps the first. Requests and errors of
 * before can be told, when the samples of before are here.
 */
import type { Totals } from "./tile-model.ts";

const KEPT = 120;
/** As many as there are pixels to tell them apart. */
const CELLS = 30;
const STEP_MS = 4000;

/** The grid of a line. */
export const TOTALS_GRID = { count: CELLS, stepMs: STEP_MS } as const;

const FIELDS = ["requests", "errors", "open", "shed", "poolsNear", "live"] as const;
export type TotalsField = (typeof FIELDS)[number];

export interface Before {
  readonly now: number;
  readonly requests: readonly (number | null)[];
  /** Failed ones a second. */
  readonly errors: readonly (number | null)[];
}

export class TotalsHistory {
  #before: Before | null = null;
  readonly #seen: { readonly at: number; readonly totals: Totals }[] = [];

  add(totals: Totals, at: number): void {
    const last = this.#seen.at(-1);
    // Time went back, as it does in a replay: what was seen later has not happened yet.
    if (last && at < last.at) this.#seen.length = 0;
    else if (last && at - last.at < 900) return;
    this.#seen.push({ at, totals });
    if (this.#seen.length > KEPT) this.#seen.shift();
  }

  /** What stands before the first that was seen; `requests` and `errors` as `line` tells them, ending at `now`. */
  recall(before: Before): void {
    this.#before = before;
  }

  lines(now: number): Readonly<Record<TotalsField, readonly (number | null)[]>> {
    return Object.fromEntries(FIELDS.map((field) => [field, this.line(field, now)])) as Record<TotalsField, (number | null)[]>;
  }

  /** One value a step, oldest first; null where nothing is known. */
  line(field: TotalsField, now: number): readonly (number | null)[] {
    const cells = new Array<number | null>(CELLS).fill(null);
    // Whole steps only: a line changes when another one is over, and not between.
    const end = Math.floor(now / STEP_MS);
    const put = (at: number, value: number | null): void => {
      const cell = CELLS - (end - Math.floor(at / STEP_MS));
      if (cell >= 0 && cell < CELLS && value !== null) cells[cell] = value;
    };
    const before = this.#before;
    if (before && (field === "requests" || field === "errors"))
      before[field].forEach((value, i) => put(before.now - (CELLS - 1 - i) * STEP_MS, value));
    for (const { at, totals } of this.#seen) put(at, totals[field]);
    return cells;
  }
}
