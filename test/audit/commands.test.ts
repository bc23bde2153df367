/** Commands that move data take the audit log along whole, and leave an entry. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AUDIT_GENESIS } from "../../protocol/audit.ts";
import { runCommand } from "../../server/cli/run-command.ts";
import { readConfig } from "../../server/config.ts";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import type { AuditEntry } from "../../server/store/audit-entry.ts";
import { openPostgresTarget } from "../../server/store/transfer/postgres-target.ts";
import { newAudit } from "../contract/samples.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

let folder: string;
let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
  folder = mkdtempSync(join(tmpdir(), "holdfast-audit-cli-"));
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

type Environment = Readonly<Record<string, string>>;
const run = async (args: readonly string[], environment: Environment): Promise<string> => {
  const lines: string[] = [];
  const code = await runCommand(
    args,
    () => readConfig(environment),
    (line) => lines.push(line),
  );
  return `${code}: ${lines.join("\n")}`;
};
async function read(environment: Environment): Promise<readonly AuditEntry[]> {
  const { databaseUrl, dataDir } = readConfig(environment);
  const { store } = await openStore({ databaseUrl, dataDir, log: createLog("silent") });
  try {
    expect(await store.verifyAudit({ seq: 0, hash: AUDIT_GENESIS }, 1_000)).toMatchObject({ fault: null, done: true });
    return (await store.listAudit({ limit: 500, order: "asc" })).items;
  } finally {
    await store.close();
  }
}
async function filled(environment: Environment, count: number): Promise<readonly AuditEntry[]> {
  const { databaseUrl, dataDir } = readConfig(environment);
  const { store } = await openStore({ databaseUrl, dataDir, log: createLog("silent") });
  try {
    return await store.appendAudit(Array.from({ length: count }, (_, index) => newAudit({ reason: `${index} ünï 🎈`, at: index })));
  } finally {
    await store.close();
  }
}
const byMe = { actor: { kind: "cli", name: userInfo().username }, source: "cli", address: null, outcome: "done" };

it("a restored backup has the log of the backup, and that it was restored", async () => {
  const from = { HOLDFAST_DATA: join(folder, "a") };
  const entries = await filled(from, 5);
  expect(await run(["backup", join(folder, "copy")], from)).toMatch(/^0:/);
  await filled(from, 2);
  const to = { HOLDFAST_DATA: join(folder, "b") };
  expect(await run(["restore", join(folder, "copy")], to)).toMatch(/^0: restored/);
  const found = await read(to);
  expect(found.slice(0, 5)).toEqual(entries);
  expect(found.slice(5)).toMatchObject([{ ...byMe, action: "data.restored", after: { sha256: expect.any(String) } }]);
}, 60_000);

it("a move to PostgreSQL takes the chain along as it is, goes on with it, and guards it there", async () => {
  const from = { HOLDFAST_DATA: join(folder, "c") };
  const entries = await filled(from, 450);
  const to = { ...from, DATABASE_URL: await server.createDatabase() };
  expect(await run(["move-to-postgresql"], to)).toMatch(/^0: [^]*moved/);
  const found = await read(to);
  expect(found.slice(0, 450)).toEqual(entries);
  expect(found.slice(450)).toMatchObject([{ ...byMe, action: "data.moved" }]);
  expect(await read(from)).toEqual(entries);
  const client = new pg.Client({ connectionString: to.DATABASE_URL });
  await client.connect();
  await expect(client.query(`delete from "audit"`)).rejects.toThrow("never changed or deleted");
  await client.end();
}, 60_000);

it("a transfer that was cut off may begin its table anew, and the triggers are there again afterwards", async () => {
  const databaseUrl = await server.createDatabase();
  const target = await openPostgresTarget(databaseUrl, "test");
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const table = { name: "audit", columns: ["id"], ascending: false };
    const names = `"at", "actorKind", "actorName", "source", "action", "outcome", "previous", "hash"`;
    await client.query(`insert into "audit" (${names}) values (1, 'user', 'Ada', 'api', 'x', 'done', '0', '1')`);
    await expect(client.query(`truncate "audit"`)).rejects.toThrow("never changed or deleted");
    await target.clear(table);
    expect(await target.count(table)).toBe(0);
    await client.query(`insert into "audit" (${names}) values (1, 'user', 'Ada', 'api', 'x', 'done', '0', '1')`);
    await expect(client.query(`delete from "audit"`)).rejects.toThrow("never changed or deleted");
  } finally {
    await client.end();
    await target.close();
  }
}, 60_000);
