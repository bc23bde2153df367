/**
 * 10,000 agents that send 300 values a second each, through everything: sockets, decoding, live state, pages, a database that syncs at
 * every commit. Measured over a minute that begins 75 s after the last one connected, so that pages are packed and written all along.
 * CPU is of the whole console process, its database thread included. The loop's delay is at this load.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { bundle } from "../support/bundle.ts";
import { bundleConsole, startBundledConsole } from "../support/bundled-console.ts";
import { bytesPerSample } from "../support/disk-size.ts";
import { round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";
import { SLOTS } from "../support/workload.ts";

const AGENTS = 10_000;
const WARM_MS = 75_000;
const MEASURE_MS = 60_000;
const BOOTSTRAP = "bench-bootstrap-token-of-more-than-32-characters";

/** The sum of a metric over its labels. */
async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

async function agentToken(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/agent-tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${BOOTSTRAP}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "bench" }),
  });
  if (!response.ok) throw new Error(`no agent token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { readonly token: string }).token;
}

async function throughput(): Promise<Readonly<Record<string, number>>> {
  const host = await startBundledConsole({ HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP });
  const made = await bundle({ senders: "bench/support/sample-senders.ts" });
  const senders = fork(made.senders);
  try {
    const before = await host.use();
    senders.send({ url: host.url, token: await agentToken(host.url), count: AGENTS });
    const [answer] = (await once(senders, "message")) as [{ readonly connected?: number; readonly failed?: string }];
    if (answer.connected !== AGENTS) throw new Error(answer.failed ?? "the agents did not connect");
    await delay(WARM_MS);
    await host.use();
    const framesBefore = await metric(host.url, "holdfast_frames_total");
    await delay(MEASURE_MS);
    const use = await host.use();
    const frames = (await metric(host.url, "holdfast_frames_total")) - framesBefore;
    const connected = await metric(host.url, "holdfast_agents");
    if (connected !== AGENTS) throw new Error(`only ${connected} agents are still connected`);
    return {
      samplesPerCoreSecond: round((frames * SLOTS) / use.cpuSeconds),
      loopP99Ms: round(use.loopP99Ms),
      loopP999Ms: round(use.loopP999Ms),
      loopMaxMs: round(use.loopMaxMs),
      rssPerAgentKb: round((use.rssBytes - before.rssBytes) / AGENTS / 1024),
      cores10000Agents: round(use.cpuSeconds / use.seconds),
      framesPerSecond: round(frames / use.seconds),
      dropped: await metric(host.url, "holdfast_dropped_total"),
    };
  } finally {
    senders.kill();
    await host.dispose();
  }
}

export async function run(): Promise<SuiteResult> {
  const { worker } = await bundleConsole();
  const onDisk = await bytesPerSample(worker);
  return { suite: "ingest", figures: { bytesPerSample: round(onDisk), ...(await throughput()) }, ratios: {} };
}
