import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createJobRunner, type JobRunner } from "../../server/jobs/job-runner.ts";
import type { Job } from "../../server/jobs/job.ts";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import type { Store } from "../../server/store/store.ts";
import { LeaseLost, type Lease } from "../../server/store/tier-store.ts";
import { FakeClock, turnedUntil } from "../support/fake-clock.ts";

const log = createLog("silent");
const dataDir = mkdtempSync(join(tmpdir(), "holdfast-jobs-"));
let store: Store;
beforeAll(async () => {
  ({ store } = await openStore({ dataDir, log }));
});
afterAll(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

/** Counts to `until`, one unit a step, and remembers what it saw. */
function counting(until: number) {
  const seen: { begun: Record<string, unknown>[]; steps: number; tokens: Set<number> } = { begun: [], steps: 0, tokens: new Set() };
  const name = `count-${randomUUID()}`;
  let count = 0;
  const job: Job = {
    name,
    begin(state) {
      seen.begun.push({ ...state });
      count = Number(state["count"] ?? 0);
    },
    async step(lease) {
      if (count >= until) return "idle";
      await store.saveProgress(lease, { job: name, state: { count: count + 1 } });
      count++;
      seen.steps++;
      seen.tokens.add(lease.token);
      return "more";
    },
  };
  return { job, seen, name, saved: async () => (await store.listJobs()).find((one) => one.job === name)?.state };
}

function runner(
  jobs: readonly Job[],
  { name = `lease-${randomUUID()}`, holder = "a", clock = new FakeClock(), ttlMs = 60_000 } = {},
): JobRunner & {
  clock: FakeClock;
} {
  return Object.assign(createJobRunner({ name, holder, jobs, store, clock, log, ttlMs }), { clock });
}

/** Lets the runner rest on its clock until it is done. */
async function run(one: ReturnType<typeof runner>, restMs = 0): Promise<void> {
  await turnedUntil(one.runNow(), one.clock, restMs);
}

describe("the job runner", () => {
  it("works every job until none has anything to do", async () => {
    const [one, two] = [counting(5), counting(3)];
    const running = runner([one.job, two.job]);
    await run(running);
    expect([await one.saved(), await two.saved()]).toEqual([{ count: 5 }, { count: 3 }]);
    await running.stop();
  });

  it("does nothing while another console leads, and goes on where that one stopped", async () => {
    const name = `lease-${randomUUID()}`;
    const { job, seen, saved } = counting(4);
    const other = await store.takeLease(name, "b", 60_000);
    const running = runner([job], { name });
    await run(running);
    expect([running.leading, seen.steps]).toEqual([false, 0]);
    await store.saveProgress(other as Lease, { job: job.name, state: { count: 3 } });
    await store.releaseLease(other as Lease);
    await run(running);
    expect([seen.begun, seen.steps, await saved()]).toEqual([[{ count: 3 }], 1, { count: 4 }]);
    await running.stop();
    expect((await store.takeLease(name, "b", 60_000))?.holder).toBe("b");
  });

  it("stops at the first write after it was overtaken, and counts nothing twice", async () => {
    const name = `lease-${randomUUID()}`;
    const { job, seen, saved } = counting(10);
    let overtaken: Lease | null = null;
    const slow: Job = {
      ...job,
      step: async (lease) => {
        if (seen.steps === 4 && overtaken === null) {
          await store.releaseLease(lease);
          overtaken = await store.takeLease(name, "b", 60_000);
        }
        return job.step(lease);
      },
    };
    const running = runner([slow], { name });
    await run(running);
    expect([running.leading, seen.steps, await saved()]).toEqual([false, 4, { count: 4 }]);
    await store.releaseLease(overtaken as unknown as Lease);
    await run(running);
    expect([seen.begun.at(-1), await saved(), seen.tokens.size]).toEqual([{ count: 4 }, { count: 10 }, 2]);
    await running.stop();
  });

  it("begins again from what is saved when a job failed, after a pause", async () => {
    const { job, seen, saved } = counting(6);
    let failures = 0;
    const faulty: Job = {
      ...job,
      step: async (lease) => {
        const answer = await job.step(lease);
        if (seen.steps === 3 && failures++ === 0) throw new Error("on purpose");
        return answer;
      },
    };
    const running = runner([faulty]);
    await run(running);
    expect(await saved()).toEqual({ count: 3 });
    running.clock.advance(5_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.begun).toHaveLength(1);
    await run(running);
    expect([seen.begun.at(-1), await saved(), seen.steps]).toEqual([{ count: 3 }, { count: 6 }, 6]);
    await running.stop();
  });

  it("renews its lease while it works long", async () => {
    const name = `lease-${randomUUID()}`;
    const clock = new FakeClock();
    const { job, seen } = counting(8);
    const expiries = new Set<number>();
    const long: Job = {
      ...job,
      step: async (lease) => {
        expiries.add(lease.expiresAt);
        await new Promise((resolve) => setTimeout(resolve, 2));
        clock.stall(25_000);
        return job.step(lease);
      },
    };
    await run(runner([long], { name, clock }), 1_000);
    expect([expiries.size > 4, seen.tokens.size]).toEqual([true, 1]);
  });

  it("ends the unit at hand when it is stopped, and lets go at once", async () => {
    const name = `lease-${randomUUID()}`;
    const { job, seen } = counting(1_000);
    const running = runner([job], { name });
    const work = running.runNow();
    await expect.poll(() => seen.steps, { timeout: 5_000 }).toBeGreaterThan(0);
    await running.stop();
    await work;
    expect(seen.steps).toBeLessThan(1_000);
    const next = await store.takeLease(name, "b", 60_000);
    expect(next?.token).toBe(2);
    await expect(store.saveProgress({ ...(next as Lease), token: 1, holder: "a" }, { job: "x", state: {} })).rejects.toBeInstanceOf(
      LeaseLost,
    );
  });
});
