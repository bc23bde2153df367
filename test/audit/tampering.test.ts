/** Somebody with the database in hand changes the audit log: first as the database allows, then as one who drops the triggers. */
import { createClient } from "@libsql/client";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { AUDIT_GENESIS } from "../../protocol/audit.ts";
import { runCommand } from "../../server/cli/run-command.ts";
import { readConfig } from "../../server/config.ts";
import { createLog } from "../../server/log.ts";
import { hashOf, rowOf, type AuditRow } from "../../server/store/audit-chain.ts";
import { openStore, type OpenStore } from "../../server/store/open-store.ts";
import { databasePath } from "../../server/store/sqlite/open-sqlite.ts";
import { newAudit } from "../contract/samples.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

interface Hand {
  readonly run: (sql: string) => Promise<readonly Record<string, unknown>[]>;
  readonly dropTriggers: () => Promise<void>;
  readonly close: () => Promise<void>;
}
interface Place {
  readonly environment: Readonly<Record<string, string>>;
  readonly open: () => Promise<OpenStore>;
  readonly hand: () => Promise<Hand>;
  readonly remove: () => Promise<void>;
}

async function sqlite(): Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-audit-"));
  return {
    environment: { HOLDFAST_DATA: dataDir },
    open: () => openStore({ dataDir, log: createLog("silent") }),
    hand: () => {
      const client = createClient({ url: `file:${databasePath(dataDir)}` });
      const run = async (sql: string) => (await client.execute(sql)).rows as unknown as Record<string, unknown>[];
      const dropTriggers = async (): Promise<void> => {
        for (const name of ["updated", "deleted", "replaced"]) await run(`drop trigger "audit_never_${name}"`);
      };
      return Promise.resolve({ run, dropTriggers, close: async () => client.close() });
    },
    remove: async () => rmSync(dataDir, { recursive: true }),
  };
}

/** One server for all tests, each with a database of its own. */
let server: TestPostgres | undefined;
afterAll(() => server?.stop());

async function postgres(): Promise<Place> {
  server ??= await startPostgres();
  const databaseUrl = await server.createDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-audit-"));
  return {
    environment: { HOLDFAST_DATA: dataDir, DATABASE_URL: databaseUrl },
    open: () => openStore({ databaseUrl, dataDir, log: createLog("silent") }),
    hand: async () => {
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      const run = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;
      const dropTriggers = async (): Promise<void> => {
        await run(`alter table "audit" disable trigger all`);
      };
      return { run, dropTriggers, close: () => client.end() };
    },
    remove: async () => rmSync(dataDir, { recursive: true }),
  };
}

