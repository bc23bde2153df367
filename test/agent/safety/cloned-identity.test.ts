import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { LiveAgent } from "../../../agent/src/live-agent.ts";
import { CLOSE } from "../../../protocol/close-codes.ts";
import { systemClock } from "../../../server/clock.ts";
import { startTestConsole, TOKEN } from "../../support/test-console.ts";
import { configFor, type FakeSocket } from "../support/fake-world.ts";
import { until } from "../support/until.ts";
import { expectNoProcessErrors } from "./support/process-errors.ts";
import { eventsOf, ReactingWorld } from "./support/reacting-world.ts";

expectNoProcessErrors();

const TWIN = fileURLToPath(new URL("./support/twin-host.ts", import.meta.url));
/** Below an hour, so that nothing falls off the end while no sample is ever committed. */
const SECONDS = 3_000;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Twin {
  /** Everything said so far. */
  readonly said: string[];
}

function twinOf(port: number): Twin {
  const child = spawn(process.execPath, ["--import", "tsx", TWIN, `http://127.0.0.1:${port}`, TOKEN.replace("Bearer ", "")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const said: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(...chunk.toString().split("\n").filter(Boolean)));
  cleanups.push(() => {
    child.stdin.end();
    return new Promise((resolve) => child.once("exit", resolve));
  });
  return { said };
}

describe("two processes with the identity of one", () => {
  it("do not share the console: the newer one replaces the older, which knows why and waits", async () => {
    const console = await startTestConsole({ clock: systemClock });
    cleanups.push(() => console.stop());
    const older = twinOf(console.port);
    await until("the older one is linked", () => older.said.some((line) => line.startsWith("open")));
    const newer = twinOf(console.port);
    await until("the newer one is linked", () => newer.said.some((line) => line.startsWith("open")));
    await until("the older one waits", () => older.said.at(-1)?.startsWith("waiting"));
    expect(older.said.at(-1)).toContain(String(CLOSE.replaced.code));
    expect(newer.said.at(-1)).toMatch(/^open/);
    expect(console.metrics.agents).toBe(1);
    expect([...console.fleet.fleet("production").instances.keys()]).toEqual(["orders/orders-1"]);
  });

  it("take turns of more than half a minute for as long as both live, and lose no event", () => {
    let linked: FakeSocket | null = null;
    const world = new ReactingWorld((socket) => {
      const before = linked;
      linked = socket;
      before?.handlers.closed(CLOSE.replaced.code, "");
      socket.greet();
    });
    const twins = [0, 1].map(() => new LiveAgent({ config: configFor(), runtime: world }));
    for (let second = 0; second < SECONDS; second++) {
      world.pass(1_000);
      (linked as FakeSocket | null)?.handlers.heard();
    }
    expect(twins.filter(({ status }) => status.state === "open")).toHaveLength(1);
    const [, second, ...rest] = world.openedAt;
    expect(rest.length).toBeGreaterThan(10);
    expect(rest.length).toBeLessThanOrEqual(SECONDS / 30);
    for (const [i, at] of rest.entries()) expect(at - (rest[i - 1] ?? second ?? 0)).toBeGreaterThanOrEqual(30_000);
    for (const twin of twins) {
      expect(twin.status).toMatchObject({ droppedEvents: 0, droppedSamples: 0, adapterErrors: 0 });
      void twin.close();
    }
    expect(eventsOf(world.socket).seqs).toEqual([1]);
  });
});
