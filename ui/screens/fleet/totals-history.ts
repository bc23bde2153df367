/** The last two minutes of the totals, one a second, as this page saw them. Adding the same second twice keeps the first. */
import type { Totals } from "./tile-model.ts";

const KEPT = 120;
const CELLS = 60;
const STEP_MS = 2000;

export class TotalsHistory {
  readonly #seen: { readonly at: number; readonly totals: Totals }[] = [];

  add(totals: Totals, at: number): void {
    const last = this.#seen.at(-1);
    // Time went back, as it does in a replay: what was seen later has not happened yet.
    if (last && at < last.at) this.#seen.length = 0;
    else if (last && at - last.at < 900) return;
    this.#seen.push({ at, totals });
    if (this.#seen.length > KEPT) this.#seen.shift();
  }

  /** One value per two seconds, oldest first; null before the page was open. */
  line(field: "open" | "shed" | "poolsNear" | "live", now: number): readonly (number | null)[] {
    const cells = new Array<number | null>(CELLS).fill(null);
    for (const { at, totals } of this.#seen) {
      const cell = CELLS - 1 - Math.floor((now - at) / STEP_MS);
      if (cell >= 0 && cell < CELLS) cells[cell] = totals[field];
    }
    return cells;
  }
}
