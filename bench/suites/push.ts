/** A flip acknowledged by 1,000 / 5,000 / 10,000 connected agents, by the product's own receipts: from commit to acknowledgement. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { startRealConsole, until } from "../../test/support/real-console.ts";
import { bundle } from "../support/bundle.ts";
import { percentile, round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";

const BOOTSTRAP = "bench-bootstrap-token-of-more-than-32-characters";
const REPEATS = 5;
const AT_REST_MS = 3_000;

interface FlipAnswer {
  readonly id: string;
  readonly receipts: { readonly targeted: number; readonly applied: number };
  readonly instances: readonly { readonly roundTripMs: number | null }[];
}

async function flipOnce(host: Awaited<ReturnType<typeof startRealConsole>>, count: number): Promise<number[]> {
  const auth = { token: BOOTSTRAP };
  const { id } = await host.api<{ id: string }>("POST", "/switches/bench.feature/flips", {
    ...auth,
    body: { position: "off", reason: "push benchmark", expiresInSeconds: 600 },
  });
  // The list has counts only: asking for ten thousand receipts while they come in would measure the asking.
  await until(`${count} agents acknowledged`, async () => {
    const { items } = await host.api<{ items: readonly FlipAnswer[] }>("GET", "/flips?limit=1", auth);
    return items[0]?.id === id && items[0].receipts.applied >= count;
  });
  const done = await host.api<FlipAnswer>("GET", `/flips/${id}`, auth);
  await host.api("POST", `/flips/${id}/revert`, { ...auth, body: { reason: "push benchmark" } });
  // Whoever flips next finds a fleet at rest: the acknowledgements of the end are in.
  await delay(AT_REST_MS);
  return done.instances.map((instance) => instance.roundTripMs ?? Number.NaN);
}

async function measure(count: number): Promise<{ p50Ms: number; p99Ms: number; lastMs: number }> {
  const host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP, HOLDFAST_LOG_LEVEL: "error" } });
  const { token } = await host.api<{ token: string }>("POST", "/agent-tokens", { token: BOOTSTRAP, body: { name: "bench" } });
  const made = await bundle({ agents: "bench/support/simulated-agents.ts" });
  const agents = fork(made.agents);
  try {
    agents.send({ connect: { url: host.url, token, from: 0, count, service: "bench" } });
    const [answer] = (await once(agents, "message")) as [{ connected?: number; failed?: string }];
    if (answer.connected !== count) throw new Error(answer.failed ?? "agents did not connect");
    const rounds: number[][] = [];
    for (let i = 0; i < REPEATS; i++) rounds.push(await flipOnce(host, count));
    const median = (pick: (times: number[]) => number): number => round(percentile(rounds.map(pick), 50));
    return {
      p50Ms: median((times) => percentile(times, 50)),
      p99Ms: median((times) => percentile(times, 99)),
      lastMs: median((times) => Math.max(...times)),
    };
  } finally {
    agents.kill();
    await host.dispose();
  }
}

/** Medians over five flips for each size. */
export async function run(): Promise<SuiteResult> {
  return {
    suite: "push",
    figures: { agents1000: await measure(1000), agents5000: await measure(5000), agents10000: await measure(10_000) },
    ratios: {},
  };
}
