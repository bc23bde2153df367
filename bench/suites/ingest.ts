/**
 * Samples a core second and bytes a sample, durable: sockets, decoding, live state, packing and SQLite with synchronous FULL in one
 * console process, driven from another. CPU is that of the whole console process, all threads, at a fixed rate of about half of what
 * it can take; bytes are those of the database file after a minute of 400 instances at one sample a second was written.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import { placeResources } from "../../core/fleet.ts";
import { createHistory } from "../../server/history/history.ts";
import { systemClock } from "../../server/clock.ts";
import { openStore } from "../../server/store/open-store.ts";
import { freePort } from "../../test/support/real-console.ts";
import { round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";
import { simulatedResources, simulateInstance, SLOTS } from "../support/workload.ts";

const BOOTSTRAP = "bench-bootstrap-token-of-more-than-32-characters";
const AGENTS = 1000;
const FRAMES_PER_SECOND = 10_000;
const SECONDS = 20;
const MINUTE = 60_000;

interface Cost {
  readonly cpuMs: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly rssKb: number;
}

async function ask<T>(child: ChildProcess, order: "reset" | "read"): Promise<T> {
  const answer = once(child, "message");
  child.send(order);
  const [message] = (await answer) as [T];
  return message;
}

/** A database that holds nothing yet, closed. */
async function emptyFile(): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  try {
    const { store } = await openStore({ dataDir, log: pino({ level: "silent" }) });
    await store.close();
    return statSync(join(dataDir, "holdfast.db")).size;
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function bytesPerSample(): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const log = pino({ level: "silent" });
  const { store } = await openStore({ dataDir, log });
  const history = createHistory({ store, clock: systemClock, log });
  const resources = placeResources(simulatedResources());
  const start = Math.floor(Date.now() / MINUTE) * MINUTE;
  const instances = 400;
  try {
    for (let instance = 0; instance < instances; instance++) {
      const simulation = simulateInstance(instance);
      const source = { environment: "production", service: "stream", instance: `stream-${instance}`, boot: "b" };
      for (let i = 0; i < 60; i++) {
        history.append(source, {
          seq: i + 1,
          at: start + i * 1000 + Math.round(Math.random() * 4),
          row: simulation.next().map((value) => value + 1),
          slots: SLOTS,
          resources,
        });
      }
    }
    await history.flush();
    await store.close();
    return (statSync(join(dataDir, "holdfast.db")).size - (await emptyFile())) / (instances * 60 * SLOTS);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export async function run(): Promise<SuiteResult> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const host = fork(new URL("../support/console-process.ts", import.meta.url), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: {
      ...process.env,
      HOLDFAST_DATA: dataDir,
      HOLDFAST_PORT: String(await freePort()),
      HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP,
      HOLDFAST_LOG_LEVEL: "error",
    },
  });
  const agents = fork(new URL("../support/streaming-agents.ts", import.meta.url), { execArgv: ["--import", "tsx"] });
  try {
    const [{ url }] = (await once(host, "message")) as [{ url: string }];
    const { token } = (await (
      await fetch(`${url}/api/v1/agent-tokens`, {
        method: "POST",
        headers: { authorization: `Bearer ${BOOTSTRAP}`, "content-type": "application/json" },
        body: '{"name":"bench"}',
      })
    ).json()) as { token: string };
    const idle = await ask<Cost>(host, "read");
    agents.send({ url, token, agents: AGENTS, framesPerSecond: FRAMES_PER_SECOND });
    const [answer] = (await once(agents, "message")) as [{ streaming?: number; failed?: string }];
    if (answer.streaming !== AGENTS) throw new Error(answer.failed ?? "agents did not connect");
    await delay(2000);
    await ask(host, "reset");
    await delay(SECONDS * 1000);
    const cost = await ask<Cost>(host, "read");
    const frames = FRAMES_PER_SECOND * SECONDS;
    const cpuUsPerFrame = (cost.cpuMs * 1000) / frames;
    return {
      suite: "ingest",
      figures: {
        samplesPerCoreSecond: round((SLOTS * 1_000_000) / cpuUsPerFrame),
        cpuUsPerFrame: round(cpuUsPerFrame),
        bytesPerSample: round(await bytesPerSample()),
        loopP99Ms: round(cost.loopP99Ms),
        loopMaxMs: round(cost.loopMaxMs),
        rssPerAgentKb: round((cost.rssKb - idle.rssKb) / AGENTS),
        cores10000Agents: round((cpuUsPerFrame * 10_000) / 1_000_000),
      },
      ratios: {},
    };
  } finally {
    agents.kill();
    host.kill("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  }
}
