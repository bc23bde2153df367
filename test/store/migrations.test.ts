import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@libsql/client";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diffSchemas, PROVIDERS, readSchema } from "../../scripts/migration-engine.ts";
import { type Migration, migrationsFolder, pendingMigrations, readMigrations } from "../../server/store/migrations.ts";
import { migratePostgres } from "../../server/store/postgresql/migrate-postgres.ts";
import { migrateSqlite } from "../../server/store/sqlite/migrate-sqlite.ts";
import { StoreStartError } from "../../server/store/store.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDirs } from "./temp-dir.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const migration = (name: string, sql: string): Migration => ({ name, sql, checksum: createHash("sha256").update(sql).digest("hex") });
const FIRST = migration("0001_first", `create table "one" ("a" integer primary key);`);
const SECOND = migration("0002_second", `create table "two" ("b" integer); insert into "two" values (7);`);
const FAILING = migration(
  "0002_second",
  `create table "two" ("b" integer); insert into "two" values (7); insert into "nowhere" values (1);`,
);

/** One way to run migrations and look at the outcome, for each database. */
interface Place {
  readonly migrate: (migrations: readonly Migration[]) => Promise<readonly string[]>;
  readonly query: (sql: string) => Promise<Record<string, unknown>[]>;
  readonly tables: () => Promise<string[]>;
}

