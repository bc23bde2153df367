/**
 * The packed page: one instance, a minute or more of samples, all its columns.
 *
 *   byte     version
 *   varint   number of samples, number of resources
 *   varint   time of the first sample, ms; block of what the others differ from one second after the one before
 *   varint   sequence of the first sample; block of what the others differ from the next number
 *   for each resource
 *     varint  kind (its place in KIND_NAMES), length of the name, code units of the name
 *     varint  for each column: 0 never known, 1 always the value zero, 2 always the same (its slot number follows), else the length of
 *             its block and 2
 *   blocks   in that order (page-codings.ts)
 *   4 bytes  CRC-32 of everything before
 *
 * Values are slot numbers (value + 1, 0 for unknown). Times and sequences are exact. A few columns can be read without decoding the
 * others; the checksum is always of the whole.
 */
import { columnsOf, KIND_NAMES, type Kind } from "../protocol/kinds.ts";
import { BitSink, BitSource, PageError } from "./page-bits.ts";
import { readBlock } from "./page-block-reader.ts";
import { writeBlock } from "./page-block-writer.ts";
import { crc32 } from "./page-checksum.ts";

const VERSION = 1;
const NOMINAL_MS = 1000;
/** A day at one a second; also what a damaged count may cost in memory. */
const MAX_SAMPLES = 86_400;
const MAX_RESOURCES = 10_000;
const MAX_NAME = 1024;

/** What the directory says of a column; greater ones are the length of its block and SAME. */
const ABSENT = 0;
export const ZERO = 1;
export const SAME = 2;

export { PageError };

export interface PageResource {
  readonly kind: Kind;
  readonly name: string;
}

export interface PageInput {
  readonly resources: readonly PageResource[];
  /** Wall times in whole ms, one a sample, at least one; best in ascending order. */
  readonly times: Float64Array;
  readonly seqs: Float64Array;
  /** Copies one column into `into`, one slot number a sample. Columns of all resources are counted in order from 0. */
  readonly read: (column: number, into: Float64Array) => void;
}

const head = new BitSink();
const body = new BitSink();
let column = new Float64Array(1024);

const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);
const unzigzag = (value: number): number =>
  value >= 0 && value < 2 ** 31 ? (value >>> 1) ^ -(value & 1) : value % 2 === 0 ? value / 2 : -(value + 1) / 2;

/** Packs samples. */
export function encodePage(page: PageInput): Uint8Array {
  const count = page.times.length;
  if (column.length < count) column = new Float64Array(count * 2);
  head.reset();
  body.reset();
  head.byte(VERSION);
  head.varint(count);
  head.varint(page.resources.length);
  writeSteps(page.times, NOMINAL_MS);
  writeSteps(page.seqs, 1);
  let index = 0;
  for (const resource of page.resources) {
    head.varint(KIND_NAMES.indexOf(resource.kind));
    head.varint(resource.name.length);
    for (let i = 0; i < resource.name.length; i++) head.varint(resource.name.charCodeAt(i));
    for (let columns = columnsOf(resource.kind).length; columns > 0; columns--) {
      page.read(index++, column);
      writeColumn(count);
    }
  }
  return seal();
}

function writeColumn(count: number): void {
  const first = column[0] as number;
  let same = 1;
  while (same < count && column[same] === first) same++;
  if (same === count) {
    head.varint(first === 0 ? ABSENT : first === 1 ? ZERO : SAME);
    if (first > 1) head.varint(first);
    return;
  }
  const start = body.at;
  writeBlock(body, column, count);
  head.varint(body.at - start + SAME);
}

function seal(): Uint8Array {
  const length = head.at + body.at;
  const sealed = new Uint8Array(length + 4);
  sealed.set(head.bytes.subarray(0, head.at));
  sealed.set(body.bytes.subarray(0, body.at), head.at);
  const crc = crc32(sealed, length);
  for (let i = 0; i < 4; i++) sealed[length + i] = crc >>> (8 * i);
  return sealed;
}

/** A gap in a block is 0, so a step of 0 is written as 1. */
function writeSteps(values: Float64Array, nominal: number): void {
  head.varint(values[0] as number);
  const steps = values.length - 1;
  if (steps === 0) return;
  for (let i = 0; i < steps; i++) column[i] = zigzag((values[i + 1] as number) - (values[i] as number) - nominal) + 1;
  writeBlock(head, column, steps);
}

