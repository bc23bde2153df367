/** Packed pages of many instances in one stream of bytes: for each, its key and boot as JSON after a 4-byte length, the page after another. */

/** What an instance last said is shown for so long after it fell silent, with its age; ms. */
export const LAST_KNOWN_MS = 48 * 3_600_000;

export interface FramedPage {
  readonly key: string;
  readonly boot: string;
  /** As core/page.ts packs it, with its own checksum. */
  readonly bytes: Uint8Array;
}

/** @param encodeText UTF-8, of the platform */
export function framePages(pages: Iterable<FramedPage>, encodeText: (text: string) => Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (const { key, boot, bytes } of pages) {
    const head = encodeText(JSON.stringify([key, boot]));
    parts.push(lengthOf(head), head, lengthOf(bytes), bytes);
  }
  return parts;
}

/** @throws RangeError when the stream is cut off or damaged @param decodeText UTF-8, of the platform */
export function* readFramedPages(stream: Uint8Array, decodeText: (bytes: Uint8Array) => string): Generator<FramedPage> {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  let offset = 0;
  const take = (): Uint8Array => {
    const end = offset + 4 + view.getUint32(offset, true);
    if (end > stream.length) throw new RangeError("the stream of pages is cut off");
    const part = stream.subarray(offset + 4, end);
    offset = end;
    return part;
  };
  while (offset < stream.length) {
    const head: unknown = JSON.parse(decodeText(take()));
    if (!Array.isArray(head) || typeof head[0] !== "string" || typeof head[1] !== "string")
      throw new RangeError("the stream of pages is damaged");
    yield { key: head[0], boot: head[1], bytes: take() };
  }
}

function lengthOf(part: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, part.length, true);
  return length;
}
