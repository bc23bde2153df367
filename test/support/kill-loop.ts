/** Kills a writing process again and again, and compares what it was promised with what is on disk. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { readAll } from "../contract/samples.ts";

const WRITER = fileURLToPath(new URL("store-writer.ts", import.meta.url));

export interface Writer {
  readonly child: ChildProcess;
  /** Sequences acknowledged so far. */
  readonly acked: number[];
  /** Resolves when so many were acknowledged; rejects when the process ends first. */
  readonly untilAcked: (count: number) => Promise<void>;
  /** Exit code, signal and what it said on standard error. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; errors: string }>;
}

export function startWriter(dataDir: string, boot: string): Writer {
  const child = spawn(process.execPath, ["--import", "tsx", WRITER, dataDir, boot], { stdio: ["ignore", "pipe", "pipe"] });
  const acked: number[] = [];
  let errors = "";
  let look = (): void => undefined;
  child.stderr.on("data", (part: Buffer) => (errors += part.toString()));
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("ack ")) acked.push(Number(line.slice(4)));
    look();
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; errors: string }>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, errors }));
  });
  const untilAcked = (count: number): Promise<void> =>
    new Promise((resolve, reject) => {
      look = () => {
        if (acked.length >= count) resolve();
      };
      look();
      void ended.then((end) => reject(new Error(`the writer ended after ${acked.length} acknowledgements: ${JSON.stringify(end)}`)));
    });
  return { child, acked, untilAcked, ended };
}

export interface KillReport {
  readonly acked: number;
  readonly stored: number;
  /** Acknowledged and not on disk. */
  readonly lost: readonly number[];
  /** On disk more than once. */
  readonly doubled: readonly number[];
}

/** `kills` processes on one data folder, each killed with SIGKILL while it writes. */
export async function killLoop(dataDir: string, kills: number): Promise<KillReport> {
  const acked: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const writer = startWriter(dataDir, "boot-a");
    await writer.untilAcked(40 + 17 * kill);
    writer.child.kill("SIGKILL");
    await writer.ended;
    acked.push(...writer.acked);
  }
  const { store } = await openStore({ dataDir, log: createLog("silent") });
  const rows = await readAll((cursor) =>
    store.listEvents({ environment: "production", limit: 500, order: "asc", ...(cursor === undefined ? {} : { cursor }) }),
  );
  await store.close();
  const stored = rows.map((event) => Number(event.data["seq"]));
  const onDisk = new Set(stored);
  return {
    acked: acked.length,
    stored: stored.length,
    lost: acked.filter((seq) => !onDisk.has(seq)),
    doubled: [...stored].sort((a, b) => a - b).filter((seq, index, sorted) => seq === sorted[index - 1]),
  };
}
