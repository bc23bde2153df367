/** From cumulative counters to rates a second, per slot, over the last samples of an instance. No React. */
import type { InstanceState } from "../../core/fleet.ts";
import { columnIndex, type Kind } from "../../protocol/kinds.ts";
import { LIMITS } from "../../protocol/limits.ts";

/** Values of a row by slot, as on the wire: an array, or what reads them when it is asked. */
export interface SlotValues {
  at(slot: number): number | undefined;
}

/** One remembered second of an instance. */
export interface RateSample {
  readonly at: number;
  readonly row: SlotValues;
}

/** Samples from before the first one that are only read when somebody looks. */
export interface Earlier {
  /** Time of the last of them. */
  readonly lastAt: number;
  /** Oldest first. */
  readonly read: () => readonly RateSample[];
}

export const HISTORY_MS = 120_000;
/** Every sample of the last seconds is kept, so that rates over them are exact; before, one in so many ms: two minutes of every row of a fleet are hundreds of MB. */
const RECENT = 12;
const THINNED_MS = 2_700;
const BLOCK_ROWS = 8;
/** Points of a line. */
const POINTS_MOST = 120;

/** What is remembered of an instance, as far as screens ask for it. */
export interface Lately {
  /** Oldest first. */
  readonly samples: readonly RateSample[];
  /** Rates a second of a counter, oldest first, as `ratePoints` tells them; the array grows in place. */
  line(slot: number): readonly RatePoint[];
}

/** A line that is continued: what comes is worked out once, not with each drawing. */
interface Line {
  readonly points: RatePoint[];
  /** The last sample that is in it. */
  until: RateSample | null;
}

/** Keeps the last two minutes of rows of one instance, at most one a second, and the older ones thinned. */
export class RateRing implements Lately {
  readonly #samples: RateSample[] = [];
  readonly #lines = new Map<number, Line>();
  /** Memory for the next rows. */
  #block = new Float64Array(0);
  #used = 0;
  #spare: SlotValues | undefined;
  #wholeSince = 0;
  /** Somebody looks at every second of it: nothing more is left out. */
  whole = false;
  #earlier: Earlier | null = null;

  /** Oldest first. */
  get samples(): readonly RateSample[] {
    const earlier = this.#earlier;
    if (earlier === null) return this.#samples;
    this.#earlier = null;
    this.prepend(earlier.read());
    return this.#samples;
  }

  /** From this moment on no sample was left out. */
  get wholeSince(): number {
    return this.#wholeSince;
  }

  line(slot: number): readonly RatePoint[] {
    const { samples } = this;
    let line = this.#lines.get(slot);
    if (!line) this.#lines.set(slot, (line = { points: [], until: null }));
    const last = samples.at(-1);
    if (last === undefined || line.until === last) return line.points;
    const from = line.until === null ? -1 : samples.lastIndexOf(line.until);
    // Nobody has looked for a while, and samples have been left out meanwhile.
    if (from < 0) line.points.length = 0;
    line.points.push(...ratePoints(from < 0 ? samples : samples.slice(from), slot));
    line.points.splice(0, Math.max(0, line.points.length - POINTS_MOST));
    line.until = last;
    return line.points;
  }

