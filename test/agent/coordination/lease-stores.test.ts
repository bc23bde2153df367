import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaseTable, lock, redisLeases, sqlLeases, type LeaseStore, type SqlClient } from "../../../agent/src/entry-coordination.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { age, postgresClient, sqliteClient, type TestSql } from "./support/clients.ts";

interface Subject {
  readonly leases: LeaseStore;
  pass(ms: number): Promise<void>;
}

let made = 0;

function contract(subject: () => Subject): void {
  const ask = (holder: string, name = `lease-${made}`) => subject().leases.acquire({ name, holder, ttlMs: 10_000 });

  it("grants to one of many contenders, with a token that is nobody else's", async () => {
    made++;
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => ask(`c${i}`)));
    const granted = answers.filter((grant) => grant !== null);
    expect(granted).toEqual([{ token: 1, takeover: false }]);
  });

  it("grows the token with every grant: after a release, after a holder that ran out, and to the same holder", async () => {
    const name = `lease-${++made}`;
    const { leases, pass } = subject();
    expect(await ask("a")).toEqual({ token: 1, takeover: false });
    await leases.release({ name, holder: "a", token: 1 });
    expect(await ask("b")).toEqual({ token: 2, takeover: false });
    await pass(10_001);
    expect(await ask("c")).toEqual({ token: 3, takeover: true });
    expect(await ask("c")).toEqual({ token: 4, takeover: false });
    expect(await ask("a")).toBeNull();
  });

  it("renews only for who holds it, with the token it was granted", async () => {
    const name = `lease-${++made}`;
    const { leases, pass } = subject();
    await ask("a");
    await pass(8_000);
    expect(await leases.renew({ name, holder: "a", token: 1, ttlMs: 10_000 })).toBe(true);
    await pass(8_000);
    expect(await ask("b")).toBeNull();
    expect(await leases.renew({ name, holder: "b", token: 1, ttlMs: 10_000 })).toBe(false);
    expect(await leases.renew({ name, holder: "a", token: 2, ttlMs: 10_000 })).toBe(false);
    await pass(3_000);
    expect(await leases.renew({ name, holder: "a", token: 1, ttlMs: 10_000 })).toBe(false);
    expect((await ask("b"))?.token).toBe(2);
  });

  it("does not let an old holder release what another has", async () => {
    const name = `lease-${++made}`;
    const { leases, pass } = subject();
    await ask("a");
    await pass(10_001);
    await ask("b");
    await leases.release({ name, holder: "a", token: 1 });
    expect(await ask("c")).toBeNull();
  });

  it("lets contenders work one after the other, each with a higher token", async () => {
    const name = `lease-${++made}`;
    const tokens: number[] = [];
    let inside = 0;
    const locks = Array.from({ length: 4 }, () => lock(name, subject().leases, { pollMs: 5 }));
    await Promise.all(
      locks.flatMap((one) =>
        Array.from({ length: 3 }, () =>
          one.run(
            async ({ token }) => {
              expect(++inside).toBe(1);
              tokens.push(token);
              await new Promise((resolve) => setImmediate(resolve));
              inside--;
            },
            { waitMs: 15_000 },
          ),
        ),
      ),
    );
    for (const one of locks) one.close();
    expect(tokens).toHaveLength(12);
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
  });
}

/** A row that refuses writes of a token lower than the highest it saw. */
async function refusesStaleWriter(client: SqlClient, pass: (ms: number) => Promise<void>, leases: LeaseStore): Promise<void> {
  await client.query("create table account (id integer primary key, balance integer not null, fence bigint not null)", []);
  await client.query("insert into account values (1, 100, 0)", []);
  const write = async (balance: number, token: number): Promise<boolean> => {
    const text = `update account set balance = ${balance}, fence = ${token} where id = 1 and fence <= ${token} returning id`;
    return (await client.query(text, [])).length === 1;
  };
  const first = lock("fenced", leases);
  const second = lock("fenced", leases);
  const stale = await first.acquire();
  expect(await write(90, stale.token)).toBe(true);
  await pass(60_000);
  const fresh = await second.acquire();
  expect(fresh.token).toBeGreaterThan(stale.token);
  expect(await write(80, fresh.token)).toBe(true);
  expect(await write(70, stale.token)).toBe(false);
  expect(await client.query("select balance from account", [])).toEqual([{ balance: 80 }]);
  await Promise.all([stale.release(), fresh.release()]);
  first.close();
  second.close();
}

describe("leases in SQLite", () => {
  let sql: TestSql;
  const pass = (ms: number) => age(sql.client, "holdfast_lease", ["expires_at"], ms);
  beforeAll(async () => {
    sql = sqliteClient();
    await sql.client.query(leaseTable(), []);
  });
  afterAll(() => sql.close());
  contract(() => ({ leases: sqlLeases(sql.client, { dialect: "sqlite" }), pass }));

  it("protect a row that checks the token from a holder that is out of date", () =>
    refusesStaleWriter(sql.client, pass, sqlLeases(sql.client, { dialect: "sqlite" })));
});

describe("leases in PostgreSQL", () => {
  let server: TestPostgres;
  let sql: TestSql;
  const pass = (ms: number) => age(sql.client, "holdfast_lease", ["expires_at"], ms);
  beforeAll(async () => {
    server = await startPostgres();
    sql = postgresClient(await server.createDatabase());
    await sql.client.query(leaseTable(), []);
  });
  afterAll(async () => {
    await sql.close();
    await server.stop();
  });
  contract(() => ({ leases: sqlLeases(sql.client, { dialect: "postgresql" }), pass }));

  it("protect a row that checks the token from a holder that is out of date", () =>
    refusesStaleWriter(sql.client, pass, sqlLeases(sql.client, { dialect: "postgresql" })));
});

describe("leases in Redis", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  contract(() => {
    const client = redis.connect();
    return {
      leases: redisLeases(client),
      pass: async (ms) => {
        for (const key of await client.keys("holdfast:lease:*}")) {
          const left = await client.pttl(key);
          if (left <= ms) await client.del(key);
          else await client.pexpire(key, left - ms);
        }
      },
    };
  });
});
