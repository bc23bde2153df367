/** One packed minute of one instance. Its times are read at once, its columns only when the replay comes to it. */
import type { ResourceState } from "../../core/fleet.ts";
import { decodePage, type DecodedPage, type PageResource } from "../../core/page.ts";
import type { FramedPage } from "../../core/replay-samples.ts";
import { columnIndex } from "../../protocol/kinds.ts";
import { placeAfter } from "./replay-window.ts";

interface Layout {
  readonly resources: readonly ResourceState[];
  /** Slot of each decoded column in the row of the instance; -1 where it has no such resource. */
  readonly slots: readonly number[];
}

export class RecordedPage {
  readonly key: string;
  readonly boot: string;
  readonly bytes: Uint8Array;
  /** Ascending, ms. */
  readonly times: Float64Array;
  #decoded: DecodedPage | null = null;
  #layout: Layout | null = null;

  /** @throws PageError when the page is damaged */
  constructor({ key, boot, bytes }: FramedPage) {
    this.key = key;
    this.boot = boot;
    this.bytes = bytes;
    this.times = decodePage(bytes, () => false).times;
  }

  /** Memory that decoded columns take; 0 while they are packed. */
  get decodedBytes(): number {
    return this.#decoded === null ? 0 : this.#decoded.columns.length * this.times.length * 8;
  }

  /** Drops the decoded columns; they are decoded again when they are needed. */
  release(): void {
    this.#decoded = null;
    this.#layout = null;
  }

  /** Place of the last sample that is not after `at`, or -1. */
  lastAt(at: number): number {
    return placeAfter(this.times.length, (index) => this.times[index] as number, at) - 1;
  }

  /** The row of the instance at one sample, in the order in which its resources are placed now. Slots the page does not know are 0. */
  readRow(index: number, resources: readonly ResourceState[], into: Float64Array): void {
    const decoded = (this.#decoded ??= decodePage(this.bytes));
    if (this.#layout?.resources !== resources) this.#layout = { resources, slots: layOut(decoded, resources) };
    const { slots } = this.#layout;
    into.fill(0);
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      if (slot >= 0 && slot < into.length) into[slot] = decoded.columns[i]?.values[index] ?? 0;
    }
  }
}

/** A name may come twice, when what was retired was declared again: the first is the first. */
function layOut(decoded: DecodedPage, resources: readonly ResourceState[]): readonly number[] {
  const offsets = new Map<string, number[]>();
  for (const { kind, name, offset } of resources) {
    const key = `${kind} ${name}`;
    offsets.set(key, [...(offsets.get(key) ?? []), offset]);
  }
  const seen = new Map<string, number>();
  const offsetOf = new Map<PageResource, number>();
  for (const resource of decoded.resources) {
    const key = `${resource.kind} ${resource.name}`;
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    offsetOf.set(resource, offsets.get(key)?.[nth] ?? -1);
  }
  return decoded.columns.map(({ resource, column }) => {
    const offset = offsetOf.get(resource) ?? -1;
    return offset < 0 ? -1 : offset + columnIndex(resource.kind, column);
  });
}
