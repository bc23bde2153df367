/**
 * What the policies cost a call: nanoseconds and bytes allocated, beside a bare await, opossum and cockatiel doing the same resolved work
 * in the same process, in turns. Medians. Bytes are what a call adds to a bare await.
 */
import * as cockatiel from "cockatiel";
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { bulkhead, circuitBreaker, pipeline } from "../../agent/src/entry-resilience.ts";
import { Journal } from "../../agent/src/journal.ts";
import { AttachedParts } from "../../agent/src/policy/attached-parts.ts";
import { HeldPolicy } from "../../agent/src/policy/held-policy.ts";
import { SteeredParts } from "../../agent/src/policy/steered-parts.ts";
import { PART_HOST } from "../../agent/src/resilience/home.ts";
import { nodeRuntime } from "../../agent/src/runtime.ts";
import { Telemetry } from "../../agent/src/telemetry/telemetry.ts";
import { percentile, round } from "../support/statistics.ts";
import type { BreakerClass } from "../../test/agent/support/opossum.ts";
import type { SuiteResult } from "../support/suite.ts";

const CircuitBreaker = createRequire(import.meta.url)("opossum") as BreakerClass;
const ROUNDS = 9;
const BATCH = 20_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

type Batch = (calls: number) => Promise<void>;

const work = async (): Promise<number> => 1;

function batchOf(call: () => PromiseLike<unknown>): Batch {
  return async (calls) => {
    for (let i = 0; i < calls; i++) await call();
  };
}

function rejectedBatchOf(call: () => PromiseLike<unknown>): Batch {
  return async (calls) => {
    for (let i = 0; i < calls; i++) {
      try {
        await call();
      } catch {
        continue;
      }
    }
  };
}

/** Nanoseconds a call, each contestant once a round, so that what disturbs the machine disturbs all. */
async function measure(contestants: Readonly<Record<string, Batch>>): Promise<Record<string, number>> {
  const taken: Record<string, number[]> = {};
  for (let r = -2; r < ROUNDS; r++) {
    for (const [name, batch] of Object.entries(contestants)) {
      const calls = name === "cockatielWrap" ? BATCH / 10 : BATCH;
      const started = process.hrtime.bigint();
      await batch(calls);
      if (r >= 0) (taken[name] ??= []).push(Number(process.hrtime.bigint() - started) / calls);
      // Timers of the contestants get their turn.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  return Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, percentile(values, 50)]));
}

/** Bytes a call, over so few calls that no scavenge comes between. */
async function bytes(batch: Batch): Promise<number> {
  const calls = 1_000;
  const measured: number[] = [];
  for (let r = 0; r < 15; r++) {
    collect();
    const before = process.memoryUsage().heapUsed;
    await batch(calls);
    const grown = process.memoryUsage().heapUsed - before;
    if (grown > 0) measured.push(grown / calls);
  }
  return percentile(measured, 50);
}

/** Microseconds of one sample of 200 resources: 40 pipelines of five parts each. Without a console, as nothing is sent. */
function tick(): number {
  const journal = new Journal(() => undefined);
  const telemetry = new Telemetry({
    clock: nodeRuntime(),
    journal,
    origin: { service: "bench", instance: "1" },
    switches: () => [],
    policies: () => [],
    reconnects: () => 0,
    beforeSample: () => undefined,
  });
  const host = new AttachedParts({ journal, telemetry, steered: new SteeredParts(journal), held: new HeldPolicy() });
  const agent = { [PART_HOST]: host };
  for (let i = 0; i < 40; i++) {
    const one = pipeline(`bench ${i}`, { timeout: {}, breaker: {}, bulkhead: {}, retry: {}, agent });
    void one.run(work);
  }
  const taken: number[] = [];
  for (let i = 0; i < 300; i++) {
    const started = performance.now();
    telemetry.sampleNow();
    if (i >= 100) taken.push((performance.now() - started) * 1000);
  }
  if (telemetry.table.all().length !== 200) throw new Error("there are not 200 resources");
  return percentile(taken, 50);
}

export async function run(): Promise<SuiteResult> {
  const payments = pipeline("bench", {
    timeout: {},
    breaker: {},
    bulkhead: {},
    retry: { idempotent: true },
  });
  const lean = new CircuitBreaker(work, { timeout: false, rollingPercentilesEnabled: false });
  const wrapped = cockatiel.wrap(
    cockatiel.retry(cockatiel.handleAll, { maxAttempts: 3 }),
    cockatiel.circuitBreaker(cockatiel.handleAll, {
      halfOpenAfter: 30_000,
      breaker: new cockatiel.SamplingBreaker({ threshold: 0.5, duration: 10_000 }),
    }),
    cockatiel.timeout(5_000, cockatiel.TimeoutStrategy.Aggressive),
    cockatiel.bulkhead(20, 20),
  );

  const guard = circuitBreaker("bench guard");
  const slots = bulkhead("bench slots");
  const open = pipeline("bench open", { breaker: { minimumCalls: 1, openMs: 300_000 }, timeout: {}, bulkhead: {}, retry: {} });
  await open.run(() => Promise.reject(new Error("down"))).catch(() => undefined);
  const opossumOpen = new CircuitBreaker(work, { timeout: false, rollingPercentilesEnabled: false, resetTimeout: 300_000 });
  opossumOpen.open();

  const contestants = {
    await: batchOf(work),
    pipeline: batchOf(() => payments.run(work)),
    opossumLean: batchOf(() => lean.fire()),
    cockatielWrap: batchOf(() => wrapped.execute(work)),
    guard: async (calls: number) => {
      for (let i = 0; i < calls; i++) {
        const permit = guard.begin();
        if (permit === 0 || !slots.begin()) throw new Error("the guard is closed");
        await work();
        slots.end();
        guard.end(permit, true);
      }
    },
    reject: rejectedBatchOf(() => open.run(work)),
    opossumReject: rejectedBatchOf(() => opossumOpen.fire()),
  } satisfies Record<string, Batch>;
  const ns = await measure(contestants);
  const at = (name: keyof typeof contestants): number => ns[name] ?? Number.NaN;
  const bare = await bytes(contestants.await);
  const pipelineBytes = (await bytes(contestants.pipeline)) - bare;
  const guardBytes = (await bytes(contestants.guard)) - bare;
  const opossumBytes = (await bytes(contestants.opossumLean)) - bare;
  const cockatielBytes = (await bytes(contestants.cockatielWrap)) - bare;
  lean.shutdown();
  opossumOpen.shutdown();

  return {
    suite: "agent",
    figures: {
      awaitNs: round(at("await")),
      pipelineNs: round(at("pipeline") - at("await")),
      pipelineBytes: round(pipelineBytes),
      guardNs: round(at("guard") - at("await")),
      guardBytes: round(guardBytes),
      rejectNs: round(at("reject")),
      opossumLeanNs: round(at("opossumLean") - at("await")),
      opossumLeanBytes: round(opossumBytes),
      cockatielWrapNs: round(at("cockatielWrap") - at("await")),
      cockatielWrapBytes: round(cockatielBytes),
      opossumRejectNs: round(at("opossumReject")),
      tick200Us: round(tick()),
    },
    ratios: {
      pipelineOverAwait: round(at("pipeline") / at("await")),
      pipelineOverOpossumLean: round(at("pipeline") / at("opossumLean")),
      pipelineOverCockatielWrap: round(at("pipeline") / at("cockatielWrap")),
      rejectOverOpossum: round(at("reject") / at("opossumReject")),
    },
  };
}
