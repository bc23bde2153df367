/**
 * From the embedded database to PostgreSQL. What only grows (the log, pages of samples) is copied while the console runs, as often as one
 * likes; the rest, and the end, when it is stopped. Killed at any point, it goes on from there. The embedded data is left as it is.
 */
import { join } from "node:path";
import { lockData } from "../sqlite/data-lock.ts";
import { databasePath } from "../sqlite/open-sqlite.ts";
import { StoreStartError } from "../store.ts";
import { openPostgresTarget, type PostgresTarget } from "./postgres-target.ts";
import { openSqliteSource } from "./sqlite-source.ts";
import { batches, BEGINNING, type TableInfo, type TableSource } from "./table-source.ts";

export interface MoveOptions {
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly say: (line: string) => void;
}

/** False: the console still runs, so there is an end to come. */
export async function moveToPostgres({ dataDir, databaseUrl, say }: MoveOptions): Promise<boolean> {
  const source = await openSqliteSource(databasePath(dataDir));
  let lock: { readonly release: () => Promise<void> } | null = null;
  try {
    const target = await openPostgresTarget(databaseUrl, dataDir);
    try {
      for (const table of source.tables.filter(({ ascending }) => ascending)) await append(source, target, { table, say });
      lock = await lockData(join(dataDir, "holdfast.lock"), dataDir).catch((error: unknown) => {
        if (error instanceof StoreStartError) return null;
        throw error;
      });
      if (!lock) return false;
      for (const table of source.tables) {
        if (table.ascending) await finish(source, target, { table, say });
        else await rewrite(source, target, { table, say });
      }
      await compare(source, target);
      await target.complete(source.tables);
      return true;
    } finally {
      await target.close();
    }
  } finally {
    await lock?.release();
    await source.close();
  }
}

interface Step {
  readonly table: TableInfo;
  readonly say: MoveOptions["say"];
}

async function append(source: TableSource, target: PostgresTarget, { table, say }: Step): Promise<void> {
  let copied = 0;
  for await (const rows of batches(source, table, 200, await target.placeOf(table))) {
    await target.write(table, rows);
    copied += rows.length;
  }
  if (copied > 0) say(`${table.name}: ${copied} rows copied`);
}

/** What was dropped or joined since it was copied goes there too. */
async function finish(source: TableSource, target: PostgresTarget, step: Step): Promise<void> {
  await append(source, target, step);
  let after = BEGINNING;
  let removed = 0;
  for await (const rows of batches(source, { ...step.table, columns: ["id"] }, 5_000)) {
    const upTo = rows.at(-1)?.place ?? after;
    removed += await target.keepOnly(
      step.table,
      { after, upTo },
      rows.map(({ place }) => place),
    );
    after = upTo;
  }
  removed += await target.keepOnly(step.table, { after, upTo: BigInt(Number.MAX_SAFE_INTEGER) }, []);
  if (removed > 0) step.say(`${step.table.name}: ${removed} rows removed that are gone here`);
}

async function rewrite(source: TableSource, target: PostgresTarget, { table, say }: Step): Promise<void> {
  await target.clear(table);
  let copied = 0;
  for await (const rows of batches(source, table)) {
    await target.write(table, rows);
    copied += rows.length;
  }
  say(`${table.name}: ${copied} rows`);
}

async function compare(source: TableSource, target: PostgresTarget): Promise<void> {
  for (const table of source.tables) {
    let here = 0;
    for await (const rows of batches(source, { ...table, columns: [] }, 5_000)) here += rows.length;
    const there = await target.count(table);
    if (here !== there) throw new StoreStartError(`${table.name} has ${here} rows here and ${there} in PostgreSQL. Run the command again.`);
  }
}
