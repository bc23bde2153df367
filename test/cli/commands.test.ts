import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../../server/cli/run-command.ts";
import { readConfig } from "../../server/config.ts";
import { loadSecret } from "../../server/auth/secret.ts";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import type { Store } from "../../server/store/store.ts";
import { moveToPostgres } from "../../server/store/transfer/move-to-postgres.ts";
import { encodePage } from "../../core/page.ts";
import { batch, knownInstance, newAudit, newEvent, newFlip, page, token } from "../contract/samples.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

const log = createLog("silent");
const ENVIRONMENT = "production";
const START = 1_750_000_000_000;
let folder: string;
let dataDir: string;
let said: string[];
let server: TestPostgres;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-cli-"));
  dataDir = join(folder, "data");
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(args: string[], env: Record<string, string> = {}): Promise<number> {
  return runCommand(
    args,
    () => readConfig({ HOLDFAST_DATA: dataDir, ...env }),
    (line) => void said.push(line),
  );
}

const open = async (env: { dataDir?: string; databaseUrl?: string } = {}) => openStore({ dataDir, log, ...env });

function samplePage(minute: number) {
  const times = Float64Array.from({ length: 60 }, (_, i) => START + minute * 60_000 + i * 1_000);
  const bytes = encodePage({
    resources: [{ kind: "gauge", name: "depth" }],
    times,
    seqs: times.map((_, i) => minute * 60 + i + 1),
    read: (_, into) => {
      into.set(times.map((__, i) => i + 1));
    },
  });
  return page(ENVIRONMENT, { from: times[0] as number, to: times[59] as number, lastSeq: minute * 60 + 60, bytes });
}

async function fill(store: Store): Promise<void> {
  await store.appendAgentEvents([batch(ENVIRONMENT, [1, 2, 3])]);
  await store.appendEvents([newEvent(ENVIRONMENT, { data: { text: 'ünï "x" 🎈' } })]);
  await store.putPages(Array.from({ length: 5 }, (_, minute) => samplePage(minute)));
  await store.saveInstances([knownInstance(ENVIRONMENT)]);
  await store.createFlip(
    newFlip(ENVIRONMENT),
    [{ instanceKey: "orders/orders-1", state: "pending", lastRevision: 3 }],
    newEvent(ENVIRONMENT),
  );
  await store.createToken(token({ environment: ENVIRONMENT }), newAudit());
}

const person = {
  id: "u1",
  name: "Ada",
  email: "ada@example.com",
  role: "admin",
  createdAt: new Date(START),
  updatedAt: new Date(START + 5),
};

/** Everything that can be read through the port. */
async function contents(store: Store) {
  const events = await store.listEvents({ environment: ENVIRONMENT, limit: 100 });
  const pages = await store.readPages({ environment: ENVIRONMENT, service: "orders", from: 0, to: 8e15, limit: 100 });
  const flips = await store.listFlips({ environment: ENVIRONMENT, limit: 10 });
  return {
    events: events.items,
    pages: pages.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString("hex") })),
    flips: flips.items,
    receipts: await Promise.all(flips.items.map((flip) => store.listReceipts(flip.id))),
    instances: await store.listInstances(),
    tokens: (await store.listTokens({ limit: 10 })).items,
    due: await store.listDue({ until: 8e15, limit: 10 }),
    revision: await store.currentRevision(ENVIRONMENT),
  };
}

