/**
 * A whole database as one file, for databases that cannot copy themselves: gzip of JSON lines. The first says what it is, then for each table
 * one line with its columns and one for each row, and last the number of rows: without it the file is cut off.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { StoreStartError } from "../store.ts";
import type { PostgresTarget } from "./postgres-target.ts";
import { batches, type CellValue, type Row, type TableInfo, type TableSource } from "./table-source.ts";

const FORMAT = "holdfast-archive-1";
const ROWS_PER_WRITE = 200;

/** Bytes, dates and long numbers are marked, because JSON has none. */
function packed(value: CellValue): unknown {
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString("base64") };
  if (value instanceof Date) return { d: value.toISOString() };
  if (typeof value === "bigint") return String(value);
  return value;
}

function unpacked(value: unknown): CellValue {
  if (typeof value !== "object" || value === null) return value as CellValue;
  const marked = value as { readonly b?: string; readonly d?: string };
  return marked.b !== undefined ? Buffer.from(marked.b, "base64") : new Date(marked.d ?? Number.NaN);
}

/** Answers the number of rows. */
export async function writeArchive(source: TableSource, path: string): Promise<number> {
  let rows = 0;
  async function* lines(): AsyncGenerator<string> {
    yield `${JSON.stringify({ format: FORMAT, migrations: source.migrations })}\n`;
    for (const table of source.tables) {
      yield `${JSON.stringify({ table: table.name, columns: table.columns })}\n`;
      for await (const batch of batches(source, table)) {
        rows += batch.length;
        yield batch.map(({ cells }) => `${JSON.stringify(cells.map(packed))}\n`).join("");
      }
    }
    yield `${JSON.stringify({ rows })}\n`;
  }
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(path, { flags: "wx", flush: true, mode: 0o600 }));
  return rows;
}

/** Answers the number of rows. @throws StoreStartError when it is not whole or of another version */
export async function readArchive(path: string, target: PostgresTarget, migrations: readonly string[]): Promise<number> {
  const tables: TableInfo[] = [];
  let table: TableInfo | null = null;
  let waiting: Row[] = [];
  let rows = 0;
  let told: number | null = null;
  const flush = async (): Promise<void> => {
    if (table && waiting.length > 0) await target.write(table, waiting);
    waiting = [];
  };
  for await (const line of createInterface({ input: createReadStream(path).pipe(createGunzip()), crlfDelay: Infinity })) {
    const parsed = JSON.parse(line) as unknown;
    if (Array.isArray(parsed)) {
      waiting.push({ place: BigInt(++rows), cells: parsed.map(unpacked) });
      if (waiting.length >= ROWS_PER_WRITE) await flush();
      continue;
    }
    const head = parsed as { format?: string; migrations?: string[]; table?: string; columns?: string[]; rows?: number };
    if (head.format !== undefined) checkHead(head, migrations);
    if (head.rows !== undefined) told = head.rows;
    if (head.table === undefined) continue;
    await flush();
    table = { name: head.table, columns: head.columns ?? [], ascending: false };
    tables.push(table);
    await target.clear(table);
  }
  await flush();
  if (told !== rows) throw new StoreStartError(`${path} is cut off: it holds ${rows} rows and should hold ${told ?? "more"}.`);
  await target.complete(tables);
  return rows;
}

function checkHead({ format, migrations: made }: { format?: string; migrations?: string[] }, migrations: readonly string[]): void {
  if (format !== FORMAT) throw new StoreStartError("This is not an archive that this version can read.");
  if (made?.join() !== migrations.join())
    throw new StoreStartError("The archive was made by another version. Restore it with that version, then upgrade.");
}
