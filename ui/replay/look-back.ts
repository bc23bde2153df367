/**
 * The seconds before a moment, for what looks back: sparklines and rates. They read a few columns of the instances on the screen, so a
 * column is unpacked when it is first asked for, and the others never.
 */
import type { InstanceState, ResourceState } from "../../core/fleet.ts";
import type { RateSample, SlotValues } from "../live/rates.ts";
import type { RecordedWindow, Sampled } from "./recorded-window.ts";
import type { UnpackedPages } from "./unpacked-pages.ts";

/** What sparklines and rates look back; a picture begins that long before its moment. */
export const LEAD_MS = 125_000;
/** Within this every sample is kept; before it one in so many ms, which is what a sparkline shows. */
const NEAR_MS = 15_000;
export const THINNED_MS = 1_900;

export interface LookBackOptions {
  readonly instance: Pick<InstanceState, "key" | "boot" | "resources">;
  readonly windows: readonly RecordedWindow[];
  readonly at: number;
  readonly unpacked: UnpackedPages;
}

/** Samples until `at`, oldest first: every one of the last seconds, and further back as many as can be seen. */
export function lookBack({ instance, windows, at, unpacked }: LookBackOptions): readonly RateSample[] {
  const kept: Sampled[] = [];
  let keptAt = 0;
  for (const window of windows)
    for (const sampled of window.samplesOf(instance, at - LEAD_MS, at)) {
      const sampledAt = timeOf(sampled);
      if (sampledAt - keptAt < THINNED_MS && sampledAt < at - NEAR_MS) continue;
      keptAt = sampledAt;
      kept.push(sampled);
    }
  const columns = new Columns(kept, instance.resources, unpacked);
  return kept.map((sampled, place) => ({ at: timeOf(sampled), row: new PastRow(columns, place) }));
}

const timeOf = ([page, index]: Sampled): number => page.times[index] as number;

class PastRow implements SlotValues {
  readonly #columns: Columns;
  readonly #place: number;

  constructor(columns: Columns, place: number) {
    this.#columns = columns;
    this.#place = place;
  }

  at(slot: number): number {
    return this.#columns.of(slot)[this.#place] ?? 0;
  }
}

/** Values of the kept samples, slot by slot as they are asked for. */
class Columns {
  readonly #kept: readonly Sampled[];
  readonly #resources: readonly ResourceState[];
  readonly #unpacked: UnpackedPages;
  readonly #read = new Map<number, Float64Array>();

  constructor(kept: readonly Sampled[], resources: readonly ResourceState[], unpacked: UnpackedPages) {
    this.#kept = kept;
    this.#resources = resources;
    this.#unpacked = unpacked;
  }

  of(slot: number): Float64Array {
    let values = this.#read.get(slot);
    if (!values) this.#read.set(slot, (values = this.#unpack(slot)));
    return values;
  }

  #unpack(slot: number): Float64Array {
    let current: Sampled[0] | null = null;
    let column: Float64Array | null = null;
    return Float64Array.from(this.#kept, ([page, index]) => {
      if (page !== current) {
        current = page;
        column = page.readSlot(slot, this.#resources);
        this.#unpacked.read(page);
      }
      return column?.[index] ?? 0;
    });
  }
}
