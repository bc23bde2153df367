/** `export`: events, changes or samples as JSON lines on standard output, or in a file. */
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { decodePage, PageError } from "../../core/page.ts";
import { batches, cellOf, type Row, type TableInfo, type TableSource } from "../store/transfer/table-source.ts";
import { readArgs, UsageError, type Command, type CommandContext } from "./command.ts";
import { openSource } from "./open-source.ts";

const WHAT = { events: "event", changes: "flip", receipts: "receipt", samples: "sample_page" } as const;
type What = keyof typeof WHAT;

interface Filter {
  readonly environment: string | undefined;
  readonly service: string | undefined;
  readonly from: number;
  readonly to: number;
}

export const exportData: Command = async ({ config, args, say }: CommandContext) => {
  const { rest, options } = readArgs(args, { environment: "value", service: "value", from: "value", to: "value", out: "value" });
  const [what = "events"] = rest;
  if (!isWhat(what)) throw new UsageError(`there is no ${what} to export: use one of ${Object.keys(WHAT).join(", ")}`);
  const filter: Filter = {
    environment: options.get("environment"),
    service: options.get("service"),
    from: timeOf(options.get("from"), -Infinity),
    to: timeOf(options.get("to"), Infinity),
  };
  const source = await openSource(config);
  let lines = 0;
  let damaged = 0;
  async function* text(): AsyncGenerator<string> {
    const table = source.tables.find(({ name }) => name === WHAT[what as What]);
    if (!table) return;
    for await (const batch of rowsOf(source, table)) {
      for (const row of batch) {
        const found = what === "samples" ? samplesOf(table, row, filter) : recordOf(table, row, filter);
        if (found === null) damaged++;
        for (const record of found ?? []) yield `${JSON.stringify(record)}\n`;
        lines += found?.length ?? 0;
      }
    }
  }
  try {
    const out = options.get("out");
    await pipeline(Readable.from(text()), out === undefined ? process.stdout : createWriteStream(out, { flags: "wx", mode: 0o600 }), {
      end: out !== undefined,
    });
  } finally {
    await source.close();
  }
  say(`${lines} lines${damaged > 0 ? `; ${damaged} pages are damaged and were left out` : ""}`);
  return damaged > 0 ? 1 : 0;
};

const isWhat = (text: string): text is What => Object.hasOwn(WHAT, text);
const rowsOf = (source: TableSource, table: TableInfo) => batches(source, table, 100);

function timeOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(at)) throw new UsageError(`"${text}" is not a time: give milliseconds or 2026-01-31T12:00:00Z`);
  return at;
}

/** Columns that hold JSON. */
const JSON_COLUMNS = new Set(["data", "body", "scope"]);

function recordOf(table: TableInfo, row: Row, { environment, service, from, to }: Filter): object[] {
  const record = Object.fromEntries(
    table.columns.map((column, i) => {
      const value = row.cells[i] ?? null;
      if (typeof value === "bigint") return [column, Number(value)];
      return [column, JSON_COLUMNS.has(column) && typeof value === "string" ? (JSON.parse(value) as unknown) : value];
    }),
  ) as Record<string, unknown>;
  const at = Number(record["at"] ?? record["createdAt"]);
  if (environment !== undefined && record["environment"] !== undefined && record["environment"] !== environment) return [];
  if (service !== undefined && record["service"] !== undefined && record["service"] !== service) return [];
  return at >= from && at < to ? [record] : [];
}

/** One record for each sample and resource; null when the page is damaged. */
function samplesOf(table: TableInfo, row: Row, { environment, service, from, to }: Filter): object[] | null {
  const cell = (column: string): string => String(cellOf(table, row, column));
  if ((environment !== undefined && cell("environment") !== environment) || (service !== undefined && cell("service") !== service))
    return [];
  if (Number(cell("toMs")) < from || Number(cell("fromMs")) >= to) return [];
  try {
    const page = decodePage(cellOf(table, row, "bytes") as Uint8Array);
    const records: object[] = [];
    page.times.forEach((at, i) => {
      if (at < from || at >= to) return;
      for (const resource of page.resources) {
        const known = page.columns.filter((column) => column.resource === resource && column.values[i] !== 0);
        if (known.length === 0) continue;
        records.push({
          at,
          environment: cell("environment"),
          service: cell("service"),
          instance: cell("instance"),
          boot: cell("boot"),
          kind: resource.kind,
          resource: resource.name,
          values: Object.fromEntries(known.map(({ column, values }) => [column, (values[i] as number) - 1])),
        });
      }
    });
    return records;
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    return null;
  }
}
