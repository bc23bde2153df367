/**
 * What an agent costs the service it lives in: the same HTTP service without an agent and with one whose console is alive, dead, hanging
 * or hostile. The two of a pair run side by side and are loaded in turns of two seconds, so that what disturbs the machine disturbs both.
 * Two fifths of what the service can carry is asked of it for CPU and latency, then all it can for goodput.
 *
 * HOLDFAST_BENCH_SECONDS: paced load on each of a pair, 20 by default; heap after ten minutes needs 300. HOLDFAST_BENCH_ROUNDS: pairs for
 * each console, 2 by default.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { build } from "esbuild";
import { startBundledConsole } from "../support/bundled-console.ts";
import { startHangingConsole, startHostileConsole } from "../support/host-consoles.ts";
import type { HostLoad, HostLoadResult } from "../support/host-load.ts";
import { HOST_MODES, type ConsoleAt, type HostFacts, type HostMode, type HostOrder } from "../support/host-modes.ts";
import { percentile, round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";

const SECONDS = Number(process.env["HOLDFAST_BENCH_SECONDS"] ?? 20);
const ROUNDS = Number(process.env["HOLDFAST_BENCH_ROUNDS"] ?? 2);
const TURN_S = Math.min(2, SECONDS / 2);
const WARM_S = 2;
/** Of what it can carry. */
const SHARE = 0.4;
const BOOTSTRAP = "bench-bootstrap-token-of-more-than-32-characters";
const outdir = join(import.meta.dirname, "../../node_modules/.cache/holdfast/bench");

