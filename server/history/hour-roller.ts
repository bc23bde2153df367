/**
 * Rolls up the hours that run. What was made of stored pages is kept and gone on with, as long as whatever came lies behind all of it;
 * what comes late, or beside it, lets the hour be made anew. It lives as long as the decoded page it begins with.
 */
import type { DecodedPage } from "../../core/page.ts";
import type { BucketGrid, ResourceRollup } from "../../core/rollup.ts";
import { SampleRoller } from "../../core/sample-roller.ts";
import type { OrderedSamples } from "./sample-order.ts";

interface Step extends OrderedSamples {
  readonly boot: number;
}

interface Kept {
  readonly roller: SampleRoller;
  readonly steps: Step[];
}

export class HourRoller {
  readonly #kept = new WeakMap<DecodedPage, Map<string, Kept>>();

  /**
   * The same as `rollSamples`. The answer holds until the next call.
   * @param lasting tells chunks of stored pages, which never change, from those of samples in memory
   */
  roll(
    boots: readonly (readonly OrderedSamples[])[],
    grid: BucketGrid,
    lasting: (chunk: DecodedPage) => boolean,
  ): Map<string, ResourceRollup> {
    const steps = boots.flatMap((boot, i) => boot.map((one): Step => ({ ...one, boot: i })));
    const passing = steps.findIndex(({ chunk, whole }) => !whole || !lasting(chunk));
    const end = passing < 0 ? steps.length : passing;
    const kept = this.#keptOf(steps.slice(0, end), grid);
    for (const step of steps.slice(kept.steps.length, end)) {
      feed(kept.roller, step, kept.steps.at(-1));
      kept.steps.push(step);
    }
    if (end === steps.length) return kept.roller.result();
    const roller = kept.roller.copy();
    for (let i = end; i < steps.length; i++) feed(roller, steps[i] as Step, steps[i - 1]);
    return roller.result();
  }

  /** One whose steps are the first of these; a new one when there is none. */
  #keptOf(steps: readonly Step[], grid: BucketGrid): Kept {
    const fresh = { roller: new SampleRoller(grid), steps: [] };
    const [first] = steps;
    if (!first) return fresh;
    const grids = this.#kept.get(first.chunk) ?? new Map<string, Kept>();
    this.#kept.set(first.chunk, grids);
    const key = `${grid.from} ${grid.tierMs}`;
    const kept = grids.get(key);
    if (kept?.steps.every(({ chunk, boot }, i) => steps[i]?.chunk === chunk && steps[i].boot === boot)) return kept;
    grids.set(key, fresh);
    return fresh;
  }
}

function feed(roller: SampleRoller, step: Step, before: Step | undefined): void {
  if (step.boot !== before?.boot) roller.restart();
  roller.add(step);
}
