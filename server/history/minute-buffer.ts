/** Samples of one boot of one instance within one minute, before they are packed. */
import type { ResourceState } from "../../core/fleet.ts";
import { encodePage, type DecodedPage, type PageColumn, type WantedColumn } from "../../core/page.ts";
import { columnsOf } from "../../protocol/kinds.ts";
import type { SamplePage } from "../store/store.ts";
import type { SampleSource } from "./sink.ts";

export interface Sample {
  readonly seq: number;
  readonly at: number;
  readonly row: Float64Array;
  readonly slots: number;
  readonly resources: readonly ResourceState[];
}

/** A back-filled minute may stay this small; a live one grows to about 60. */
const FIRST_ROWS = 4;
const INT32_MAX = 0x7fffffff;

export class MinuteBuffer {
  readonly source: SampleSource;
  /** Where the minute begins, ms. */
  readonly start: number;
  /** Monotonic time of the last sample taken. */
  touchedAt = 0;
  lowestSeq = Infinity;
  highestSeq = 0;
  #resources: readonly ResourceState[] = [];
  /** Rows of `#width` slots. 32 bits until a value needs more. */
  #rows: Int32Array | Float64Array = new Int32Array(0);
  #width = 0;
  #count = 0;
  #times = new Float64Array(FIRST_ROWS);
  #seqs = new Float64Array(FIRST_ROWS);
  /** False once a sample came that is older than the one before. */
  #ordered = true;

  constructor(source: SampleSource, start: number) {
    this.source = source;
    this.start = start;
  }

  get samples(): number {
    return this.#count;
  }

  /** Memory held for samples. */
  get bytes(): number {
    return this.#rows.byteLength + this.#times.byteLength * 2;
  }

  /** False when this sequence is here already. */
  add(sample: Sample): boolean {
    if (sample.seq <= this.highestSeq && this.#seqs.subarray(0, this.#count).includes(sample.seq)) return false;
    if (sample.resources.length >= this.#resources.length) this.#resources = sample.resources;
    if (sample.slots > this.#width) this.#widen(sample.slots);
    if ((this.#count + 1) * this.#width > this.#rows.length || this.#count === this.#times.length) this.#grow();
    this.#write(sample);
    const at = Math.round(sample.at);
    if (this.#count > 0 && at < (this.#times[this.#count - 1] as number)) this.#ordered = false;
    this.#times[this.#count] = at;
    this.#seqs[this.#count] = sample.seq;
    this.#count++;
    this.lowestSeq = Math.min(this.lowestSeq, sample.seq);
    this.highestSeq = Math.max(this.highestSeq, sample.seq);
    return true;
  }

  #write({ row, slots }: Sample): void {
    const base = this.#count * this.#width;
    const rows = this.#rows;
    if (rows instanceof Int32Array) {
      for (let i = 0; i < slots; i++) {
        const value = row[i] as number;
        if (value > INT32_MAX) {
          this.#rows = Float64Array.from(rows);
          this.#rows.set(row.subarray(0, slots), base);
          return;
        }
        rows[base + i] = value;
      }
    } else rows.set(row.subarray(0, slots), base);
  }

  #grow(): void {
    const capacity = this.#count < 16 ? Math.max(FIRST_ROWS, this.#count * 2) : this.#count < 60 ? 62 : Math.ceil(this.#count * 1.5);
    const rows = this.#rows;
    this.#rows = rows instanceof Int32Array ? new Int32Array(capacity * this.#width) : new Float64Array(capacity * this.#width);
    this.#rows.set(rows.subarray(0, this.#count * this.#width));
    this.#times = extended(this.#times, capacity);
    this.#seqs = extended(this.#seqs, capacity);
  }

  /** More slots were declared within the minute: what came before reads as unknown there. */
  #widen(slots: number): void {
    const before = this.#rows;
    const old = this.#width;
    this.#width = slots;
    const size = Math.max(FIRST_ROWS, this.#times.length) * slots;
    this.#rows = before instanceof Int32Array ? new Int32Array(size) : new Float64Array(size);
    for (let row = 0; row < this.#count; row++) this.#rows.set(before.subarray(row * old, (row + 1) * old), row * slots);
  }

  /** Packs what is here, in order of time. */
  pack(): SamplePage {
    const order = this.#order();
    const times = this.#gather(this.#times, order);
    const bytes = encodePage({
      resources: this.#resources,
      times,
      seqs: this.#gather(this.#seqs, order),
      read: (column, into) => this.#copyColumn(column, order, into),
    });
    const { environment, service, instance, boot } = this.source;
    return {
      environment,
      service,
      instance,
      boot,
      from: times[0] as number,
      to: times[this.#count - 1] as number,
      lastSeq: this.highestSeq,
      samples: this.#count,
      bytes,
    };
  }

  /** The same as decoding the packed page, without packing. */
  read(wanted: WantedColumn): DecodedPage {
    const order = this.#order();
    const columns: PageColumn[] = [];
    for (const resource of this.#resources) {
      columnsOf(resource.kind).forEach(({ name }, i) => {
        if (!wanted(resource, name)) return;
        const values = new Float64Array(this.#count);
        this.#copyColumn(resource.offset + i, order, values);
        if (values.some((value) => value !== 0)) columns.push({ resource, column: name, values });
      });
    }
    return { times: this.#gather(this.#times, order), seqs: this.#gather(this.#seqs, order), resources: this.#resources, columns };
  }

  /** Rows by time; null when they lie so already. */
  #order(): Uint32Array | null {
    if (this.#ordered) return null;
    return Uint32Array.from({ length: this.#count }, (_, i) => i).sort(
      (a, b) => (this.#times[a] as number) - (this.#times[b] as number) || (this.#seqs[a] as number) - (this.#seqs[b] as number),
    );
  }

  #gather(from: Float64Array, order: Uint32Array | null): Float64Array {
    if (order === null) return from.slice(0, this.#count);
    return Float64Array.from(order, (i) => from[i] as number);
  }

  /** The slots of a row are the columns of its resources in order, so a column is a slot. */
  #copyColumn(column: number, order: Uint32Array | null, into: Float64Array): void {
    const count = this.#count;
    if (column >= this.#width) {
      into.fill(0, 0, count);
      return;
    }
    const width = this.#width;
    const rows = this.#rows;
    if (order !== null) for (let i = 0; i < count; i++) into[i] = rows[(order[i] as number) * width + column] as number;
    else for (let i = 0, at = column; i < count; i++, at += width) into[i] = rows[at] as number;
  }
}

function extended(from: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  if (from.length >= capacity) return from;
  const to = new Float64Array(capacity);
  to.set(from);
  return to;
}
