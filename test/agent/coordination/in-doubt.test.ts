import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inDoubt, type SqlClient } from "../../../agent/src/entry-coordination.ts";
import { moveIn, moveOut } from "../../../agent/src/resilience/home.ts";
import type { Part } from "../../../agent/src/resilience/part.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { until } from "../support/until.ts";
import { postgresClient, type TestSql } from "./support/clients.ts";

describe("transactions in doubt", () => {
  let server: TestPostgres;
  let sql: TestSql;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
    sql = postgresClient(url);
  });
  afterAll(async () => {
    await sql.close();
    await server.stop();
  });

  it("are listed with their age while they are prepared, and gone once decided", async () => {
    const parts: Part[] = [];
    const host = {
      attach: (part: Part) => {
        parts.push(part);
        return () => void parts.splice(parts.indexOf(part), 1);
      },
    };
    expect(moveIn(host)).toBe(true);
    const world = new FakeWorld();
    const doubt = inDoubt(sql.client, { name: "orders-db", world });
    expect(parts[0]?.read()).toEqual({ inDoubt: null, oldestMs: null });
    await doubt.refresh();
    expect(parts[0]?.read()).toEqual({ inDoubt: 0, oldestMs: 0 });

    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const gid of ["pay-1", "pay-2"]) {
      await client.query("begin");
      await client.query(`create table "${gid}" (id integer)`);
      await client.query(`prepare transaction '${gid}'`);
    }
    await until("the timer looks", () => {
      world.pass(30_000);
      return doubt.count === 2;
    });
    expect(doubt.list.map(({ gid }) => gid)).toEqual(["pay-1", "pay-2"]);
    expect(doubt.list[0]).toMatchObject({ owner: "postgres", database: "test_1" });
    expect(Math.abs(doubt.list[0]!.preparedAt - Date.now())).toBeLessThan(60_000);
    expect(parts[0]).toMatchObject({ name: "orders-db", kind: "prepared", steering: null });
    expect(parts[0]?.read()).toEqual({ inDoubt: 2, oldestMs: doubt.list[0]!.ageMs });

    await client.query("commit prepared 'pay-1'");
    await client.query("rollback prepared 'pay-2'");
    await client.end();
    await doubt.refresh();
    expect(doubt.list).toEqual([]);
    expect(parts[0]?.read()).toEqual({ inDoubt: 0, oldestMs: 0 });
    doubt.close();
    expect(parts).toHaveLength(0);
    moveOut(host);
  });

  it("are unknown, with the reason, while the database cannot be asked; it looks again later and stops when closed", async () => {
    const world = new FakeWorld();
    let looks = 0;
    const down: SqlClient = {
      query: () => {
        looks++;
        throw new Error("no route");
      },
    };
    const doubt = inDoubt(down, { world });
    await until("it looked", () => doubt.problem === "no route" && world.timers === 1);
    expect(doubt.count).toBeNull();
    world.pass(30_000);
    await until("it looked again", () => looks === 2 && world.timers === 1);
    doubt.close();
    expect(world.timers).toBe(0);
  });
});