describe.each([
  ["SQLite", sqlite],
  ["PostgreSQL", postgres],
])("the audit log on %s", (_, makePlace) => {
  let place: Place;
  let opened: OpenStore;
  let hand: Hand;
  let noted: string;
  const lines: string[] = [];

  beforeEach(async () => {
    lines.length = 0;
    place = await makePlace();
    opened = await place.open();
    for (let i = 1; i <= 10; i++) await opened.store.appendAudit([newAudit({ reason: `reason ${i}` })]);
    const head = await opened.store.auditHead();
    noted = `${head?.seq ?? 0}:${head?.hash ?? ""}`;
    hand = await place.hand();
  }, 60_000);
  afterEach(async () => {
    await hand.close();
    await opened.store.close();
    await place.remove();
  });

  const verify = (...args: string[]): Promise<number> =>
    runCommand(
      ["verify", ...args],
      () => readConfig(place.environment),
      (line) => lines.push(line),
    );
  const said = (): string => lines.filter((line) => line.startsWith("FAULT")).join();
  /** What the API's verify and the command say is one: the first that does not fit. */
  const firstMisfit = async (): Promise<unknown> => (await opened.store.verifyAudit({ seq: 0, hash: AUDIT_GENESIS }, 100)).fault;
  const row = async (id: number): Promise<AuditRow> => {
    const [raw = {}] = await hand.run(`select * from "audit" where "id" = ${id}`);
    return rowOf((column) => raw[column]);
  };

  it("fits as it is, and says its head", async () => {
    expect(await verify("--head", noted)).toBe(0);
    expect(lines).toContain(`head of the audit log: ${noted}`);
    expect(await firstMisfit()).toBeNull();
  }, 30_000);

  it("refuses to be changed, shortened, emptied or written over", async () => {
    for (const sql of [
      `update "audit" set "reason" = 'another' where "id" = 4`,
      `delete from "audit" where "id" = 4`,
      `delete from "audit"`,
    ])
      await expect(hand.run(sql), sql).rejects.toThrow("entries of the audit log are never");
    const others =
      place.environment["DATABASE_URL"] === undefined
        ? `insert or replace into "audit" select * from "audit" where "id" = 4`
        : `truncate "audit"`;
    await expect(hand.run(others)).rejects.toThrow("entries of the audit log are never");
    expect(await verify("--head", noted)).toBe(0);
  }, 30_000);

  it("shows an entry that was edited", async () => {
    await hand.dropTriggers();
    await hand.run(`update "audit" set "reason" = 'another' where "id" = 4`);
    expect(await verify()).toBe(1);
    expect(said()).toContain("audit entry 4 was changed after it was written; it is the first that does not fit");
    expect(await firstMisfit()).toEqual({ seq: 4, what: "changed" });
  }, 30_000);

  it("shows an entry that was edited and hashed anew, by the one that follows it", async () => {
    await hand.dropTriggers();
    const edited = { ...(await row(4)), reason: "another" };
    await hand.run(`update "audit" set "reason" = 'another', "hash" = '${hashOf(edited)}' where "id" = 4`);
    expect(await verify()).toBe(1);
    expect(said()).toContain("audit entry 5 does not follow the entry before it");
    expect(await firstMisfit()).toEqual({ seq: 5, what: "unlinked" });
  }, 30_000);

  it("shows an entry that was deleted from the middle, and one from the beginning", async () => {
    await hand.dropTriggers();
    await hand.run(`delete from "audit" where "id" = 4`);
    expect(await verify()).toBe(1);
    expect(said()).toContain("audit entry 4 is missing");
    await hand.run(`delete from "audit" where "id" < 4`);
    expect(await firstMisfit()).toEqual({ seq: 1, what: "missing" });
  }, 30_000);

  it("shows an entry that was put in, and two that changed places", async () => {
    await hand.dropTriggers();
    await hand.run(`update "audit" set "id" = "id" + 1000 where "id" >= 5`);
    await hand.run(`update "audit" set "id" = "id" - 999 where "id" > 1000`);
    const columns = Object.keys(await row(4)).filter((column) => column !== "id");
    const names = columns.map((column) => `"${column}"`).join(", ");
    await hand.run(`insert into "audit" ("id", ${names}) select 5, ${names} from "audit" where "id" = 4`);
    expect(await verify()).toBe(1);
    expect(await firstMisfit()).toMatchObject({ seq: 5 });
    await hand.run(`delete from "audit" where "id" = 5`);
    await hand.run(`update "audit" set "id" = "id" - 1 where "id" > 5`);
    expect(await firstMisfit()).toBeNull();
    for (const [from, to] of [
      [7, 100],
      [8, 7],
      [100, 8],
    ] as const)
      await hand.run(`update "audit" set "id" = ${to} where "id" = ${from}`);
    expect(await firstMisfit()).toEqual({ seq: 7, what: "changed" });
  }, 30_000);

  it("shows a tail that was cut off to whoever noted the head", async () => {
    await hand.dropTriggers();
    await hand.run(`delete from "audit" where "id" > 7`);
    expect(await verify()).toBe(0);
    expect(await verify("--head", noted)).toBe(1);
    expect(said()).toContain("audit entry 8 is missing: the log was cut off, for entry 10 was noted");
    const [seq = "", hash = ""] = noted.split(":");
    expect((await opened.store.verifyAudit({ seq: Number(seq), hash }, 10)).fault).toEqual({ seq: 8, what: "missing" });
    for (let i = 8; i <= 12; i++) await opened.store.appendAudit([newAudit({ reason: "written over" })]);
    expect(await verify()).toBe(0);
    expect(await verify("--head", noted)).toBe(1);
    expect(said()).toContain("audit entry 10 is not the one that was noted");
  }, 30_000);
});
