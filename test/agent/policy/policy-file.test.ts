import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Journal } from "../../../agent/src/journal.ts";
import { LiveAgent } from "../../../agent/src/live-agent.ts";
import { PART_HOST } from "../../../agent/src/resilience/home.ts";
import { HeldPolicy, type HeldItem } from "../../../agent/src/policy/held-policy.ts";
import { PolicyFile } from "../../../agent/src/policy/policy-file.ts";
import { fakePart } from "../support/fake-part.ts";
import { configFor, FakeWorld } from "../support/fake-world.ts";
import { until } from "../support/until.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-agent-"));
  path = join(folder, "policy");
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 10 }));

const world = { wallNow: () => 1_700_000_000_000, monoNow: () => 500 };
const fileIn = (lines: string[] = []) =>
  new PolicyFile({ path, service: "orders", clocks: world, journal: new Journal((_level, line) => void lines.push(line)) });

const one = (revision: number): HeldItem[] => [
  { id: "s", kind: "settings", key: "payments", revision, body: { policy: "breaker", values: { probes: 9 } }, endsAt: null },
  { id: "o", kind: "override", key: "payments", revision, body: { policy: "breaker", state: "forced_open" }, endsAt: 60_500 },
  { id: "f", kind: "fault", key: "payments", revision, body: { values: { errorPermille: 10 } }, endsAt: 60_500 },
  { id: "w", kind: "switch", key: "prices", revision, body: { position: "off" }, endsAt: null },
];

async function keep(...generations: readonly number[]): Promise<void> {
  const file = fileIn();
  for (const revision of generations) {
    const held = new HeldPolicy();
    held.restore(revision, one(revision));
    file.save(held);
    await file.settled();
  }
}

describe("the policy file", () => {
  it("keeps items of every kind, with their leases", async () => {
    await keep(3);
    expect(await fileIn().load()).toEqual({ revision: 3, items: one(3) });
  });

  it("torn at any byte gives the generation before, or the whole; never anything else, never an exception", async () => {
    await keep(1, 2);
    const whole = await readFile(path);
    for (let length = 0; length <= whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      const loaded = await fileIn().load();
      // The last byte is a line break that says nothing.
      expect(loaded?.revision, `cut after ${length} bytes`).toBe(length >= whole.length - 1 ? 2 : 1);
      expect(loaded?.items).toEqual(one(length >= whole.length - 1 ? 2 : 1));
    }
  });

  it("with any byte changed gives the generation before", async () => {
    await keep(1, 2);
    const whole = await readFile(path);
    for (let at = 0; at < whole.length - 1; at++) {
      const bent = Buffer.from(whole);
      bent[at] = (bent[at] ?? 0) ^ 1;
      await writeFile(path, bent);
      expect((await fileIn().load())?.revision, `byte ${at}`).toBe(1);
    }
  });

  it("with both generations torn gives nothing, and says so once for each", async () => {
    await keep(1, 2);
    await writeFile(path, "x");
    await writeFile(`${path}.previous`, "");
    const lines: string[] = [];
    expect(await fileIn(lines).load()).toBeNull();
    expect(lines).toHaveLength(2);
  });

  it("brings settings, overrides and faults back to their policies before any console is heard", async () => {
    await keep(4);
    const part = fakePart("payments", "breaker", { faults: true });
    const time = new FakeWorld();
    const agent = new LiveAgent({ config: configFor({ policyFile: path }), runtime: time });
    agent[PART_HOST].attach(part);
    await until("policy read", () => agent.status.revision === 4);
    expect(part.told).toEqual({
      settings: [{ revision: 4, values: { probes: 9 } }],
      override: "forced_open",
      fault: { errorPermille: 10 },
    });
    time.pass(60_000);
    expect(part.told).toMatchObject({ settings: [{ revision: 4 }], override: null, fault: null });
    void agent.close();
  });
});