describe("backup and restore", () => {
  it("copy a database that is in use, whole, and put it in place elsewhere", async () => {
    const { store, authDb } = await open();
    loadSecret(dataDir);
    await fill(store);
    await authDb.user.create({ data: person });
    const writing = Promise.all(Array.from({ length: 20 }, (_, i) => store.appendAgentEvents([batch("busy", [i + 1])])));
    expect(await run(["backup", join(folder, "copy")])).toBe(0);
    await writing;
    const before = await contents(store);
    await store.appendEvents([newEvent(ENVIRONMENT, { type: "after" })]);
    await store.close();
    expect(await run(["restore", join(folder, "copy")], { HOLDFAST_DATA: join(folder, "other") })).toBe(0);
    const other = await open({ dataDir: join(folder, "other") });
    expect(await contents(other.store)).toEqual(before);
    expect((await other.authDb.user.findMany())[0]).toMatchObject(person);
    await other.store.close();
    expect(readFileSync(join(folder, "other", "secret"), "utf8")).toBe(readFileSync(join(dataDir, "secret"), "utf8"));
  });

  it("refuse what would lose something: a backup that is there, data that is there, a console that runs, a damaged copy", async () => {
    const { store } = await open();
    await fill(store);
    expect(await run(["backup", join(folder, "copy")])).toBe(0);
    expect(await run(["backup", join(folder, "copy")])).toBe(1);
    expect(said.at(-1)).toMatch(/is there already/);
    expect(await run(["restore", join(folder, "copy"), "--force"])).toBe(1);
    expect(said.at(-1)).toMatch(/already running/);
    await store.close();
    expect(await run(["restore", join(folder, "copy")])).toBe(1);
    expect(said.at(-1)).toMatch(/There is data in/);
    expect(await run(["restore", join(folder, "copy"), "--force"])).toBe(0);
    const file = join(folder, "copy", "holdfast.db");
    const bytes = readFileSync(file);
    bytes[5_000] = (bytes[5_000] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(await run(["restore", join(folder, "copy"), "--force"])).toBe(1);
    expect(said.at(-1)).toMatch(/is damaged/);
    expect(await run(["restore", join(folder, "none")])).toBe(1);
    expect(existsSync(join(dataDir, "holdfast.db"))).toBe(true);
  });

  it("do the same for PostgreSQL, through an archive", async () => {
    const [from, to] = [await server.createDatabase(), await server.createDatabase()];
    const { store, authDb } = await open({ databaseUrl: from });
    await fill(store);
    await authDb.user.create({ data: person });
    expect(await run(["backup", join(folder, "copy")], { DATABASE_URL: from })).toBe(0);
    const before = await contents(store);
    await store.close();
    expect(await run(["restore", join(folder, "copy")], { DATABASE_URL: from })).toBe(1);
    expect(said.at(-1)).toMatch(/not empty/);
    expect(await run(["restore", join(folder, "copy")], { DATABASE_URL: to })).toBe(0);
    const other = await open({ databaseUrl: to });
    expect(await contents(other.store)).toEqual(before);
    expect((await other.authDb.user.findMany())[0]).toMatchObject(person);
    const [next] = await other.store.appendEvents([newEvent(ENVIRONMENT)]);
    expect(next?.id).toBeGreaterThan(before.events[0]?.id ?? Infinity);
    await other.store.close();
  });
});

describe("verify", () => {
  it("reads everything beside a console that runs, and names what is damaged", async () => {
    const { store } = await open();
    await fill(store);
    expect(await run(["verify"])).toBe(0);
    expect(said.at(-1)).toBe("everything can be read");
    const damaged = samplePage(9);
    damaged.bytes[20] = (damaged.bytes[20] ?? 0) ^ 4;
    await store.putPages([damaged, { ...samplePage(10), samples: 7 }]);
    expect(await run(["verify"])).toBe(1);
    expect(said.filter((line) => line.startsWith("FAULT"))).toEqual([
      "FAULT sample_page of orders/orders-1 from 2025-06-15T15:15:40.000Z: the checksum does not match",
      "FAULT sample_page of orders/orders-1 from 2025-06-15T15:16:40.000Z: the number of samples is not what its row says",
    ]);
    await store.close();
  });
});

describe("export", () => {
  const lines = (path: string): Record<string, unknown>[] =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("writes events, changes and samples as JSON lines", async () => {
    const { store } = await open();
    await fill(store);
    const out = (name: string) => join(folder, name);
    expect(await run(["export", "events", "--environment", ENVIRONMENT, "--out", out("events")])).toBe(0);
    expect(lines(out("events")).map(({ id }) => id)).toEqual((await contents(store)).events.map(({ id }) => id).reverse());
    expect(lines(out("events"))[3]).toMatchObject({ data: { text: 'ünï "x" 🎈' } });
    expect(await run(["export", "changes", "--out", out("changes")])).toBe(0);
    expect(lines(out("changes"))[0]).toMatchObject({ key: "recommendations", body: { position: "popular" } });
    const to = String(START + 90_000);
    expect(await run(["export", "samples", "--from", String(START + 30_000), "--to", to, "--out", out("samples")])).toBe(0);
    expect(lines(out("samples"))).toHaveLength(60);
    expect(lines(out("samples"))[0]).toMatchObject({ at: START + 30_000, resource: "depth", values: { value: 30 } });
    await store.close();
  });

  it("says how it is used when it is used wrongly", async () => {
    expect(await run(["export", "everything"])).toBe(64);
    expect(await run(["export", "events", "--colour"])).toBe(64);
    expect(await run(["nothing"])).toBe(64);
    expect(await run(["help"])).toBe(0);
    expect(await run(["verify"])).toBe(1);
    expect(said.at(-1)).toMatch(/There is no database at/);
    expect(await run(["verify"], { HOLDFAST_PORT: "x" })).toBe(78);
  });
});

describe("move-to-postgresql", () => {
  it("copies what grows while the console runs, the rest when it is stopped, and is done once", async () => {
    const databaseUrl = await server.createDatabase();
    const { store, authDb } = await open();
    await fill(store);
    await authDb.user.create({ data: person });
    expect(await run(["move-to-postgresql"], { DATABASE_URL: databaseUrl })).toBe(75);
    // It goes on meanwhile: more events, a flip that ends, pages that are joined.
    await store.appendEvents([newEvent(ENVIRONMENT, { type: "later" })]);
    await store.saveInstances([knownInstance(ENVIRONMENT, { version: "9.9.9" })]);
    const [first] = await store.readStoredPages({ environment: ENVIRONMENT, service: "orders", from: 0, to: 8e15, limit: 1 });
    const lease = await store.takeLease("test", "test", 0);
    await store.saveRolledHour(lease!, {
      due: { environment: ENVIRONMENT, service: "x", instance: "x", from: 0, changes: 0 },
      rows: [
        {
          tierMs: 60_000,
          environment: ENVIRONMENT,
          service: "orders",
          instance: "orders-1",
          from: 0,
          kind: "gauge",
          resource: "depth",
          bytes: Uint8Array.of(1, 0, 255),
        },
      ],
      replaced: [first?.id ?? 0],
      compacted: [],
      events: [],
      progress: { job: "test", state: { made: 1 } },
    });
    const before = await contents(store);
    await store.close();
    expect(await run(["move-to-postgresql"], { DATABASE_URL: databaseUrl })).toBe(0);
    const moved = await open({ databaseUrl });
    expect(await contents(moved.store)).toEqual(before);
    expect((await moved.authDb.user.findMany())[0]).toMatchObject(person);
    const [rollup] = await moved.store.readRollups({
      tierMs: 60_000,
      environment: ENVIRONMENT,
      service: "orders",
      from: 0,
      to: 1,
      limit: 1,
    });
    expect([...(rollup?.bytes ?? [])]).toEqual([1, 0, 255]);
    const [next] = await moved.store.appendEvents([newEvent(ENVIRONMENT)]);
    expect(next?.id).toBeGreaterThan(before.events[0]?.id ?? Infinity);
    expect((await moved.store.takeLease("test", "other", 1_000))?.token).toBe(2);
    await moved.store.close();
    expect(await run(["move-to-postgresql"], { DATABASE_URL: databaseUrl })).toBe(1);
    expect(said.at(-1)).toMatch(/completed before/);
  });

  it("goes on where it was cut off, wherever that was", async () => {
    const databaseUrl = await server.createDatabase();
    const { store, authDb } = await open();
    await fill(store);
    await authDb.user.create({ data: person });
    const before = await contents(store);
    await store.close();
    let finished = false;
    for (let cutAfter = 0; !finished; cutAfter++) {
      let lines = 0;
      const say = (): void => {
        if (lines++ === cutAfter) throw new Error("cut off");
      };
      finished = await moveToPostgres({ dataDir, databaseUrl, say }).catch((error: unknown) => {
        expect(String(error)).toContain("cut off");
        return false;
      });
    }
    const moved = await open({ databaseUrl });
    expect(await contents(moved.store)).toEqual(before);
    await moved.store.close();
  });

  it("refuses a database that holds something else", async () => {
    const databaseUrl = await server.createDatabase();
    const foreign = await open({ databaseUrl });
    await fill(foreign.store);
    await foreign.store.close();
    const { store } = await open();
    await store.close();
    expect(await run(["move-to-postgresql"], { DATABASE_URL: databaseUrl })).toBe(1);
    expect(said.at(-1)).toMatch(/not empty/);
    expect(await run(["move-to-postgresql"])).toBe(64);
  });
});
