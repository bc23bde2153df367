/** The frames of a minute as a page, or as columns: decoded once, in whichever thread asks. */
import type { ResourceState } from "../../core/fleet.ts";
import { encodePage, type DecodedPage, type PageColumn, type WantedColumn } from "../../core/page.ts";
import { FRAME_LIVE, FrameDecoder } from "../../protocol/frame.ts";
import { columnsOf } from "../../protocol/kinds.ts";

export interface MinuteContents {
  readonly resources: readonly ResourceState[];
  /** Frames end to end; what does not follow the frame before it is a key frame. */
  readonly frames: Uint8Array;
  /** Where each frame ends. */
  readonly ends: Uint32Array;
  readonly times: Float64Array;
  readonly seqs: Float64Array;
  /** Slots of the widest. */
  readonly width: number;
  /** They lie in order of time. */
  readonly ordered: boolean;
}

/** Rows of the minute at hand, one after the other; reused. */
let matrix = new Float64Array(0);

/** The bytes of the page, in order of time. */
export function packMinute(minute: MinuteContents): Uint8Array {
  decode(minute);
  const order = orderOf(minute);
  return encodePage({
    resources: minute.resources,
    times: gather(minute.times, order),
    seqs: gather(minute.seqs, order),
    read: (column, into) => copyColumn(minute, { column, order, into }),
  });
}

/** The same as decoding the packed page, without packing. */
export function readMinute(minute: MinuteContents, wanted: WantedColumn): DecodedPage {
  decode(minute);
  const order = orderOf(minute);
  const columns: PageColumn[] = [];
  for (const resource of minute.resources) {
    columnsOf(resource.kind).forEach(({ name }, i) => {
      if (!wanted(resource, name)) return;
      const values = new Float64Array(minute.times.length);
      copyColumn(minute, { column: resource.offset + i, order, into: values });
      if (values.some((value) => value !== 0)) columns.push({ resource, column: name, values });
    });
  }
  return { times: gather(minute.times, order), seqs: gather(minute.seqs, order), resources: minute.resources, columns };
}

/** Fills the matrix. */
function decode({ frames, ends, width }: MinuteContents): void {
  if (matrix.length < ends.length * width) matrix = new Float64Array(ends.length * width * 2);
  const decoder = new FrameDecoder();
  for (let i = 0, from = 0; i < ends.length; i++) {
    const to = ends[i] as number;
    const { kind, slots } = decoder.decode(frames.subarray(from, to));
    const { row } = kind === FRAME_LIVE ? decoder.live : decoder.backfill;
    matrix.set(slots === row.length ? row : row.subarray(0, slots), i * width);
    matrix.fill(0, i * width + slots, (i + 1) * width);
    from = to;
  }
}

/** Rows by time; null when they lie so already. */
function orderOf({ times, seqs, ordered }: MinuteContents): Uint32Array | null {
  if (ordered) return null;
  return Uint32Array.from({ length: times.length }, (_, i) => i).sort(
    (a, b) => (times[a] as number) - (times[b] as number) || (seqs[a] as number) - (seqs[b] as number),
  );
}

function gather(from: Float64Array, order: Uint32Array | null): Float64Array {
  return order === null ? from.slice() : Float64Array.from(order, (i) => from[i] as number);
}

/** The slots of a row are the columns of its resources in order, so a column is a slot. */
function copyColumn(
  { width, times: { length: count } }: MinuteContents,
  { column, order, into }: { readonly column: number; readonly order: Uint32Array | null; readonly into: Float64Array },
): void {
  if (column >= width) {
    into.fill(0, 0, count);
    return;
  }
  if (order !== null) for (let i = 0; i < count; i++) into[i] = matrix[(order[i] as number) * width + column] as number;
  else for (let i = 0, at = column; i < count; i++, at += width) into[i] = matrix[at] as number;
}
