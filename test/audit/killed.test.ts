/** The writer of the audit log killed without warning, again and again. HOLDFAST_KILLS sets how often (50 before a release). */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { AUDIT_GENESIS } from "../../protocol/audit.ts";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { readAll } from "../contract/samples.ts";

const KILLS = Number(process.env["HOLDFAST_KILLS"] ?? 3);
const WRITER = fileURLToPath(new URL("../support/audit-writer.ts", import.meta.url));

/** Kills it after so many acknowledgements, in the midst of the next writes; answers the acknowledged ones. */
async function killedAfter(count: number, dataDir: string): Promise<string[]> {
  const child = spawn(process.execPath, ["--import", "tsx", WRITER, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  const acked: string[] = [];
  const closed = new Promise((resolve) => child.once("close", resolve));
  createInterface({ input: child.stdout }).on("line", (line) => {
    acked.push(line.slice(4));
    if (acked.length === count) child.kill("SIGKILL");
  });
  await closed;
  return acked;
}

it(
  `holds every acknowledged entry once, without a gap, and each flip with its entry, over ${KILLS} kills`,
  { timeout: KILLS * 40_000 },
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "holdfast-audit-kill-"));
    const acked: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) acked.push(...(await killedAfter(25 + 13 * kill, dataDir)));
    const { store } = await openStore({ dataDir, log: createLog("silent") });
    try {
      const entries = await readAll((cursor) => store.listAudit({ limit: 500, order: "asc", ...(cursor === undefined ? {} : { cursor }) }));
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
      const step = await store.verifyAudit({ seq: 0, hash: AUDIT_GENESIS }, 100_000);
      expect(step).toMatchObject({ fault: null, done: true, last: { seq: entries.length } });
      const written = entries.map(({ requestId }) => requestId);
      expect(new Set(written).size).toBe(written.length);
      expect(acked.filter((id) => !written.includes(id))).toEqual([]);
      const flips = await readAll((cursor) =>
        store.listFlips({ environment: "production", limit: 500, ...(cursor === undefined ? {} : { cursor }) }),
      );
      expect(entries.flatMap(({ flipId }) => flipId ?? []).sort()).toEqual(flips.map(({ id }) => id).sort());
    } finally {
      await store.close();
      rmSync(dataDir, { recursive: true });
    }
  },
);
