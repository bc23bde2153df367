/** The samples of one boot, spread over pages that may overlap and repeat each other, in order of time and each once. */
import type { DecodedPage } from "../../core/page.ts";

export interface OrderedSamples {
  readonly chunk: DecodedPage;
  /** Indexes into the chunk. */
  readonly samples: readonly number[];
  /** All of the chunk, in its own order, and nothing lies between. */
  readonly whole: boolean;
}

/**
 * Usually pages follow each other and nothing is compared. Where they overlap (a back-fill beside what was live), their samples are
 * merged. A sequence that was seen before is left out.
 */
export function inOrder(chunks: readonly DecodedPage[]): OrderedSamples[] {
  const sorted = [...chunks].sort((a, b) => (a.times[0] as number) - (b.times[0] as number));
  const seen = new Seen();
  const ordered: OrderedSamples[] = [];
  for (let at = 0; at < sorted.length;) {
    let end = at + 1;
    let last = lastOf(sorted[at] as DecodedPage);
    while (end < sorted.length && ((sorted[end] as DecodedPage).times[0] as number) <= last)
      last = Math.max(last, lastOf(sorted[end++] as DecodedPage));
    ordered.push(...merge(sorted.slice(at, end), seen));
    at = end;
  }
  return ordered;
}

function lastOf({ times }: DecodedPage): number {
  return times[times.length - 1] as number;
}

function merge(group: readonly DecodedPage[], seen: Seen): OrderedSamples[] {
  const all: { readonly chunk: DecodedPage; readonly i: number; readonly at: number; readonly seq: number }[] = [];
  const [only] = group;
  if (group.length === 1 && only) {
    if (seen.addAll(only.seqs)) return [{ chunk: only, samples: upTo(only.seqs.length), whole: true }];
    const samples: number[] = [];
    for (let i = 0; i < only.seqs.length; i++) if (seen.add(only.seqs[i] as number)) samples.push(i);
    return [{ chunk: only, samples, whole: false }];
  }
  for (const chunk of group) chunk.times.forEach((at, i) => all.push({ chunk, i, at, seq: chunk.seqs[i] as number }));
  all.sort((a, b) => a.at - b.at || a.seq - b.seq);
  const merged: { chunk: DecodedPage; samples: number[]; whole: false }[] = [];
  for (const { chunk, i, seq } of all) {
    if (!seen.add(seq)) continue;
    const current = merged.at(-1);
    if (current?.chunk === chunk) current.samples.push(i);
    else merged.push({ chunk, samples: [i], whole: false });
  }
  return merged;
}

const ranges = new Map<number, readonly number[]>();
const RANGES_MOST = 200;

/** 0 to before `end`: one list for all pages of as many samples. */
function upTo(end: number): readonly number[] {
  let range = ranges.get(end);
  if (range) return range;
  range = Array.from({ length: end }, (_, i) => i);
  if (ranges.size >= RANGES_MOST) ranges.clear();
  ranges.set(end, range);
  return range;
}

/** Sequences met so far. While they only ascend, as they nearly always do, nothing is looked up. */
class Seen {
  readonly #ascending: Float64Array[] = [];
  #last = -Infinity;
  #all: Set<number> | null = null;

  /** Takes them all if they go on ascending; else none, and answers false. */
  addAll(seqs: Float64Array): boolean {
    if (this.#all !== null) return false;
    let last = this.#last;
    for (let i = 0; i < seqs.length; i++) {
      const seq = seqs[i] as number;
      if (seq <= last) return false;
      last = seq;
    }
    this.#last = last;
    this.#ascending.push(seqs);
    return true;
  }

  /** False when it was met before. */
  add(seq: number): boolean {
    if (this.#all === null) {
      this.#all = new Set();
      for (const seqs of this.#ascending) for (const one of seqs) this.#all.add(one);
    }
    if (this.#all.has(seq)) return false;
    this.#all.add(seq);
    return true;
  }
}