/** Bundled as for production: what is measured must not pay for a compiler in the process. */
async function bundle(): Promise<void> {
  await build({
    entryPoints: ["host-service", "host-load"].map((name) => join(import.meta.dirname, `../support/${name}.ts`)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "warning",
  });
}

async function ask<T>(process: ChildProcess, message: object): Promise<T> {
  process.send(message);
  const [answer] = (await once(process, "message")) as [T & { readonly error?: string }];
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

/** One service of a pair and what it was measured at, turn by turn. */
interface Contestant {
  readonly process: ChildProcess;
  readonly port: number;
  readonly cpuMs: number[];
  readonly p50: number[];
  readonly p99: number[];
  readonly goodput: number[];
  readonly heap: { readonly at: number; readonly bytes: number }[];
  failed: number;
}

async function contestant(at: ConsoleAt | null): Promise<Contestant> {
  const child = fork(join(outdir, "host-service.mjs"));
  const { port } = await ask<{ port: number }>(child, { do: "start", console: at } satisfies HostOrder);
  return { process: child, port, cpuMs: [], p50: [], p99: [], goodput: [], heap: [], failed: 0 };
}

async function turn(load: ChildProcess, one: Contestant, given: Omit<HostLoad, "port">): Promise<HostLoadResult> {
  const result = await ask<HostLoadResult>(load, { port: one.port, ...given });
  one.failed += result.failed;
  return result;
}

async function pacedTurn(load: ChildProcess, one: Contestant, perSecond: number): Promise<void> {
  await ask(one.process, { do: "cpu" } satisfies HostOrder);
  const { ok, latencies } = await turn(load, one, { seconds: TURN_S, perSecond });
  const { cpuSeconds } = await ask<{ cpuSeconds: number }>(one.process, { do: "cpu" } satisfies HostOrder);
  one.cpuMs.push((cpuSeconds * 1e6) / ok);
  one.p50.push(percentile(latencies, 50));
  one.p99.push(percentile(latencies, 99));
}

async function facts(one: Contestant): Promise<HostFacts> {
  const answer = await ask<HostFacts>(one.process, { do: "heap" } satisfies HostOrder);
  one.heap.push({ at: performance.now(), bytes: answer.heapBytes });
  return answer;
}

interface Pair {
  readonly off: Contestant;
  readonly on: Contestant;
  readonly facts: HostFacts;
}

async function measure(mode: HostMode, at: ConsoleAt): Promise<Pair> {
  const load = fork(join(outdir, "host-load.mjs"));
  const off = await contestant(null);
  const on = await contestant(at);
  try {
    for (const one of [off, on]) await turn(load, one, { seconds: WARM_S });
    const { ok, seconds } = await turn(load, off, { seconds: TURN_S });
    const perSecond = (ok / seconds) * SHARE;
    const rounds = Math.ceil(SECONDS / TURN_S);
    for (let i = 0; i < rounds; i++) {
      for (const one of i % 2 === 0 ? [off, on] : [on, off]) {
        await facts(one);
        await pacedTurn(load, one, perSecond);
      }
    }
    for (let i = 0; i < Math.max(2, rounds / 4); i++) {
      for (const one of i % 2 === 0 ? [off, on] : [on, off]) {
        const closed = await turn(load, one, { seconds: TURN_S });
        one.goodput.push(closed.ok / closed.seconds);
      }
    }
    await facts(off);
    const last = await facts(on);
    if (mode === "live" && !last.connected) throw new Error("the agent is not connected to its console");
    return { off, on, facts: last };
  } finally {
    load.kill();
    off.process.kill();
    on.process.kill();
  }
}

type Series = "cpuMs" | "p50" | "p99" | "goodput";

/** The middle of what was measured in each pair of turns. */
function ratio(pairs: readonly Pair[], series: Series): number {
  return round(
    percentile(
      pairs.flatMap(({ off, on }) => on[series].map((value, i) => value / (off[series][i] ?? Number.NaN))),
      50,
    ),
  );
}

function middle(all: readonly Contestant[], series: Series): number {
  return round(
    percentile(
      all.flatMap((one) => one[series]),
      50,
    ),
  );
}

/** kB a minute by least squares over the second half of the run. */
function slope({ heap }: Contestant): number {
  const late = heap.slice(Math.floor(heap.length / 2));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [t, h] = [mean(late.map(({ at }) => at)), mean(late.map(({ bytes }) => bytes))];
  const over = late.reduce((sum, { at, bytes }) => sum + (at - t) * (bytes - h), 0);
  const under = late.reduce((sum, { at }) => sum + (at - t) ** 2, 0);
  return (over / under) * (60_000 / 1_024);
}

function figuresOf(all: readonly Contestant[]): Record<string, number> {
  const last = all.map(({ heap }) => (heap.at(-1)?.bytes ?? Number.NaN) / 2 ** 20);
  return {
    cpuMsPerThousand: middle(all, "cpuMs"),
    p50Ms: middle(all, "p50"),
    p99Ms: middle(all, "p99"),
    goodput: middle(all, "goodput"),
    heapMb: round(percentile(last, 50)),
    heapSlopeKbPerMinute: round(percentile(all.map(slope), 50)),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  };
}

export async function run(): Promise<SuiteResult> {
  await bundle();
  const live = await startBundledConsole({ HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP });
  const hanging = await startHangingConsole();
  const hostile = await startHostileConsole();
  const pairs: Record<HostMode, Pair[]> = { live: [], dead: [], hanging: [], hostile: [] };
  try {
    const response = await fetch(`${live.url}/api/v1/agent-tokens`, {
      method: "POST",
      headers: { authorization: `Bearer ${BOOTSTRAP}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "bench" }),
    });
    const { token } = (await response.json()) as { readonly token: string };
    const urls: Record<HostMode, string> = { live: live.url, dead: "http://127.0.0.1:1", hanging: hanging.url, hostile: hostile.url };
    for (let i = 0; i < ROUNDS; i++) for (const mode of HOST_MODES) pairs[mode].push(await measure(mode, { url: urls[mode], token }));
  } finally {
    hanging.close();
    hostile.close();
    await live.dispose();
  }
  const figures: Record<string, Record<string, number>> = {
    off: figuresOf(HOST_MODES.flatMap((mode) => pairs[mode].map(({ off }) => off))),
  };
  const ratios: Record<string, number> = {};
  for (const mode of HOST_MODES) {
    const of = pairs[mode];
    figures[mode] = { ...figuresOf(of.map(({ on }) => on)), reconnects: Math.max(...of.map(({ facts: { reconnects } }) => reconnects)) };
    ratios[`${mode}Cpu`] = ratio(of, "cpuMs");
    ratios[`${mode}P50`] = ratio(of, "p50");
    ratios[`${mode}P99`] = ratio(of, "p99");
    ratios[`${mode}Goodput`] = ratio(of, "goodput");
    ratios[`${mode}Heap`] = round(
      percentile(
        of.map(({ off, on }) => (on.heap.at(-1)?.bytes ?? Number.NaN) / (off.heap.at(-1)?.bytes ?? Number.NaN)),
        50,
      ),
    );
  }
  return { suite: "host", figures: { seconds: SECONDS, rounds: ROUNDS, ...figures }, ratios };
}
