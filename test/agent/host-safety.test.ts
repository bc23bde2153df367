import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createPool } from "generic-pool";
import PQueue9 from "p-queue";
import PQueue10 from "p-queue-10";
import pg from "pg";
import { Pool } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LiveAgent } from "../../agent/src/live-agent.ts";
import type { Sink } from "../../agent/src/observe/adapter.ts";
import { recognise } from "../../agent/src/observe/recognise.ts";
import { configFor, FakeWorld } from "./support/fake-world.ts";
import type { Breaker, BreakerClass } from "./support/opossum.ts";
import { until } from "./support/until.ts";

const require = createRequire(import.meta.url);

/** Every way an adapter reports throws. */
const throwingSink = (): Sink => ({
  count: () => {
    throw new Error("sink count");
  },
  outcome: () => {
    throw new Error("sink outcome");
  },
  state: () => {
    throw new Error("sink state");
  },
});

let processErrors: unknown[] = [];
const remember = (error: unknown): void => void processErrors.push(error);
beforeEach(() => {
  processErrors = [];
  process.on("uncaughtException", remember);
  process.on("unhandledRejection", remember);
});
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("uncaughtException", remember);
  process.off("unhandledRejection", remember);
  expect(processErrors).toEqual([]);
});

function start(wrapSink?: (sink: Sink) => Sink) {
  const lines: string[] = [];
  const world = new FakeWorld();
  const agent = new LiveAgent({
    config: configFor({ log: (_level, message) => void lines.push(message) }),
    runtime: world,
    ...(wrapSink === undefined ? {} : { wrapSink }),
  });
  return { world, agent, lines };
}

describe.each([
  ["opossum 9", "opossum"],
  ["opossum 10", "opossum-10"],
])("%s with a sink that throws", (_title, module) => {
  const CircuitBreaker = require(module) as BreakerClass;
  const options = { timeout: 30, errorThresholdPercentage: 50, resetTimeout: 20, volumeThreshold: 1 };

  /** The same story with and without us must end the same. */
  async function story(observe: (breaker: Breaker) => void): Promise<unknown[]> {
    let mode: "good" | "bad" | "hang" = "good";
    const breaker = new CircuitBreaker(() => {
      if (mode === "bad") return Promise.reject(new Error("down"));
      return mode === "hang" ? new Promise(() => undefined) : Promise.resolve("fine");
    }, options);
    observe(breaker);
    const told: unknown[] = [];
    const fire = async (): Promise<void> => {
      told.push(await breaker.fire().catch((error: unknown) => (error instanceof Error ? error.message : error)), breaker.opened);
    };
    await fire();
    mode = "bad";
    await fire();
    await fire();
    await fire();
    await until("half open", () => breaker.halfOpen);
    mode = "hang";
    await fire();
    await until("half open", () => breaker.halfOpen);
    mode = "good";
    await fire();
    breaker.fallback(() => "instead");
    breaker.open();
    await fire();
    breaker.shutdown();
    return told;
  }

  it("gives the results and states it gives without us", async () => {
    const plain = await story(() => undefined);
    for (const only of ["count", "outcome", "state"] as const) {
      const { agent, lines } = start((sink) => ({
        count: (column) => sink.count(column),
        outcome: (good, ms) => sink.outcome(good, ms),
        state: (state) => sink.state(state),
        [only]: throwingSink()[only],
      }));
      expect(await story((breaker) => agent.observe(breaker, "payments"))).toEqual(plain);
      expect(agent.status.adapterErrors).toBe(1);
      expect(lines.filter((line) => line.includes("payments"))).toEqual([`holdfast: payments is no longer observed: Error: sink ${only}`]);
      void agent.close();
    }
  });
});

describe.each([
  ["p-queue 9", PQueue9],
  ["p-queue 10", PQueue10 as unknown as typeof PQueue9],
])("%s with a sink that throws", (_title, PQueue) => {
  it("settles every task as it would without us", async () => {
    const { agent } = start(throwingSink);
    const queue = new PQueue({ concurrency: 1 });
    agent.observe(queue, "mails");
    const results = await Promise.allSettled([
      queue.add(async () => 1),
      queue.add(async () => Promise.reject(new Error("own"))),
      queue.add(async () => 3),
    ]);
    expect(results).toMatchObject([{ value: 1 }, { reason: { message: "own" } }, { value: 3 }]);
    await queue.onIdle();
    expect(agent.status.adapterErrors).toBe(1);
    void agent.close();
  });
});

it("pg.Pool with a sink that throws still hands out and takes back its clients", async () => {
  const { agent } = start(throwingSink);
  class FakeClient extends EventEmitter {
    readonly _queryable = true;
    connect(done: (error: null) => void): void {
      setImmediate(done, null);
    }
    end(done?: () => void): void {
      done?.();
    }
  }
  const pool = new pg.Pool({ Client: FakeClient, max: 1 } as never);
  agent.observe(pool, "db");
  const first = await pool.connect();
  const waiting = pool.connect();
  first.release();
  (await waiting).release();
  expect([pool.totalCount, pool.waitingCount]).toEqual([1, 0]);
  expect(agent.status.adapterErrors).toBe(1);
  await pool.end();
  void agent.close();
});

