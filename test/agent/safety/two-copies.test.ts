import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type * as Main from "@holdfast/agent";
import type * as Http from "@holdfast/agent/http";
import type * as Resilience from "@holdfast/agent/resilience";
import { startFakeConsole } from "../support/fake-console.ts";
import { until } from "../support/until.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Beneath node_modules, where the copies find their one dependency. */
const folder = join(root, `node_modules/.cache/holdfast/copies-${process.pid}`);

interface Copy {
  readonly main: typeof Main;
  readonly resilience: typeof Resilience;
  readonly http: typeof Http;
}

/** The package as it is installed a second time, beneath a library that wants another version of it. */
async function copyOf(name: string): Promise<Copy> {
  const outdir = join(folder, name);
  await build({
    entryPoints: ["index", "entry-resilience", "entry-http"].map((entry) => join(root, `agent/src/${entry}.ts`)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    external: ["ws"],
  });
  const load = (entry: string): Promise<unknown> => import(pathToFileURL(join(outdir, `${entry}.mjs`)).href);
  return {
    main: (await load("index")) as typeof Main,
    resilience: (await load("entry-resilience")) as typeof Resilience,
    http: (await load("entry-http")) as typeof Http,
  };
}

let [here, there] = [] as unknown as [Copy, Copy];
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  [here, there] = await Promise.all([copyOf("here"), copyOf("there")]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const offline = { url: "http://127.0.0.1:1", token: "hfa_test", service: "orders", log: () => undefined };

describe("two copies of the package in one process", () => {
  it("are two", () => {
    expect(here.resilience.PolicyError).not.toBe(there.resilience.PolicyError);
  });

  it("share one agent: the policies of both are seen and steered by it, whichever came first", async () => {
    const early = there.resilience.circuitBreaker("early");
    const control = await startFakeConsole();
    const agent = here.main.createAgent({ ...offline, url: control.url });
    const late = there.resilience.pipeline("late", { timeout: {}, breaker: {} });
    const own = here.resilience.rateLimiter("own");
    cleanups.push(
      () => [early, late, own].forEach((policy) => policy.close()),
      () => agent.close(),
      () => control.close(),
    );
    const link = await control.link();
    await until("all are declared", () => link.resources.length === 5);
    expect(link.resources.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      "breaker early",
      "breaker late",
      "limiter own",
      "process process",
      "timeout late",
    ]);
    link.say([
      { t: "intent", txn: 1, mode: "full", revision: 1 },
      ...["early", "late"].map((key) => ({
        t: "put" as const,
        txn: 1,
        id: key,
        kind: "override",
        key,
        revision: 1,
        leaseMs: 60_000,
        body: { policy: "breaker", state: "forced_open" },
      })),
      { t: "commit", txn: 1, revision: 1 },
    ]);
    await until("they are forced open", () => early.state === "forced_open" && late.state === "forced_open");
    await until("that is told", () => link.events.filter(({ type }) => type === "breaker.forced_open").length === 2);
    expect(control.violations).toEqual([]);
  });

  it("have one process's agent between them, the first", async () => {
    const first = here.main.createAgent(offline);
    const second = there.main.createAgent(offline);
    const policies = [here, there].map(({ resilience }, i) => resilience.circuitBreaker(`breaker ${i}`));
    expect([first.status.resources, second.status.resources]).toEqual([3, 1]);
    const named = there.resilience.circuitBreaker("named", { agent: first });
    expect(first.status.resources).toBe(4);
    for (const policy of [...policies, named]) policy.close();
    await Promise.all([first.close(), second.close()]);
  });

  it("see the same deadline", () => {
    here.http.withDeadline(1_000, () => {
      expect(there.http.remainingMs()).toBeLessThanOrEqual(1_000);
      there.http.withDeadline(60_000, () => expect(here.http.remainingMs()).toBeLessThanOrEqual(1_000));
    });
  });

  it("know each other's errors, and do not repeat what the other refused", async () => {
    const inner = there.resilience.circuitBreaker("inner");
    inner.override("forced_open");
    let asked = 0;
    const outer = here.resilience.pipeline("outer", { retry: { baseMs: 1, maxDelayMs: 1, idempotent: true } });
    const error: unknown = await outer
      .run(() => {
        asked++;
        return inner.run(async () => 1);
      })
      .catch((reason: unknown) => reason);
    expect(asked).toBe(1);
    expect([here.resilience.isPolicyError(error), there.http.isPolicyError(error)]).toEqual([true, true]);
    expect(here.resilience.isPolicyError(new Error("own"))).toBe(false);
    for (const policy of [inner, outer]) policy.close();
  });
});