describe("migrations", () => {
  const tempDir = tempDirs();
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  const places: Record<(typeof PROVIDERS)[number], () => Promise<Place>> = {
    sqlite: async () => {
      const path = join(tempDir(), "test.db");
      const query = async (sql: string): Promise<Record<string, unknown>[]> => {
        const client = createClient({ url: `file:${path}` });
        const { rows } = await client.execute(sql);
        client.close();
        return rows.map((row) => ({ ...row }));
      };
      return {
        migrate: (migrations) => migrateSqlite(path, migrations),
        query,
        tables: async () =>
          (await query(`select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name`)).map((row) =>
            String(row["name"]),
          ),
      };
    },
    postgresql: async () => {
      const connectionString = await server.createDatabase();
      const using = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
        const client = new pg.Client({ connectionString });
        await client.connect();
        try {
          return await work(client);
        } finally {
          await client.end();
        }
      };
      const query = (sql: string) => using(async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
      return {
        migrate: (migrations) => using((client) => migratePostgres(client, migrations)),
        query,
        tables: async () =>
          (await query(`select table_name from information_schema.tables where table_schema = 'public' order by 1`)).map((row) =>
            String(row["table_name"]),
          ),
      };
    },
  };

  for (const provider of PROVIDERS) {
    describe(`on ${provider}`, () => {
      const place = (): Promise<Place> => places[provider]();

      it("have nothing to add to the models they were written from", async () => {
        const snapshot = readFileSync(join(ROOT, "prisma", provider, "migrations", "models.snapshot"), "utf8");
        expect(await diffSchemas(provider, snapshot, readSchema(ROOT, provider))).toBe("");
        expect(await diffSchemas(provider, snapshot, `${snapshot}\nmodel Extra {\n  id Int @id\n}\n`)).toContain(`CREATE TABLE "Extra"`);
      });

      it("lead to the same tables, columns and indexes as the models do from nothing", async () => {
        const [migrated, fresh] = [await place(), await place()];
        await migrated.migrate(readMigrations(migrationsFolder(provider)));
        await fresh.migrate([migration("0001_whole", await diffSchemas(provider, null, readSchema(ROOT, provider)))]);
        const shape = provider === "sqlite" ? SQLITE_SHAPE : POSTGRES_SHAPE;
        const found = await migrated.query(shape);
        expect(found.length).toBeGreaterThan(50);
        expect(found).toEqual(await fresh.query(shape));
      });

      it("make a flip of the time before policies a change of a switch", async () => {
        const { migrate, query } = await place();
        const all = readMigrations(migrationsFolder(provider));
        await migrate(all.slice(0, 1));
        await query(`insert into "flip" ("id", "environment", "switchKey", "position", "scope", "reason", "author", "createdAt", "revision", "status")
          values ('f1', 'production', 'reviews', 'say "no"', '{}', 'slow', 'user:ada', 1, 1, 'live')`);
        await migrate(all);
        const [row] = await query(`select "kind", "key", "policy", "body" from "flip"`);
        expect({ ...row, body: JSON.parse(String(row?.["body"])) }).toEqual({
          kind: "switch",
          key: "reviews",
          policy: null,
          body: { position: 'say "no"' },
        });
      });

      it("let an incident of the time before search be found by what its body says", async () => {
        const { migrate, query } = await place();
        const all = readMigrations(migrationsFolder(provider));
        await migrate(all.filter(({ name }) => name < "0008"));
        const symptoms = [{ service: "payments", resource: { kind: "pool", name: "pay_db" } }];
        const body = JSON.stringify({
          severity: 2,
          title: "Payments are SLOW",
          assignee: null,
          services: ["payments", "orders"],
          symptoms,
        });
        await query(`insert into "incident" ("id", "environment", "number", "status", "startedAt", "updatedAt", "version", "body")
          values ('i1', 'production', 7, 'open', 1, 1, 1, '${body}')`);
        await migrate(all);
        const [row] = await query(`select "severity", "assignee", "services", "words" from "incident"`);
        expect(row).toEqual({
          severity: 2,
          assignee: null,
          services: "\npayments\norders\n",
          words: "#7\npayments are slow\n\npayments\norders\npayments pool pay\ue001db",
        });
      });

      it("are applied in order, once, and noted as prisma migrate notes them", async () => {
        const { migrate, query, tables } = await place();
        expect(await migrate([FIRST])).toEqual(["0001_first"]);
        expect(await migrate([FIRST, SECOND])).toEqual(["0002_second"]);
        expect(await migrate([FIRST, SECOND])).toEqual([]);
        expect(await tables()).toEqual(["_prisma_migrations", "one", "two"]);
        const notes = await query(
          `select "migration_name", "checksum", "applied_steps_count", "rolled_back_at", "finished_at" from "_prisma_migrations" order by 1`,
        );
        expect(notes).toEqual(
          [FIRST, SECOND].map(({ name, checksum }) => ({
            migration_name: name,
            checksum,
            applied_steps_count: 1,
            rolled_back_at: null,
            finished_at: expect.anything(),
          })),
        );
      });

      it("leave nothing behind when they fail half-way, and go on when they are corrected", async () => {
        const { migrate, tables, query } = await place();
        await expect(migrate([FIRST, FAILING])).rejects.toThrow(/^Migration 0002_second failed and left nothing behind: .*nowhere/);
        expect(await tables()).toEqual(["_prisma_migrations", "one"]);
        expect(await migrate([FIRST, SECOND])).toEqual(["0002_second"]);
        expect(await query(`select count(*) as "n" from "two"`)).toEqual([{ n: provider === "sqlite" ? 1 : "1" }]);
      });

      it("are refused when one was changed after it was applied", async () => {
        const { migrate } = await place();
        await migrate([FIRST]);
        const edited = migration(FIRST.name, `${FIRST.sql} -- harmless?`);
        await expect(migrate([edited, SECOND])).rejects.toBeInstanceOf(StoreStartError);
        await expect(migrate([edited])).rejects.toThrow(/0001_first was changed/);
      });

      it("are refused when the database is newer than this version", async () => {
        const { migrate } = await place();
        await migrate([FIRST, SECOND]);
        await expect(migrate([FIRST])).rejects.toThrow(/0002_second.*newer version/);
      });

      it("are applied by one of several consoles that start at once", async () => {
        const { migrate } = await place();
        // The embedded database has but one console: see the lock.
        const consoles = provider === "sqlite" ? 1 : 5;
        const applied = await Promise.all(Array.from({ length: consoles }, () => migrate([FIRST, SECOND])));
        expect(applied.flat().sort()).toEqual(["0001_first", "0002_second"]);
      });
    });
  }

  it("are refused when one would come before what is applied, or was begun and not finished", () => {
    const applied = [{ name: SECOND.name, checksum: SECOND.checksum, finished: true }];
    expect(() => pendingMigrations([FIRST, SECOND], applied)).toThrow(/0001_first comes before 0002_second/);
    expect(() => pendingMigrations([FIRST], [{ name: FIRST.name, checksum: FIRST.checksum, finished: false }])).toThrow(
      /begun and not finished/,
    );
  });

  it("are the same steps for both databases", () => {
    const names = PROVIDERS.map((provider) =>
      readdirSync(migrationsFolder(provider), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])),
    );
    expect(names[0]).toEqual(names[1]);
  });

  it("say it plainly when the installation has none", () => {
    expect(() => migrationsFolder("sqlite", "/")).toThrow(/missing from this installation/);
  });
});

const SQLITE_SHAPE = `
  select 'column' as kind, m.name as "table", c.name as name, c.type || ' ' || c."notnull" || ' ' || coalesce(c.dflt_value, '-') || ' ' || c.pk || ' ' || (m.sql like '%AUTOINCREMENT%') as what
    from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'
  union all
  select 'index', m.name, l.name, l."unique" || ' ' || l.origin || ' ' || (select group_concat(i.name) from pragma_index_info(l.name) i)
    from sqlite_master m, pragma_index_list(m.name) l where m.type = 'table'
  union all
  select 'reference', m.name, f."from", f."table" || ' ' || f."to" || ' ' || f.on_delete || ' ' || f.on_update
    from sqlite_master m, pragma_foreign_key_list(m.name) f where m.type = 'table'
  order by 1, 2, 3`;

const POSTGRES_SHAPE = `
  select 'column' as kind, table_name as "table", column_name as name,
    data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '-') || ' ' || coalesce(datetime_precision::text, '-') as what
    from information_schema.columns where table_schema = 'public'
  union all
  select 'index', tablename, indexname, indexdef from pg_indexes where schemaname = 'public'
  union all
  select 'reference', conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f'
  order by 1, 2, 3`;