it("a node:http server with a sink that throws answers as before", async () => {
  const { agent } = start(throwingSink);
  const server = createServer((_request, response) => response.writeHead(500).end("own words"));
  agent.observe(server, "http");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect([answer.status, await answer.text()]).toEqual([500, "own words"]);
  server.closeAllConnections();
  server.close();
  expect(agent.status.adapterErrors).toBe(1);
  void agent.close();
});

describe("a thing whose getter starts to throw", () => {
  it.each([
    ["generic-pool", () => createPool({ create: async () => ({}), destroy: async () => undefined }, { max: 1 }), "borrowed"],
    ["undici", () => new Pool("http://127.0.0.1:1"), "stats"],
    ["p-queue", () => new PQueue9(), "size"],
  ] as const)("%s is no longer observed, said once, and retired; the others go on", (_title, make, key) => {
    const { agent, world, lines } = start();
    const thing = make();
    agent.observe(thing, "fragile");
    agent.resource("gauge", "sturdy", () => ({ value: 1 }));
    world.socket.greet();
    Object.defineProperty(thing, key, {
      get: () => {
        throw new Error("getter");
      },
    });
    world.pass(5_000);
    expect(lines.filter((line) => line.includes("fragile"))).toHaveLength(1);
    expect(agent.status).toMatchObject({ adapterErrors: 1, resources: 2 });
    expect(world.socket.messages().flatMap((message) => (message.t === "declare" ? message.retired : []))).toEqual([1]);
    void agent.close();
  });

  it("a reader that throws is ended the same way", () => {
    const { agent, world, lines } = start();
    agent.resource("gauge", "fragile", () => {
      throw new Error("reader");
    });
    world.pass(3_000);
    expect(lines).toEqual(["holdfast: fragile is no longer observed: Error: reader"]);
    expect(agent.status).toMatchObject({ adapterErrors: 1, resources: 1 });
    void agent.close();
  });
});

describe("what is not known or not allowed", () => {
  it("an unknown shape gives one warning and a disposer that does nothing", () => {
    const { agent, lines } = start();
    for (const thing of [
      {},
      new Map(),
      null,
      undefined,
      5,
      "pool",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("trap");
          },
        },
      ),
    ])
      agent.observe(thing as object, "thing")();
    expect(lines).toHaveLength(1);
    expect(agent.status.adapterErrors).toBe(0);
    void agent.close();
  });

  it("names that cannot travel, names twice and too many resources are refused, counted and said once", () => {
    const { agent, lines } = start();
    const read = () => ({ value: 1 });
    for (const name of ["", "a".repeat(65), "new\nline", "\u202Eevil", 5 as never]) agent.resource("gauge", name, read);
    agent.resource("gauge", "twice", read);
    agent.resource("gauge", "twice", read);
    agent.resource("gauge", "twice", read);
    expect(agent.status.capped).toBe(7);
    expect(lines).toHaveLength(6);
    for (let i = 0; i < 600; i++) agent.resource("gauge", `g${i}`, read);
    expect(agent.status.resources).toBe(500);
    agent.resource("teleporter" as never, "kind", read as never);
    void agent.close();
  });

  it("a log that throws changes nothing", () => {
    const agent = new LiveAgent({
      config: configFor({
        log: () => {
          throw new Error("log");
        },
      }),
      runtime: new FakeWorld(),
    });
    agent.observe({}, "x");
    agent.event("NOT OK");
    expect(agent.status.adapterErrors).toBeGreaterThan(0);
    void agent.close();
  });

  it("everything is inert after close", async () => {
    const { agent, world } = start();
    world.socket.handlers.closed(4426, "");
    await agent.close();
    agent.event("note");
    agent.observe({}, "x")();
    agent.resource("gauge", "g", () => ({ value: 1 }))();
    expect(agent.switch({ key: "k", title: "t", whatUsersLose: "w" }).position).toBe("on");
    await agent.close();
  });
});

it("an observed object is not kept alive: it is retired once collected", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { agent, world } = start();
  world.socket.greet();
  for (let i = 0; i < 3; i++) {
    agent.observe(createPool({ create: async () => ({}), destroy: async () => undefined }, { max: 1, autostart: false }), `pool${i}`);
    agent.observe(new PQueue10(), `queue${i}`);
    agent.observe(
      new (require("opossum") as BreakerClass)(async () => 1, { enableSnapshots: false, rotateBucketController: new EventEmitter() }),
      `breaker${i}`,
    );
  }
  const deadline = performance.now() + 10_000;
  while (agent.status.resources > 4 && performance.now() < deadline) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    world.pass(1_000);
    world.socket.handlers.heard();
  }
  // Pools and queues must be gone; opossum keeps a timer of its own that may hold a breaker.
  expect(agent.status.resources).toBeLessThanOrEqual(4);
  void agent.close();
});

it("recognition runs no getter more than it must and survives those that throw", () => {
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("trap");
      },
      has: () => {
        throw new Error("trap");
      },
    },
  );
  expect(recognise(hostile)).toBeNull();
});
