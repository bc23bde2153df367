/** One window of the past as it was loaded: descriptions, events and packed samples, in the order of time. */
import { PageError } from "../../core/page.ts";
import { LAST_KNOWN_MS, type FramedPage } from "../../core/replay-samples.ts";
import { wholeChanges } from "../../core/replay-story.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import type { RecordedChange, RecordedInstance, ReplayStory } from "../../protocol/replay-api.ts";
import { RecordedPage } from "./recorded-page.ts";
import { placeAfter } from "./replay-window.ts";

/** Rough cost in memory of one described thing: an instance, a change, an event; and of the place of one sample. */
const THING_BYTES = 1_000;
const SAMPLE_BYTES = 80;

/** A page and which of its samples. */
export type Sampled = readonly [page: RecordedPage, index: number];

export class RecordedWindow {
  readonly story: ReplayStory;
  readonly changes: readonly RecordedChange[];
  /** By time. */
  readonly events: readonly LoggedEvent[];
  /** Pages whose checksum or contents were wrong; what they held is left out. */
  get damaged(): number {
    return this.#damaged;
  }

  readonly #pages = new Map<string, RecordedPage[]>();
  #damaged = 0;
  #bytes = 0;
  #inOrder: { readonly samples: readonly Sampled[]; readonly times: Float64Array } | null = null;

  constructor(story: ReplayStory, framed: readonly FramedPage[]) {
    this.story = story;
    this.changes = wholeChanges(story).sort((a, b) => a.at - b.at);
    this.events = [...story.events].sort((a, b) => a.at - b.at || a.id - b.id);
    this.#bytes = (story.instances.length + story.changes.length + story.events.length) * THING_BYTES;
    this.remember(framed);
  }

  /** Adds pages, of the window or of before it. */
  remember(framed: readonly FramedPage[]): void {
    for (const one of framed) {
      const page = readPage(one);
      if (page === null) {
        this.#damaged++;
        continue;
      }
      this.#bytes += page.bytes.length + page.times.length * SAMPLE_BYTES;
      const pages = this.#pages.get(trackOf(page));
      if (pages) pages.push(page);
      else this.#pages.set(trackOf(page), [page]);
    }
    this.#inOrder = null;
  }

  /** Keys of those who were there when it began, and of whose values then nothing is here. */
  silent(): readonly string[] {
    return this.story.instances.filter((instance) => this.lastBefore(instance) === null).map(({ key }) => key);
  }

  /** The last sample of a boot from before the window: what it last said, when it says nothing within. */
  lastBefore({ key, boot }: Pick<RecordedInstance, "key" | "boot">): Sampled | null {
    let found: Sampled | null = null;
    let newest = this.from - LAST_KNOWN_MS;
    for (const page of this.#pages.get(trackOf({ key, boot })) ?? []) {
      const index = page.lastAt(this.from);
      const time = page.times[index] ?? -Infinity;
      if (time < newest) continue;
      found = [page, index];
      newest = time;
    }
    return found;
  }

  get from(): number {
    return this.story.from;
  }

  get to(): number {
    return this.story.to;
  }

  /** Memory it holds without decoded columns, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Samples after `from` and not after `to`, in order of time. */
  samplesWithin(from: number, to: number): readonly Sampled[] {
    const { samples, times } = (this.#inOrder ??= this.#order());
    const place = (at: number): number => placeAfter(times.length, (index) => times[index] as number, at);
    return samples.slice(place(from), place(to));
  }

  /** A page on the edge comes with both windows; each takes its part. */
  #order(): { readonly samples: readonly Sampled[]; readonly times: Float64Array } {
    const found: Sampled[] = [];
    for (const pages of this.#pages.values())
      for (const page of pages)
        for (let index = page.lastAt(this.from) + 1, last = page.lastAt(this.to); index <= last; index++) found.push([page, index]);
    // Time and place in one number: sorted as numbers, a hundred thousand samples take milliseconds.
    const timeOf = ([page, index]: Sampled): number => (page.times[index] as number) - this.from;
    const keys = Float64Array.from(found, (sample, i) => timeOf(sample) * PLACES + i).sort();
    const samples = Array.from(keys, (key) => found[key % PLACES] as Sampled);
    return { samples, times: Float64Array.from(samples, ([page, index]) => page.times[index] as number) };
  }

  /** Those of one boot, in order of time. */
  samplesOf({ key, boot }: Pick<RecordedInstance, "key" | "boot">, from: number, to: number): readonly Sampled[] {
    const found: Sampled[] = [];
    const start = Math.max(from, this.from);
    const end = Math.min(to, this.to);
    for (const page of this.#pages.get(trackOf({ key, boot })) ?? [])
      for (let index = page.lastAt(start) + 1, last = page.lastAt(end); index <= last; index++) found.push([page, index]);
    return found.sort(([a, i], [b, j]) => (a.times[i] as number) - (b.times[j] as number));
  }

  /** The last sample of a boot in this window that is not after `at`. */
  sampleAt({ key, boot }: Pick<RecordedInstance, "key" | "boot">, at: number): Sampled | null {
    let found: Sampled | null = null;
    let newest = this.from;
    for (const page of this.#pages.get(trackOf({ key, boot })) ?? []) {
      const index = page.lastAt(Math.min(at, this.to));
      const time = page.times[index] ?? -Infinity;
      if (time <= newest) continue;
      found = [page, index];
      newest = time;
    }
    return found;
  }
}

/** More samples than this in one window would be a hundred thousand instances. */
const PLACES = 2 ** 32;

const trackOf = ({ key, boot }: { readonly key: string; readonly boot: string }): string => `${key} ${boot}`;

function readPage(framed: FramedPage): RecordedPage | null {
  try {
    return new RecordedPage(framed);
  } catch (error) {
    if (error instanceof PageError || error instanceof RangeError) return null;
    throw error;
  }
}