function readSteps(input: BitSource, count: number, nominal: number): Float64Array {
  const values = new Float64Array(count);
  let value = input.varint();
  values[0] = value;
  if (count === 1) return values;
  const steps = readBlock(input, count - 1);
  for (let i = 1; i < count; i++) values[i] = value += unzigzag((steps[i - 1] as number) - 1) + nominal;
  return values;
}

export interface PageColumn {
  readonly resource: PageResource;
  readonly column: string;
  /** Slot numbers, one a sample. */
  readonly values: Float64Array;
}

export interface DecodedPage {
  readonly times: Float64Array;
  readonly seqs: Float64Array;
  readonly resources: readonly PageResource[];
  /** The wanted columns that were known at all. */
  readonly columns: readonly PageColumn[];
}

/** Says which columns of a page to read. */
export type WantedColumn = (resource: PageResource, column: string) => boolean;

export interface OpenedPage {
  readonly times: Float64Array;
  readonly seqs: Float64Array;
  readonly resourceCount: number;
  /** Where the directory begins, and where the blocks must have ended. */
  readonly at: number;
  readonly end: number;
}

/** Checks a page whole, and reads when its samples were. @throws PageError */
export function openPage(bytes: Uint8Array): OpenedPage {
  const end = bytes.length - 4;
  if (end < 4) throw new PageError("the page is too short");
  const stored =
    (bytes[end] as number) +
    (bytes[end + 1] as number) * 2 ** 8 +
    (bytes[end + 2] as number) * 2 ** 16 +
    (bytes[end + 3] as number) * 2 ** 24;
  if (crc32(bytes, end) !== stored) throw new PageError("the checksum does not match");
  const input = new BitSource(bytes, 0, end);
  if (input.byte() !== VERSION) throw new PageError("the page has an unknown version");
  const count = input.varint();
  const resourceCount = input.varint();
  if (count === 0 || count > MAX_SAMPLES || resourceCount > MAX_RESOURCES) throw new PageError("the page is not plausible");
  const times = readSteps(input, count, NOMINAL_MS);
  const seqs = readSteps(input, count, 1);
  return { times, seqs, resourceCount, at: input.at, end };
}

/** Reads a page, or only the columns that `wanted` says yes to. @throws PageError */
export function decodePage(bytes: Uint8Array, wanted: WantedColumn = () => true): DecodedPage {
  const { times, seqs, resourceCount, at: directory, end } = openPage(bytes);
  const count = times.length;
  const input = new BitSource(bytes, directory, end);
  const { resources, found, blocks } = readDirectory(input, resourceCount, wanted);
  const start = input.at;
  if (start + blocks > end) throw new PageError("the page ends early");
  const columns = found.map(({ resource, name, at, length, same }) => ({
    resource,
    column: name,
    values: length === 0 ? new Float64Array(count).fill(same) : readBlock(new BitSource(bytes, start + at, start + at + length), count),
  }));
  return { times, seqs, resources, columns };
}

interface Found {
  readonly resource: PageResource;
  readonly name: string;
  /** From the first block. */
  readonly at: number;
  /** 0: no block, the column is always `same`. */
  readonly length: number;
  readonly same: number;
}

function readDirectory(
  input: BitSource,
  resourceCount: number,
  wanted: WantedColumn,
): { resources: PageResource[]; found: Found[]; blocks: number } {
  const resources: PageResource[] = [];
  const found: Found[] = [];
  let at = 0;
  for (let i = 0; i < resourceCount; i++) {
    const resource = readResource(input);
    resources.push(resource);
    for (const { name } of columnsOf(resource.kind)) {
      const entry = input.varint();
      const same = entry === SAME ? input.varint() : entry === ZERO ? 1 : 0;
      const length = entry > SAME ? entry - SAME : 0;
      if (entry !== ABSENT && wanted(resource, name)) found.push({ resource, name, at, length, same });
      at += length;
    }
  }
  return { resources, found, blocks: at };
}

/** The head of a directory's next part. @throws PageError */
export function readResource(input: BitSource): PageResource {
  const kind = KIND_NAMES[input.varint()];
  if (kind === undefined) throw new PageError("the page has an unknown kind");
  return { kind, name: readName(input) };
}

function readName(input: BitSource): string {
  const length = input.varint();
  if (length > MAX_NAME) throw new PageError("a name is too long");
  let name = "";
  for (let i = 0; i < length; i++) name += String.fromCharCode(input.varint());
  return name;
}
