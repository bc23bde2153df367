/**
 * The packed page: one instance, about a minute of samples, all its columns.
 *
 *   byte     version
 *   varint   samples, resources
 *   block    times: difference to one second after the sample before; the first is the page's start, a varint in front
 *   block    sequences: difference to the next number; the first is a varint in front
 *   for each resource: kind (its place in KIND_NAMES), name, and for each column the length of its block
 *   blocks   in that order; one that is absent (length 0) was never known
 *   4 bytes  CRC-32 of everything before
 *
 * Values are slot numbers (value + 1, 0 for unknown). A few columns can be read without decoding the others.
 */
import { columnsOf, KIND_NAMES, type Kind } from "../protocol/kinds.ts";
import { BitReader, BitsEnded, BitWriter, crc32 } from "./bits.ts";
import { readBlock, writeBlock } from "./block.ts";

const VERSION = 1;
const NOMINAL_MS = 1000;
const MAX_SAMPLES = 100_000;

/** The page is damaged, or of a version this code does not know. Nothing of it is to be trusted. */
export class PageError extends Error {
  override readonly name = "PageError";
}

export interface PageResource {
  readonly kind: Kind;
  readonly name: string;
}

export interface PageInput {
  readonly resources: readonly PageResource[];
  /** Ascending wall times in ms, one a sample. */
  readonly times: Float64Array;
  readonly seqs: Float64Array;
  /** Values of the columns of all resources in order, one array a column, slot numbers. */
  readonly columns: readonly Float64Array[];
}

const out = new BitWriter();
const body = new BitWriter();
const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

/** Packs samples. At least one sample; arrays of equal length. */
export function encodePage(page: PageInput): Uint8Array {
  const count = page.times.length;
  out.reset();
  out.write(VERSION, 8);
  out.varint(count);
  out.varint(page.resources.length);
  writeSteps(page.times, NOMINAL_MS);
  writeSteps(page.seqs, 1);
  const blocks: Uint8Array[] = [];
  let column = 0;
  for (const resource of page.resources) {
    out.varint(KIND_NAMES.indexOf(resource.kind));
    out.varint(resource.name.length);
    for (let i = 0; i < resource.name.length; i++) out.varint(resource.name.charCodeAt(i));
    for (const _ of columnsOf(resource.kind)) {
      const values = page.columns[column++] ?? new Float64Array(count);
      if (values.every((value) => value === 0)) {
        out.varint(0);
        continue;
      }
      body.reset();
      writeBlock(body, values, count);
      const block = body.finish();
      out.varint(block.length);
      blocks.push(block);
    }
  }
  for (const block of blocks) out.bytes(block);
  const packed = out.finish();
  const crc = crc32(packed);
  const sealed = new Uint8Array(packed.length + 4);
  sealed.set(packed);
  for (let i = 0; i < 4; i++) sealed[packed.length + i] = (crc >>> (8 * i)) & 255;
  return sealed;
}

function writeSteps(values: Float64Array, nominal: number): void {
  out.varint(values[0] as number);
  const steps = new Float64Array(Math.max(1, values.length - 1));
  for (let i = 1; i < values.length; i++) steps[i - 1] = zigzag((values[i] as number) - (values[i - 1] as number) - nominal);
  writeBlock(out, steps, steps.length);
}

function readSteps(input: BitReader, count: number, nominal: number): Float64Array {
  const values = new Float64Array(count);
  let value = input.varint();
  values[0] = value;
  const steps = readBlock(input, Math.max(1, count - 1));
  for (let i = 1; i < count; i++) values[i] = value += unzigzag(steps[i - 1] as number) + nominal;
  return values;
}

export interface PageColumn {
  readonly resource: PageResource;
  readonly column: string;
  readonly values: Float64Array;
}

export interface DecodedPage {
  readonly times: Float64Array;
  readonly seqs: Float64Array;
  readonly resources: readonly PageResource[];
  /** The wanted columns that were known at all. */
  readonly columns: readonly PageColumn[];
}

/** Reads a page, or only the columns that `wanted` says yes to. @throws PageError */
export function decodePage(bytes: Uint8Array, wanted: (resource: PageResource, column: string) => boolean = () => true): DecodedPage {
  const end = bytes.length - 4;
  if (end < 4) throw new PageError("the page is too short");
  let stored = 0;
  for (let i = 3; i >= 0; i--) stored = stored * 256 + (bytes[end + i] as number);
  if (crc32(bytes, end) !== stored) throw new PageError("the checksum does not match");
  try {
    return readPage(new BitReader(bytes, 0, end), bytes, wanted);
  } catch (error) {
    if (error instanceof BitsEnded) throw new PageError(error.message, { cause: error });
    throw error;
  }
}

function readPage(input: BitReader, bytes: Uint8Array, wanted: (resource: PageResource, column: string) => boolean): DecodedPage {
  if (input.read(8) !== VERSION) throw new PageError("the page has an unknown version");
  const count = input.varint();
  const resourceCount = input.varint();
  if (count === 0 || count > MAX_SAMPLES || resourceCount > MAX_SAMPLES) throw new PageError("the page is not plausible");
  const times = readSteps(input, count, NOMINAL_MS);
  const seqs = readSteps(input, count, 1);
  const resources: PageResource[] = [];
  const directory: { resource: PageResource; column: string; length: number }[] = [];
  for (let i = 0; i < resourceCount; i++) {
    const kind = KIND_NAMES[input.varint()];
    if (kind === undefined) throw new PageError("the page has an unknown kind");
    const codes = Array.from({ length: Math.min(1024, input.varint()) }, () => input.varint());
    const resource = { kind, name: String.fromCharCode(...codes) };
    resources.push(resource);
    for (const column of columnsOf(kind)) directory.push({ resource, column: column.name, length: input.varint() });
  }
  const columns: PageColumn[] = [];
  let at = input.position;
  for (const { resource, column, length } of directory) {
    if (length > 0 && wanted(resource, column)) columns.push({ resource, column, values: readBlock(new BitReader(bytes, at, at + length), count) });
    at += length;
  }
  return { times, seqs, resources, columns };
}
