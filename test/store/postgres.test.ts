import { createServer } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { RevisionConflict, type Store, StoreStartError, StoreUnavailable } from "../../server/store/store.ts";
import { batch, newEnvironment, newEvent, newFlip } from "../contract/samples.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

describe("the PostgreSQL store", () => {
  let server: TestPostgres;
  const opened: Store[] = [];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  const open = async (databaseUrl: string): Promise<Store> => {
    const { store } = await openStore({ databaseUrl, dataDir: "/nonexistent", log: createLog("silent") });
    opened.push(store);
    return store;
  };

  it("brings an empty database up to date for several consoles that start at once", async () => {
    const url = await server.createDatabase();
    const stores = await Promise.all([open(url), open(url), open(url)]);
    expect(await Promise.all(stores.map((store) => store.healthy()))).toEqual([true, true, true]);
  });

  it("shows ids in the order of commits, though several consoles write: a reader that goes on from the last id misses none", async () => {
    const url = await server.createDatabase();
    const writers = await Promise.all([open(url), open(url), open(url)]);
    const reader = await open(url);
    const environment = newEnvironment();
    const state = { writing: true };
    const written = Promise.all(
      writers.map(async (store, console) => {
        for (let index = 0; index < 60; index++) {
          if (index % 10 === 0) await store.createFlip(newFlip(environment), [], newEvent(environment));
          else await store.appendAgentEvents([batch(environment, [index * 2 + 1, index * 2 + 2], { instance: `i-${console}` })]);
        }
      }),
    ).finally(() => (state.writing = false));
    const seen: number[] = [];
    const follow = async (): Promise<void> => {
      const { items } = await reader.listEvents({ environment, order: "asc", limit: 500, afterId: seen.at(-1) ?? 0 });
      seen.push(...items.map((event) => event.id));
    };
    while (state.writing) await follow();
    await written;
    await follow();
    const { items } = await reader.listEvents({ environment, order: "asc", limit: 500 });
    expect(seen).toEqual(items.map((event) => event.id));
    expect(seen).toHaveLength(3 * (54 * 2 + 6));
  });

  it("gives flips of several consoles gapless revisions and lets one of those win that looked at the same one", async () => {
    const url = await server.createDatabase();
    const stores = await Promise.all([open(url), open(url)]);
    const environment = newEnvironment();
    const made = await Promise.all(
      [...stores, ...stores, ...stores, ...stores].map((store) => store.createFlip(newFlip(environment), [], newEvent(environment))),
    );
    expect(made.map(({ flip }) => flip.revision).sort((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, index) => index + 1));
    const tries = await Promise.allSettled(stores.map((store) => store.createFlip(newFlip(environment), [], newEvent(environment), 8)));
    expect(tries.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    for (const one of tries) if (one.status === "rejected") expect(one.reason).toBeInstanceOf(RevisionConflict);
    const id = made[0]?.flip.id ?? "";
    const ends = await Promise.all(
      stores.map((store) => store.endFlip(id, { status: "expired", at: 1, by: "system" }, newEvent(environment))),
    );
    expect(ends.filter((end) => end !== null)).toHaveLength(1);
  });

  it("recognises a repeat that came to another console", async () => {
    const url = await server.createDatabase();
    const stores = await Promise.all([open(url), open(url)]);
    const environment = newEnvironment();
    const answers = await Promise.all(
      stores.flatMap((store) => [1, 2, 3].map(() => store.appendAgentEvents([batch(environment, [1, 2, 3])]))),
    );
    expect(answers.flat()).toHaveLength(3);
  });

  it("says that it is unavailable when its connections are cut, and works again by itself", async () => {
    const url = await server.createDatabase();
    const store = await open(url);
    const environment = newEnvironment();
    const [locker, watcher] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
    await Promise.all([locker.connect(), watcher.connect()]);
    const ours = "from pg_stat_activity where application_name = 'holdfast' and datname = current_database()";
    await locker.query("begin; lock table event");
    const caught = store.appendAgentEvents([batch(environment, [1])]).catch((error: unknown) => error);
    await expect.poll(async () => (await watcher.query(`select 1 ${ours} and wait_event_type = 'Lock'`)).rowCount).toBe(1);
    await watcher.query(`select pg_terminate_backend(pid) ${ours}`);
    await locker.query("rollback");
    await Promise.all([locker.end(), watcher.end()]);
    expect(await caught).toBeInstanceOf(StoreUnavailable);
    expect(await store.appendAgentEvents([batch(environment, [1])])).toHaveLength(1);
  });

  it("says in one sentence, without the password, when the server cannot be reached", async () => {
    const listener = createServer();
    const port = await new Promise<number>((resolve) =>
      listener.listen(0, "127.0.0.1", () => resolve((listener.address() as { port: number }).port)),
    );
    await new Promise((resolve) => listener.close(resolve));
    const failure = await open(`postgresql://ada:hunter2@127.0.0.1:${port}/fleet`).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreStartError);
    expect((failure as Error).message).toMatch(
      new RegExp(`^PostgreSQL at 127.0.0.1:${port}/fleet cannot be reached: .*Check DATABASE_URL`),
    );
    expect((failure as Error).message).not.toContain("hunter2");
  });

  it("refuses a server that acknowledges before it is durable", async () => {
    const url = await server.createDatabase();
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    await admin.query(`alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`);
    await admin.end();
    await expect(open(url)).rejects.toThrow(/synchronous_commit = on/);
  });
});
