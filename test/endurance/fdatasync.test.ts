/** An acknowledgement is a promise: before each one the log of the database was written and made durable. Seen from the kernel. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { bundleChild } from "../support/bundle-child.ts";
import { openPlaces, type Places } from "../support/kill-point-places.ts";
import { runChild } from "../support/kill-point-runs.ts";
import { parseTrace, undurableAcknowledgements } from "../support/durable-trace.ts";
import { startPostgres } from "../support/postgres.ts";
import { traced } from "../support/strace.ts";

let child: string;
let folder: string;
let places: Places;
beforeAll(async () => {
  child = await bundleChild("test/support/kill-point-child.ts");
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-trace-"));
  places = await openPlaces("sqlite");
});
afterEach(async () => {
  await places.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function traceOf(synchronous?: "off"): Promise<string> {
  const place = await places.create();
  const output = join(folder, "trace");
  const calls = ["write", "pwrite64", "fsync", "fdatasync"];
  const ended = await runChild(
    child,
    { role: "events", place, kill: null, acked: [0, 0], until: 100, ...(synchronous ? { synchronous } : {}) },
    traced({ calls, output }),
  );
  expect(ended.lines).toContain("done");
  return readFileSync(output, "utf8");
}

describe("an acknowledgement of the embedded store", () => {
  it("comes after its log was written and made durable", async () => {
    const steps = parseTrace(await traceOf());
    expect(steps.filter((step) => step === "acknowledged")).toHaveLength(40);
    expect(steps.filter((step) => step === "durable").length).toBeGreaterThanOrEqual(20);
    expect(undurableAcknowledgements(steps)).toEqual([]);
  });

  it("would be found out by this test if it came too early", async () => {
    const steps = parseTrace(await traceOf("off"));
    expect(steps.filter((step) => step === "acknowledged")).toHaveLength(40);
    expect(undurableAcknowledgements(steps).length).toBeGreaterThan(20);
  });
});

describe("PostgreSQL", () => {
  it("is asked whether it waits for the disk: one that does not is refused, or named in the log", { timeout: 60_000 }, async () => {
    const warnings: string[] = [];
    const log = createLog("silent");
    log.warn = (text: unknown) => void warnings.push(String(text));
    const open = (databaseUrl: string) => openStore({ databaseUrl, dataDir: folder, log });
    for (const durable of [true, false]) {
      const server = await startPostgres("debian", durable);
      try {
        const databaseUrl = await server.createDatabase();
        const { store, authDb } = await open(databaseUrl);
        expect(await authDb.$queryRawUnsafe(SETTINGS)).toEqual([{ fsync: durable ? "on" : "off", commit: "on" }]);
        expect(warnings.map((text) => text.includes("fsync = off"))).toEqual(durable ? [] : [true]);
        await store.close();
        await expect(open(`${databaseUrl}?options=-c%20synchronous_commit%3Doff`)).rejects.toThrow(/synchronous_commit = on/);
      } finally {
        await server.stop();
      }
    }
  });
});

const SETTINGS = `select current_setting('fsync') as "fsync", current_setting('synchronous_commit') as "commit"`;
