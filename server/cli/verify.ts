/** `verify`: reads everything there is and says what cannot be read. The console may run meanwhile. */
import { decodePage, PageError } from "../../core/page.ts";
import { decodeRollup } from "../../core/rollup-page.ts";
import { migrationsFolder, readMigrations } from "../store/migrations.ts";
import { batches, cellOf, type Row, type TableInfo } from "../store/transfer/table-source.ts";
import { readArgs, type Command } from "./command.ts";
import { openSource } from "./open-source.ts";
import { AuditVerifier, notedHead } from "./verify-audit.ts";

/** Faults that are printed one by one. */
const SHOWN = 20;

export const verify: Command = async ({ config, args, say }) => {
  const audit = new AuditVerifier(notedHead(readArgs(args, { head: "value" }).options.get("head")));
  const source = await openSource(config);
  try {
    const faults: string[] = [...(await source.check())];
    const known = readMigrations(migrationsFolder(config.databaseUrl === undefined ? "sqlite" : "postgresql")).map(({ name }) => name);
    if (source.migrations.join() !== known.join())
      faults.push(`the database has the migrations ${source.migrations.join(", ")}; this version ${known.join(", ")}`);
    for (const table of source.tables) {
      let rows = 0;
      for await (const batch of batches(source, table)) {
        rows += batch.length;
        for (const row of batch) {
          if (table.name === "audit") audit.read(table, row);
          const fault = faultOf(table, row);
          if (fault !== null) faults.push(fault);
        }
      }
      say(`${table.name}: ${rows} rows read`);
    }
    faults.push(...audit.faults());
    for (const fault of faults.slice(0, SHOWN)) say(`FAULT ${fault}`);
    if (faults.length > SHOWN) say(`and ${faults.length - SHOWN} more`);
    say(`head of the audit log: ${audit.head()}`);
    say(faults.length === 0 ? "everything can be read" : `${faults.length} faults: restore a backup, or go on without what cannot be read`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await source.close();
  }
};

function faultOf(table: TableInfo, row: Row): string | null {
  if (table.name !== "sample_page" && table.name !== "rollup_page") return null;
  const cell = (column: string) => cellOf(table, row, column);
  const bytes = cell("bytes") as Uint8Array;
  const from = Number(cell("fromMs"));
  try {
    if (table.name === "rollup_page") decodeRollup(bytes, { from, name: String(cell("resource")) });
    else {
      const { times } = decodePage(bytes);
      if (times.length !== Number(cell("samples"))) return `${where()}: the number of samples is not what its row says`;
    }
    return null;
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    return `${where()}: ${error.message}`;
  }
  function where(): string {
    return `${table.name} of ${String(cell("service"))}/${String(cell("instance"))} from ${new Date(from).toISOString()}`;
  }
}
