import { existsSync, mkdirSync, readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, describe, expect, it } from "vitest";
import { createLog } from "../../server/log.ts";
import type { CommitReport } from "../../server/store/commit-queue.ts";
import { openStore, type OpenStore, type OpenStoreOptions } from "../../server/store/open-store.ts";
import { connectSqlite } from "../../server/store/sqlite/connection.ts";
import { databasePath } from "../../server/store/sqlite/open-sqlite.ts";
import { StoreThread } from "../../server/store/sqlite/store-thread.ts";
import { StoreStartError, StoreUnavailable } from "../../server/store/store.ts";
import { batch, newEnvironment, newEvent, newFlip } from "../contract/samples.ts";
import { killLoop, startWriter } from "../support/kill-loop.ts";
import { tempDirs } from "./temp-dir.ts";

describe("the embedded store", () => {
  const tempDir = tempDirs();
  const opened: OpenStore[] = [];
  const open = async (options: Partial<OpenStoreOptions> & { dataDir: string }): Promise<OpenStore> => {
    const one = await openStore({ log: createLog("silent"), ...options });
    opened.push(one);
    return one;
  };
  afterEach(async () => {
    for (const { store } of opened.splice(0)) await store.close();
  });

  it("proves synchronous FULL, WAL and foreign keys on a connection, and keeps them and its one file after many transactions", async () => {
    const dataDir = tempDir();
    const { authDb } = await open({ dataDir });
    const setting = async (name: string): Promise<unknown> =>
      Object.values((await authDb.$queryRawUnsafe<Record<string, unknown>[]>(`pragma ${name}`))[0] ?? {})[0];
    const files = (): number => readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).startsWith(dataDir)).length;
    const settings = async (): Promise<unknown[]> =>
      Promise.all(["synchronous", "journal_mode", "foreign_keys", "busy_timeout"].map(setting)).then((values) => values.map(String));
    expect(await settings()).toEqual(["2", "wal", "1", "5000"]);
    const before = files();
    const at = new Date();
    for (let index = 0; index < 50; index++) {
      const id = `v-${index}`;
      const done = authDb.$transaction(async (tx) => {
        await tx.verification.create({ data: { id, identifier: "x", value: "v", expiresAt: at, createdAt: at, updatedAt: at } });
        if (index % 2) throw new Error("roll back");
      });
      await (index % 2 ? expect(done).rejects.toThrow("roll back") : done);
    }
    expect(await authDb.verification.count()).toBe(25);
    expect(await settings()).toEqual(["2", "wal", "1", "5000"]);
    expect(files()).toBe(before);
  });

  it("refuses to work on a file that cannot be made durable", async () => {
    // A database in memory has no write-ahead log: the setting does not read back, which is the proof that reading back is done.
    await expect(connectSqlite({ path: ":memory:", busyTimeoutMs: 0 }).$connect()).rejects.toThrow(/journal_mode/);
  });

  it("makes its folder for the owner alone", async () => {
    const dataDir = join(tempDir(), "a", "data");
    await open({ dataDir });
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(existsSync(databasePath(dataDir))).toBe(true);
  });

  it("takes a folder whose name has spaces, percent signs, question marks and hashes", async () => {
    const dataDir = join(tempDir(), "50% of #1 data? ünï");
    const { store } = await open({ dataDir });
    await store.appendEvents([newEvent(newEnvironment())]);
    expect(existsSync(databasePath(dataDir))).toBe(true);
  });

  it("says in one sentence when the folder is a file", async () => {
    const dataDir = join(tempDir(), "file");
    writeFileSync(dataDir, "");
    await expect(open({ dataDir })).rejects.toThrow(StoreStartError);
    await expect(open({ dataDir })).rejects.toThrow(/data folder .*file cannot be used.*HOLDFAST_DATA/);
  });

  it("says in one sentence when the database is something else", async () => {
    const dataDir = tempDir();
    writeFileSync(databasePath(dataDir), "this is not a database, it only has its name, and it is long enough to be looked at".repeat(20));
    await expect(open({ dataDir })).rejects.toThrow(StoreStartError);
    await expect(open({ dataDir })).rejects.toThrow(/cannot be opened: .*not a database/);
  });

  it("refuses a second process on the same data with a sentence that says what to do, and lets it in when the first is gone", async () => {
    const dataDir = tempDir();
    const { store } = await open({ dataDir });
    const second = await startWriter(dataDir, "boot-b").ended;
    expect(second.code).toBe(3);
    expect(second.errors.trim()).toBe(
      `Another console is already running on the data in ${dataDir}. Stop it first, or give this one its own folder with HOLDFAST_DATA.`,
    );
    await store.close();
    const third = startWriter(dataDir, "boot-b");
    await third.untilAcked(5);
    await expect(open({ dataDir })).rejects.toThrow(/Another console/);
    third.child.kill("SIGKILL");
    await third.ended;
    await open({ dataDir });
  });

  const kills = Number(process.env["HOLDFAST_KILLS"] ?? 4);
  it(
    `loses nothing it acknowledged and doubles nothing over ${kills} kills in the middle of writing`,
    { timeout: kills * 20_000 },
    async () => {
      const report = await killLoop(tempDir(), kills);
      expect(report).toMatchObject({ lost: [], doubled: [] });
      expect(report.acked).toBeGreaterThan(kills * 10);
      expect(report.stored).toBeGreaterThanOrEqual(report.acked);
    },
  );

  it("commits calls that come together in few transactions", async () => {
    const reports: CommitReport[] = [];
    const { store } = await open({ dataDir: tempDir(), onCommit: (report) => reports.push(report) });
    const environment = newEnvironment();
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => store.appendAgentEvents([batch(environment, [1, 2], { instance: `i-${index}` })])),
    );
    await store.close();
    expect(reports.reduce((sum, report) => sum + report.calls, 0)).toBe(200);
    expect(reports.length).toBeLessThan(50);
    expect(reports.every((report) => report.ms > 0)).toBe(true);
  });

  it("reads what was just written, though another thread reads", async () => {
    const { store } = await open({ dataDir: tempDir() });
    const environment = newEnvironment();
    for (let index = 1; index <= 30; index++) {
      const { flip } = await store.createFlip(newFlip(environment), [], newEvent(environment));
      expect([await store.getFlip(flip.id), await store.currentRevision(environment)]).toEqual([flip, index]);
    }
  });

  it("refuses every call once its thread is gone, and says so", async () => {
    const dataDir = tempDir();
    const deaths: Error[] = [];
    const dying = `data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.on("message", () => process.exit(1)); parentPort.postMessage({ type: "ready" });`;
    const thread = await StoreThread.start({
      url: new URL(dying),
      settings: { path: databasePath(dataDir), busyTimeoutMs: 0 },
      onCommit: () => undefined,
      onDeath: (error) => deaths.push(error),
    });
    const calls = [thread.call("healthy", []), thread.call("size", [])];
    for (const call of calls) await expect(call).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(thread.call("healthy", [])).rejects.toBeInstanceOf(StoreUnavailable);
    await expect.poll(() => deaths.length).toBe(1);
  });

  it("says why when its thread cannot start", async () => {
    const throwing = `data:text/javascript,throw new Error("no room");`;
    const start = StoreThread.start({
      url: new URL(throwing),
      settings: { path: "x", busyTimeoutMs: 0 },
      onCommit: () => undefined,
      onDeath: () => undefined,
    });
    await expect(start).rejects.toThrow("no room");
  });

  it("works from a bundled thread", async () => {
    const folder = join(process.cwd(), "node_modules", ".cache", "holdfast-test");
    mkdirSync(folder, { recursive: true });
    const outfile = join(folder, "store-worker.mjs");
    await build({
      entryPoints: ["server/store/sqlite/worker.ts"],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      packages: "external",
      logLevel: "silent",
    });
    const { store } = await open({ dataDir: tempDir(), workerUrl: new URL(`file://${outfile}`) });
    const environment = newEnvironment();
    await store.appendEvents([newEvent(environment)]);
    expect((await store.listEvents({ environment, limit: 5 })).items).toHaveLength(1);
  });
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}
