/**
 * A service at twice the load it can carry, real HTTP: what it still achieves, and how the critical class fares, with the shedder, with
 * @fastify/under-pressure at the same thresholds, and with neither. Service and load each have a process of their own.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Answered, LoadOrder } from "../support/open-load.ts";
import type { ShedMode } from "../support/shed-service.ts";
import { percentile, round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";

const CALLERS = 32;
const CALIBRATE_S = 4;
const OVERLOAD = 2;
const RUN_S = 12;
/** Not counted: the guards find their level. */
const SETTLE_MS = 5_000;
/** A later answer is of no use to anybody. */
const USEFUL_MS = 500;
const MODES = ["off", "holdfast", "underPressure"] as const;
const ROUNDS = 2;

function child(file: string): ChildProcess {
  return fork(new URL(`../support/${file}`, import.meta.url), { execArgv: ["--import", "tsx"] });
}

async function ask<T>(process: ChildProcess, message: object): Promise<T> {
  process.send(message);
  const [answer] = (await once(process, "message")) as [T & { failed?: string }];
  if (answer.failed !== undefined) throw new Error(answer.failed);
  return answer;
}

/** Puts load on a fresh service. */
async function measure(mode: ShedMode, load: Omit<LoadOrder, "port">): Promise<Answered[]> {
  const service = child("shed-service.ts");
  const callers = child("open-load.ts");
  try {
    const { port } = await ask<{ port: number }>(service, { mode });
    const { answers } = await ask<{ answers: Answered[] }>(callers, { ...load, port });
    return answers.filter(({ dueMs }) => load.callers !== undefined || dueMs >= SETTLE_MS);
  } finally {
    service.kill();
    callers.kill();
  }
}

export async function run(): Promise<SuiteResult> {
  const capacity = (await measure("off", { seconds: CALIBRATE_S, callers: CALLERS })).length / CALIBRATE_S;
  const answers: Record<ShedMode, Answered[]> = { off: [], holdfast: [], underPressure: [] };
  for (let i = 0; i < ROUNDS; i++)
    for (const mode of MODES) answers[mode].push(...(await measure(mode, { seconds: RUN_S, perSecond: capacity * OVERLOAD })));

  const seconds = ROUNDS * (RUN_S - SETTLE_MS / 1_000);
  const useful = ({ status, ms }: Answered): boolean => status === 200 && ms <= USEFUL_MS;
  const critical = (mode: ShedMode): Answered[] => answers[mode].filter(({ priority }) => priority === "critical");
  const goodput = (mode: ShedMode): number => answers[mode].filter(useful).length / seconds;
  /** Of all critical requests: one that was refused or not answered counts as the whole patience of its caller. */
  const criticalP99 = (mode: ShedMode): number =>
    percentile(
      critical(mode).map(({ status, ms }) => (status === 200 ? ms : Math.max(ms, 2_000))),
      99,
    );
  const criticalServed = (mode: ShedMode): number => critical(mode).filter(useful).length / critical(mode).length;
  return {
    suite: "shed",
    figures: {
      capacity: round(capacity),
      criticalP99Ms: round(criticalP99("holdfast")),
      criticalP99MsOff: round(criticalP99("off")),
      criticalP99MsUnderPressure: round(criticalP99("underPressure")),
      goodput: round(goodput("holdfast")),
      goodputOff: round(goodput("off")),
      goodputUnderPressure: round(goodput("underPressure")),
      criticalServed: round(criticalServed("holdfast")),
      criticalServedOff: round(criticalServed("off")),
      criticalServedUnderPressure: round(criticalServed("underPressure")),
    },
    ratios: { goodputOverUnderPressure: round(goodput("holdfast") / goodput("underPressure")) },
  };
}
