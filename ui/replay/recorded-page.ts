/** One packed minute of one instance. Its times are read at once, its values only when the replay comes to it. */
import type { ResourceState } from "../../core/fleet.ts";
import type { PageResource } from "../../core/page.ts";
import { PageReader } from "../../core/replay-page-reader.ts";
import type { FramedPage } from "../../core/replay-samples.ts";
import { columnsOf } from "../../protocol/kinds.ts";
import { compactColumn, valueAt, type CompactColumn } from "./compact-column.ts";
import { placeAfter } from "./replay-window.ts";

/** Rough cost in memory of a column besides its values. */
const COLUMN_BYTES = 150;

interface Layout {
  readonly resources: readonly ResourceState[];
  /** Slot of each column of the page in the row of the instance; -1 where it has no such resource. */
  readonly slots: Int32Array;
}

export class RecordedPage {
  readonly key: string;
  readonly boot: string;
  readonly bytes: Uint8Array;
  /** Ascending, ms. */
  readonly times: Float64Array;
  readonly #reader: PageReader;
  /** Every column, when the page is played; null within it where nothing was known. */
  #columns: readonly (CompactColumn | null)[] | null = null;
  #layout: Layout | null = null;

  /** @throws PageError when the page is damaged */
  constructor({ key, boot, bytes }: FramedPage) {
    this.key = key;
    this.boot = boot;
    this.bytes = bytes;
    this.#reader = new PageReader(bytes);
    this.times = this.#reader.times;
  }

  /** Memory that unpacked columns take, and knowing where the others lie; 0 before anything was read. */
  get decodedBytes(): number {
    const columns = this.#columns?.reduce((sum, column) => sum + (column === null ? 0 : column.values.byteLength + COLUMN_BYTES), 0) ?? 0;
    return columns + this.#reader.indexBytes + (this.#layout?.slots.byteLength ?? 0);
  }

  /** Drops what was unpacked; it is unpacked again when it is needed. */
  release(): void {
    this.#columns = null;
    this.#layout = null;
    this.#reader.release();
  }

  /** Place of the last sample that is not after `at`, or -1. */
  lastAt(at: number): number {
    return placeAfter(this.times.length, (index) => this.times[index] as number, at) - 1;
  }

  /** Unpacks all of it, for one who is going to read sample after sample. */
  unpack(): void {
    this.#columns ??= Array.from({ length: this.#reader.columns }, (_, column) => {
      const values = this.#reader.readColumn(column);
      return values && compactColumn(values);
    });
  }

  /** The row of the instance at one sample, in the order in which its resources are placed now. Slots the page does not know are 0. */
  readRow(index: number, resources: readonly ResourceState[], into: Float64Array): void {
    const slots = this.#slotsOf(resources);
    into.fill(0);
    if (this.#columns === null) {
      this.#reader.readRow(index, slots, into);
      return;
    }
    for (let i = 0; i < this.#columns.length; i++) {
      const column = this.#columns[i];
      const slot = slots[i] as number;
      if (column && slot >= 0 && slot < into.length) into[slot] = valueAt(column, index);
    }
  }

  /** All values of one slot; null when the page does not know it. */
  readSlot(slot: number, resources: readonly ResourceState[]): Float64Array | null {
    const column = this.#slotsOf(resources).indexOf(slot);
    return column < 0 ? null : this.#reader.readColumn(column);
  }

  #slotsOf(resources: readonly ResourceState[]): Int32Array {
    if (this.#layout?.resources !== resources) this.#layout = { resources, slots: layOut(this.#reader.resources, resources) };
    return this.#layout.slots;
  }
}

/** A name may come twice, when what was retired was declared again: the first is the first. */
function layOut(packed: readonly PageResource[], resources: readonly ResourceState[]): Int32Array {
  const slots: number[] = [];
  const offsets = offsetsOf(packed, resources);
  for (const [i, { kind }] of packed.entries()) {
    const offset = offsets[i] as number;
    for (let column = 0, columns = columnsOf(kind).length; column < columns; column++) slots.push(offset < 0 ? -1 : offset + column);
  }
  return Int32Array.from(slots);
}

function offsetsOf(packed: readonly PageResource[], resources: readonly ResourceState[]): readonly number[] {
  // Nearly always they are declared in the same order.
  if (packed.every(({ kind, name }, i) => resources[i]?.name === name && resources[i].kind === kind))
    return packed.map((_, i) => resources[i]?.offset ?? -1);
  const offsets = new Map<string, number[]>();
  for (const { kind, name, offset } of resources) {
    const key = `${kind} ${name}`;
    offsets.set(key, [...(offsets.get(key) ?? []), offset]);
  }
  const seen = new Map<string, number>();
  return packed.map(({ kind, name }) => {
    const key = `${kind} ${name}`;
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    return offsets.get(key)?.[nth] ?? -1;
  });
}
