/** A packed page of which single values and single columns are read where they lie. Holds little but the bytes and the times. */
import { columnsOf } from "../protocol/kinds.ts";
import { BitSource } from "./page-bits.ts";
import { readBlock } from "./page-block-reader.ts";
import { openPage, PageError, readResource, SAME, ZERO, type OpenedPage, type PageResource } from "./page.ts";
import { readBlockAt } from "./replay-block-at.ts";
import { readBlockWindow } from "./replay-block-window.ts";

/** Where the columns of a page lie, counted over all its resources in order. */
interface PageIndex {
  readonly resources: readonly PageResource[];
  /** 0: never known. Above: where its block begins. Below: always the same, which is `sames` at the complement. */
  readonly places: Int32Array;
  readonly sames: readonly number[];
}

export class PageReader {
  /** Ascending, ms. */
  readonly times: Float64Array;
  readonly seqs: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #opened: Pick<OpenedPage, "resourceCount" | "at" | "end">;
  #index: PageIndex | null = null;

  /** @throws PageError when the page is damaged */
  constructor(bytes: Uint8Array) {
    const { times, seqs, resourceCount, at, end } = openPage(bytes);
    this.times = times;
    this.seqs = seqs;
    this.#bytes = bytes;
    this.#opened = { resourceCount, at, end };
  }

  get resources(): readonly PageResource[] {
    return this.#indexed().resources;
  }

  /** How many columns there are, known or not. */
  get columns(): number {
    return this.#indexed().places.length;
  }

  /** Memory of what is known of where things lie. */
  get indexBytes(): number {
    return this.#index === null ? 0 : this.#index.places.byteLength;
  }

  /** Forgets where things lie; it is found again when it is needed. */
  release(): void {
    this.#index = null;
  }

  /** One value of every known column, put where `slots` says; -1 is nowhere. Whatever else `into` holds stays. */
  readRow(index: number, slots: Int32Array, into: Float64Array): void {
    const { places, sames } = this.#indexed();
    const count = this.times.length;
    const input = new BitSource(this.#bytes, 0, this.#opened.end);
    for (let column = 0; column < places.length; column++) {
      const place = places[column] as number;
      const slot = slots[column] as number;
      if (place === 0 || slot < 0 || slot >= into.length) continue;
      if (place < 0) {
        into[slot] = sames[~place] as number;
        continue;
      }
      input.at = place;
      input.align();
      into[slot] = readBlockAt(input, count, index);
    }
  }

  /** The values of one column; null when it was never known. */
  readColumn(column: number): Float64Array | null {
    const { places, sames } = this.#indexed();
    const place = places[column] ?? 0;
    if (place === 0) return null;
    const count = this.times.length;
    if (place < 0) return new Float64Array(count).fill(sames[~place] as number);
    return readBlock(new BitSource(this.#bytes, place, this.#opened.end), count);
  }

  /** The values of one column from `first` to before `end`, put at the beginning of `into`; 0 is unknown. */
  readWindow(column: number, { first, end }: { readonly first: number; readonly end: number }, into: Float64Array): void {
    const { places, sames } = this.#indexed();
    const place = places[column] ?? 0;
    if (place <= 0) into.fill(place === 0 ? 0 : (sames[~place] as number), 0, end - first);
    else readBlockWindow(new BitSource(this.#bytes, place, this.#opened.end), { count: this.times.length, first, end }, into);
  }

  #indexed(): PageIndex {
    return (this.#index ??= readIndex(this.#bytes, this.#opened));
  }
}

function readIndex(bytes: Uint8Array, { resourceCount, at, end }: Pick<OpenedPage, "resourceCount" | "at" | "end">): PageIndex {
  const input = new BitSource(bytes, at, end);
  const resources: PageResource[] = [];
  const found: number[] = [];
  const sames: number[] = [];
  // Counted from 1, because the directory has to be read to its end before it is known where the blocks begin.
  let next = 1;
  for (let i = 0; i < resourceCount; i++) {
    const resource = readResource(input);
    resources.push(resource);
    for (let columns = columnsOf(resource.kind).length; columns > 0; columns--) {
      const entry = input.varint();
      if (entry > SAME) {
        found.push(next);
        next += entry - SAME;
      } else if (entry === 0) found.push(0);
      else found.push(~(sames.push(entry === ZERO ? 1 : input.varint()) - 1));
    }
  }
  const start = input.at - 1;
  if (start + next > end) throw new PageError("the page ends early");
  return { resources, places: Int32Array.from(found, (place) => (place > 0 ? place + start : place)), sames };
}
