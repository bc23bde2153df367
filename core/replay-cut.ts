/** A window cut out of a packed page, without unpacking what nobody asked for: hours are cut by the minute. */
import { encodePage } from "./page.ts";
import { PageReader } from "./replay-page-reader.ts";

/**
 * The samples of a window, ends included; null when there are none. Samples lie in order of time. What comes after the window is not
 * unpacked where that can be helped. @throws PageError
 */
export function cutPage(bytes: Uint8Array, { from, to }: { readonly from: number; readonly to: number }): Uint8Array | null {
  const reader = new PageReader(bytes);
  const { times } = reader;
  const first = times.findIndex((at) => at >= from);
  const end = endOf(times, to);
  return first < 0 || end <= first ? null : cut(reader, first, end);
}

/** The last sample that is not after a moment; null when there is none. @throws PageError */
export function cutLast(bytes: Uint8Array, at: number): Uint8Array | null {
  const reader = new PageReader(bytes);
  const end = endOf(reader.times, at);
  return end === 0 ? null : cut(reader, end - 1, end);
}

/** Behind the last sample that is not after `to`. */
function endOf(times: Float64Array, to: number): number {
  let end = times.length;
  while (end > 0 && (times[end - 1] as number) > to) end--;
  return end;
}

function cut(reader: PageReader, first: number, end: number): Uint8Array {
  const { times, seqs, resources } = reader;
  return encodePage({
    resources,
    times: times.slice(first, end),
    seqs: seqs.slice(first, end),
    read: (column, into) => reader.readWindow(column, { first, end }, into),
  });
}
