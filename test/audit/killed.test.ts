/** The writer of the audit log killed without warning, again and again. HOLDFAST_KILLS sets how often (50 before a release). */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { beforeAll, expect, it } from "vitest";
import { AUDIT_GENESIS } from "../../protocol/audit.ts";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { readAll } from "../contract/samples.ts";
import type { WrittenStore } from "../support/audit-writer.ts";
import { bundleChild } from "../support/bundle-child.ts";
import { startPostgres } from "../support/postgres.ts";

const KILLS = Number(process.env["HOLDFAST_KILLS"] ?? 3);

let writer: string;
let worker: string;
beforeAll(async () => {
  [writer, worker] = await Promise.all([bundleChild("test/support/audit-writer.ts"), bundleChild("server/store/sqlite/worker.ts")]);
});

interface Place {
  readonly dataDir: string;
  readonly databaseUrl?: string;
  /** Resolves when nothing of a killed process is under way any more. */
  readonly settled: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

function sqlite(): Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-audit-kill-"));
  return Promise.resolve({
    dataDir,
    settled: () => Promise.resolve(),
    remove: async () => rmSync(dataDir, { recursive: true }),
  });
}

async function postgres(): Promise<Place> {
  const server = await startPostgres();
  const databaseUrl = await server.createDatabase();
  /** The server may still commit what a killed process had asked for. */
  const settled = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const others = `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    await expect.poll(async () => (await client.query(others)).rowCount).toBe(0);
    await client.end();
  };
  return { dataDir: "", databaseUrl, settled, remove: () => server.stop() };
}

/** Kills it after so many acknowledgements, in the midst of the next writes; answers the acknowledged ones. */
async function killedAfter(count: number, place: Place): Promise<string[]> {
  const store: WrittenStore = { ...place, worker };
  const child = spawn(process.execPath, [writer, JSON.stringify(store)], { stdio: ["ignore", "pipe", "inherit"] });
  const acked: string[] = [];
  const closed = new Promise((resolve) => child.once("close", (_, signal) => resolve(signal)));
  createInterface({ input: child.stdout }).on("line", (line) => {
    acked.push(line.slice(4));
    if (acked.length === count) child.kill("SIGKILL");
  });
  expect(await closed).toBe("SIGKILL");
  return acked;
}

it.each([
  ["the embedded database", sqlite],
  ["PostgreSQL", postgres],
] as const)(
  `holds in %s every acknowledged entry once, without a gap, and each flip with its entry, over ${KILLS} kills`,
  { timeout: 30_000 + KILLS * 40_000 },
  async (_, openPlace) => {
    const place = await openPlace();
    try {
      const acked: string[] = [];
      for (let kill = 0; kill < KILLS; kill++) acked.push(...(await killedAfter(25 + 13 * kill, place)));
      await place.settled();
      await check(place, acked);
    } finally {
      await place.remove();
    }
  },
);

async function check(place: Place, acked: readonly string[]): Promise<void> {
  const { store } = await openStore({ ...place, log: createLog("silent") });
  try {
    const entries = await readAll((cursor) => store.listAudit({ limit: 500, order: "asc", ...(cursor === undefined ? {} : { cursor }) }));
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    const step = await store.verifyAudit({ seq: 0, hash: AUDIT_GENESIS }, 100_000);
    expect(step).toMatchObject({ fault: null, done: true, last: { seq: entries.length } });
    const written = entries.map(({ requestId }) => requestId);
    const known = new Set(written);
    expect(known.size).toBe(written.length);
    expect(acked.filter((id) => !known.has(id))).toEqual([]);
    const flips = await readAll((cursor) =>
      store.listFlips({ environment: "production", limit: 500, ...(cursor === undefined ? {} : { cursor }) }),
    );
    expect(entries.flatMap(({ flipId }) => flipId ?? []).sort()).toEqual(flips.map(({ id }) => id).sort());
  } finally {
    await store.close();
  }
}