  push(at: number, row: Float64Array): void {
    const samples = this.#samples;
    const lastAt = samples.at(-1)?.at ?? this.#earlier?.lastAt;
    if (lastAt !== undefined && at - lastAt < 700) return;
    const copy = this.#roomFor(row.length);
    copy.set(row);
    samples.push({ at, row: copy });
    if (!this.whole) this.#thin(samples.length - RECENT - 1);
    while ((samples[0] as RateSample).at < at - HISTORY_MS) this.#spare = samples.shift()?.row;
    if ((this.#earlier?.lastAt ?? at) < at - HISTORY_MS) this.#earlier = null;
  }

  /** Leaves a sample out when it is too close to the one before it. */
  #thin(index: number): void {
    const [before, sample] = [this.#samples[index - 1], this.#samples[index]];
    if (before === undefined || sample === undefined || sample.at - before.at >= THINNED_MS) return;
    // By hand: this happens a thousand times a second, and a splice makes a list of what it takes.
    for (let i = index + 1; i < this.#samples.length; i++) this.#samples[i - 1] = this.#samples[i] as RateSample;
    this.#samples.pop();
    this.#spare = sample.row;
    this.#wholeSince = sample.at + 1;
  }

  /** Room for a row, where one stood that is not needed any more; a thousand instances would leave as many a second to be collected. */
  #roomFor(slots: number): Float64Array {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare instanceof Float64Array && spare.length === slots) return spare;
    if (this.#used + slots > this.#block.length) {
      this.#block = new Float64Array(slots * BLOCK_ROWS);
      this.#used = 0;
    }
    const room = this.#block.subarray(this.#used, this.#used + slots);
    this.#used += slots;
    return room;
  }

  /** Takes the place of what is there. */
  recall(earlier: Earlier): void {
    this.clear();
    this.#earlier = earlier;
  }

  /** Puts what is known from before the first sample in front of it; what overlaps is left out. */
  prepend(earlier: readonly RateSample[]): void {
    const first = this.samples[0]?.at ?? Infinity;
    this.#lines.clear();
    this.#samples.unshift(...earlier.filter((sample) => sample.at < first - 700));
    const last = this.#samples.at(-1)?.at ?? 0;
    const old = this.#samples.findIndex(({ at }) => at >= last - HISTORY_MS);
    this.#samples.splice(0, Math.max(0, old));
  }

  /** Before its last sample, some may be missing. */
  beginsHere(): void {
    this.#wholeSince = this.#samples.at(-1)?.at ?? 0;
  }

  clear(): void {
    this.#wholeSince = 0;
    this.#lines.clear();
    this.#samples.length = 0;
    this.#earlier = null;
  }
}

/** Slot of a named resource and column, or -1. */
export function slotOf(instance: InstanceState, { kind, name, column }: { kind: Kind; name: string; column: string }): number {
  const resource = instance.resources.find((candidate) => candidate.kind === kind && candidate.name === name);
  const index = columnIndex(kind, column);
  return resource === undefined || index < 0 ? -1 : resource.offset + index;
}

/** Increase a second of a counter over the last `windowMs`; null when not known yet. A reset (new boot) reads as null. */
export function rateAt(samples: readonly RateSample[], slot: number, windowMs = 3000): number | null {
  return rateOver(sampleBefore(samples, windowMs), samples.at(-1), slot);
}

/** The sample that is at least `windowMs` older than the last one, or the oldest there is; undefined when there are not two. */
export function sampleBefore(samples: readonly RateSample[], windowMs = 3000): RateSample | undefined {
  const end = samples.length - 1;
  const last = samples[end];
  if (last === undefined) return undefined;
  let i = end - 1;
  while (i > 0 && last.at - (samples[i] as RateSample).at < windowMs) i--;
  return samples[i];
}

/** Increase a second of a counter between two samples; null when not known, or when it was reset. */
export function rateOver(earlier: RateSample | undefined, later: RateSample | undefined, slot: number): number | null {
  if (earlier === undefined || later === undefined || slot < 0 || earlier.at === later.at) return null;
  const from = earlier.row.at(slot) ?? 0;
  const to = later.row.at(slot) ?? 0;
  return from === 0 || to === 0 || to < from ? null : ((to - from) * 1000) / (later.at - earlier.at);
}

/** A rate at a moment; null where the pen must be lifted. */
export interface RatePoint {
  readonly at: number;
  readonly value: number | null;
}

/** Neighbouring samples further apart than this are a gap, and a gap is drawn as a gap. */
const GAP_MS = LIMITS.staleAfterMs;

/** Rate a second between neighbouring samples, oldest first. A gap, a reset and an unknown value give null. */
export function ratePoints(samples: readonly RateSample[], slot: number): readonly RatePoint[] {
  const points: RatePoint[] = [];
  for (let i = 1; i < samples.length; i++) {
    const before = samples[i - 1] as RateSample;
    const after = samples[i] as RateSample;
    const from = before.row.at(slot) ?? 0;
    const to = after.row.at(slot) ?? 0;
    const elapsed = after.at - before.at;
    const known = slot >= 0 && from > 0 && to >= from && elapsed > 0 && elapsed <= GAP_MS;
    points.push({ at: after.at, value: known ? ((to - from) * 1000) / elapsed : null });
  }
  return points;
}

export interface Cells {
  readonly now: number;
  readonly count: number;
  readonly stepMs: number;
}

/** Sums series on a common grid that ends now, oldest first. A series counts with its last value for up to a gap; a cell nobody knows is null. */
export function sumOnGrid(series: readonly (readonly RatePoint[])[], { now, count, stepMs }: Cells): readonly (number | null)[] {
  const cells = new Array<number | null>(count).fill(null);
  for (const points of series) {
    let next = 0;
    let last: RatePoint | null = null;
    for (let cell = 0; cell < count; cell++) {
      const end = now - (count - 1 - cell) * stepMs;
      for (let point = points[next]; point && point.at <= end; point = points[++next]) last = point;
      if (last === null || last.value === null || end - last.at > GAP_MS) continue;
      cells[cell] = (cells[cell] ?? 0) + last.value;
    }
  }
  return cells;
}
