/**
 * What each tier takes on disk, with rows and indexes, on the stated load: pages of samples as they are written and after they were joined,
 * rollups of four days. Beside it eight bytes a value, and the same values deflated column by column. A sample of a rolled-up tier is one
 * bucket of one column, with its sum, count, lowest, highest and histogram.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { createClient } from "@libsql/client";
import { HOUR_MS } from "../../core/tiers.ts";
import { rollHour } from "../../server/history/roll-hour.ts";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import type { Store } from "../../server/store/store.ts";
import type { Lease } from "../../server/store/tier-store.ts";
import { bundleConsole } from "../support/bundled-console.ts";
import { KNOWN, packNext, rolledInstance, slots, unpack } from "../support/rolled-workload.ts";
import { round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";

/** A whole span of the coarsest tier. */
const HOURS = 96;
/** Raw pages are kept of so many. */
const RAW_HOURS = 4;
const START = 1_790_208_000_000 - (1_790_208_000_000 % (HOURS * HOUR_MS));
const WHO = { environment: "production", service: "orders", instance: "orders-1" };

async function bytesOf(path: string, tables: readonly string[]): Promise<number> {
  const client = createClient({ url: `file:${path}` });
  try {
    const { rows } = await client.execute(
      `select sum(s.pgsize) from dbstat s join sqlite_master m on m.name = s.name where m.tbl_name in (${tables.map((name) => `'${name}'`).join(", ")})`,
    );
    return Number(rows[0]?.[0] ?? 0);
  } finally {
    client.close();
  }
}

/** Rows of one tier alone, in a copy. */
async function bytesOfTier(path: string, tierMs: number): Promise<number> {
  const copy = `${path}.${tierMs}`;
  const client = createClient({ url: `file:${path}` });
  await client.execute(`vacuum into '${copy}'`);
  client.close();
  const part = createClient({ url: `file:${copy}` });
  await part.execute({ sql: `delete from "rollup_page" where "tierMs" <> ?`, args: [tierMs] });
  await part.execute("vacuum");
  part.close();
  return bytesOf(copy, ["rollup_page"]);
}

interface Rolled {
  readonly minuteRowBytes: number;
  readonly deflated: number;
  readonly rollMs: number;
}

async function fill(store: Store, path: string): Promise<Rolled> {
  const lease = (await store.takeLease("bench", "bench", 3_600_000)) as Lease;
  const instance = rolledInstance(1);
  let [minuteRowBytes, deflated, rollMs] = [0, 0, 0];
  for (let hour = 0; hour < HOURS; hour++) {
    const from = START + hour * HOUR_MS;
    const minutes = Array.from({ length: 60 }, (_, i) => packNext(instance, START, { second: hour * 3600 + i * 60, seconds: 60 }));
    const pages = minutes.map((page) => ({ ...WHO, boot: "b", ...page }));
    const kept = hour < RAW_HOURS;
    if (kept) {
      await store.putPages(pages);
      for (const page of minutes)
        deflated += deflateSync(Buffer.concat(unpack(page).columns.map(({ values }) => Buffer.from(values.buffer)))).length;
      if (hour === RAW_HOURS - 1) minuteRowBytes = await bytesOf(path, ["sample_page"]);
    }
    const input = kept
      ? await store.readStoredPages({ ...WHO, from: from - 10_000, to: from + HOUR_MS + 10_000, limit: 5_000 })
      : pages.map((page, id) => ({ id, ...page }));
    const rows = await Promise.all(
      ([60_000, HOUR_MS] as const).map((tierMs) => {
        const span = tierMs === HOUR_MS ? 96 * HOUR_MS : 4 * HOUR_MS;
        const at = from - (from % span);
        return store.readRollups({ ...WHO, tierMs, from: at, to: at + 1, limit: 1_000 });
      }),
    );
    const started = performance.now();
    const made = await rollHour({ hour: { ...WHO, from }, pages: input, rows: rows.flat(), gone: false });
    rollMs += performance.now() - started;
    await store.saveRolledHour(lease, {
      due: { ...WHO, from, changes: 0 },
      rows: made.rows,
      replaced: kept ? made.replaced : [],
      compacted: kept ? made.compacted : [],
      events: [],
      progress: { job: "bench", state: {} },
    });
  }
  return { minuteRowBytes, deflated, rollMs };
}

export async function run(): Promise<SuiteResult> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const log = createLog("error");
  try {
    const { worker } = await bundleConsole();
    const { store } = await openStore({ dataDir, log, workerUrl: worker });
    const path = join(dataDir, "holdfast.db");
    const { minuteRowBytes, deflated, rollMs } = await fill(store, path);
    await store.close();
    const vacuumed = join(dataDir, "vacuumed.db");
    const client = createClient({ url: `file:${path}` });
    await client.execute(`vacuum into '${vacuumed}'`);
    client.close();
    const rawSamples = RAW_HOURS * 3600 * KNOWN;
    const joined = (await bytesOf(vacuumed, ["sample_page"])) / rawSamples;
    const minutes = (await bytesOfTier(vacuumed, 60_000)) / (HOURS * 60 * KNOWN);
    const hours = (await bytesOfTier(vacuumed, HOUR_MS)) / (HOURS * KNOWN);
    return {
      suite: "storage",
      figures: {
        bytesPerSample1s: round(joined),
        bytesPerSample1sBeforeJoining: round(minuteRowBytes / rawSamples),
        bytesPerSample1m: round(minutes),
        bytesPerSample1h: round(hours),
        deflateBytesPerSample: round(deflated / rawSamples),
        rollMsPerInstanceHour: round(rollMs / HOURS),
        rolledSamplesPerCoreSecond: round((HOURS * 3600 * KNOWN * 1000) / rollMs),
        slots,
      },
      ratios: { overRaw: round(joined / 8), overDeflate: round(joined / (deflated / rawSamples)) },
    };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
