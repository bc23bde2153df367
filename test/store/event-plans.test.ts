import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Db } from "../../server/store/db.ts";
import { eventStatement } from "../../server/store/event-log.ts";
import { migrationsFolder, readMigrations } from "../../server/store/migrations.ts";
import { connectSqlite } from "../../server/store/sqlite/connection.ts";
import { migrateSqlite } from "../../server/store/sqlite/migrate-sqlite.ts";
import type { EventQuery } from "../../server/store/store.ts";
import { tempDirs } from "./temp-dir.ts";

const CHOICES: readonly (readonly Partial<EventQuery>[])[] = [
  [{}, { service: "orders" }],
  [{}, { instance: "orders-1" }],
  [{}, { kind: "breaker." }, { kind: "breaker.opened" }],
  [{}, { since: 1 }, { until: 9 }, { since: 1, until: 9 }],
  [{}, { afterId: 4 }],
  [{}, { order: "asc" }],
];

function everyQuery(): EventQuery[] {
  let queries: EventQuery[] = [{ environment: "production", limit: 50 }];
  for (const choice of CHOICES) queries = queries.flatMap((query) => choice.map((part) => ({ ...query, ...part })));
  return queries;
}

/** The cursor that follows the event with id 2 at time 1. */
function cursorOf(query: EventQuery): string {
  const { cursor } = eventStatement(query);
  return Buffer.from(JSON.stringify(cursor.startsWith("time") ? [cursor, 1, 2] : [cursor, 2])).toString("base64url");
}

async function planOf(db: Db, query: EventQuery): Promise<string> {
  const { sql, parameters } = eventStatement(query);
  const rows = await db.$queryRawUnsafe<{ detail: string }[]>(`explain query plan ${sql}`, ...parameters);
  return rows.map((row) => row.detail).join("; ");
}

describe("reading the log", () => {
  const tempDir = tempDirs();

  it("starts from an index that ends in the order asked for, for every mix of filters, so that no page sorts or reads the whole log", async () => {
    const path = join(tempDir(), "test.db");
    await migrateSqlite(path, readMigrations(migrationsFolder("sqlite")));
    const db = connectSqlite({ path, busyTimeoutMs: 0 });
    const queries = everyQuery();
    expect(queries).toHaveLength(192);
    for (const query of queries.flatMap((one) => [one, { ...one, cursor: cursorOf(one) }])) {
      expect(await planOf(db, query), JSON.stringify(query)).toMatch(
        /^SEARCH event USING INDEX event_environment_(id|service_id|type_id|family_id|at_id|service_at_id)_idx \([^;]*\)$/,
      );
    }
    const several = everyQuery().map((one) => ({
      ...one,
      service: ["orders", "payments"],
      kind: ["breaker.", "breaker.opened", "deploy"],
    }));
    for (const query of several) {
      const plan = await planOf(db, query);
      // Two services and two kinds that do not hold one another: four lists in order, of which only what they give is merged.
      expect(plan.match(/SEARCH event USING INDEX event_environment_\w+_idx \([^;]*\); SCAN part/g), plan).toHaveLength(4);
      expect(plan).not.toContain("SCAN event");
    }
    await db.$disconnect();
  });
});
