/** Samples of one boot of one instance within one minute, before they are packed. */
import type { ResourceState } from "../../core/fleet.ts";
import { encodePage } from "../../core/page.ts";
import { columnsOf } from "../../protocol/kinds.ts";
import type { SamplePage } from "../store/store.ts";
import type { SampleSource } from "./sink.ts";

const FIRST_ROWS = 16;
const INT32_MAX = 0x7fffffff;

export class MinuteBuffer {
  readonly source: SampleSource;
  /** Start of the minute, ms. */
  readonly minute: number;
  resources: readonly ResourceState[] = [];
  /** Console clock at the last sample taken. */
  touchedAt = 0;
  #rows: Int32Array | Float64Array = new Int32Array(0);
  #width = 0;
  #count = 0;
  readonly #times: number[] = [];
  readonly #seqs: number[] = [];
  readonly #known = new Set<number>();

  constructor(source: SampleSource, minute: number) {
    this.source = source;
    this.minute = minute;
  }

  get samples(): number {
    return this.#count;
  }

  get lowestSeq(): number {
    return Math.min(...this.#seqs);
  }

  get highestSeq(): number {
    return Math.max(...this.#seqs);
  }

  get bytes(): number {
    return this.#rows.byteLength;
  }

  /** False when this sequence is here already. */
  add(sample: { readonly seq: number; readonly at: number; readonly row: Float64Array; readonly slots: number; readonly resources: readonly ResourceState[] }): boolean {
    if (this.#known.has(sample.seq)) return false;
    this.#known.add(sample.seq);
    if (sample.resources.length >= this.resources.length) this.resources = sample.resources;
    this.#widen(sample.slots);
    if ((this.#count + 1) * this.#width > this.#rows.length) this.#grow();
    const base = this.#count * this.#width;
    for (let i = 0; i < sample.slots; i++) {
      const value = sample.row[i] as number;
      if (value > INT32_MAX && this.#rows instanceof Int32Array) this.#rows = Float64Array.from(this.#rows);
      this.#rows[base + i] = value;
    }
    this.#times.push(sample.at);
    this.#seqs.push(sample.seq);
    this.#count++;
    return true;
  }

  #grow(): void {
    const capacity = Math.max(FIRST_ROWS, Math.ceil((this.#count + 1) * 1.5)) * this.#width;
    const grown = this.#rows instanceof Int32Array ? new Int32Array(capacity) : new Float64Array(capacity);
    grown.set(this.#rows.subarray(0, this.#count * this.#width));
    this.#rows = grown;
  }

  /** More slots were declared within the minute: what came before reads as unknown there. */
  #widen(slots: number): void {
    if (slots <= this.#width) return;
    const before = this.#rows;
    const old = this.#width;
    this.#width = slots;
    const size = Math.max(FIRST_ROWS, this.#count) * slots;
    this.#rows = before instanceof Int32Array ? new Int32Array(size) : new Float64Array(size);
    for (let row = 0; row < this.#count; row++) this.#rows.set(before.subarray(row * old, (row + 1) * old), row * slots);
  }

  /** Packs what is here, in order of time. */
  pack(): SamplePage {
    const order = Array.from({ length: this.#count }, (_, i) => i).sort((a, b) => (this.#times[a] as number) - (this.#times[b] as number) || (this.#seqs[a] as number) - (this.#seqs[b] as number));
    const gather = (from: readonly number[]): Float64Array => Float64Array.from(order, (i) => from[i] as number);
    const columns: Float64Array[] = [];
    for (const resource of this.resources) {
      for (let i = 0; i < columnsOf(resource.kind).length; i++) {
        const slot = resource.offset + i;
        columns.push(slot < this.#width ? Float64Array.from(order, (row) => this.#rows[row * this.#width + slot] as number) : new Float64Array(this.#count));
      }
    }
    const times = gather(this.#times);
    const bytes = encodePage({ resources: this.resources, times, seqs: gather(this.#seqs), columns });
    const { environment, service, instance, boot } = this.source;
    return { environment, service, instance, boot, from: times[0] as number, to: times.at(-1) as number, lastSeq: this.highestSeq, samples: this.#count, bytes };
  }
}
