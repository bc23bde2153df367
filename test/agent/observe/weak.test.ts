import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import Bottleneck from "bottleneck";
import * as cockatiel3 from "cockatiel";
import * as cockatiel4 from "cockatiel-4";
import { createPool } from "generic-pool";
import { Redis } from "ioredis";
import PQueue9 from "p-queue";
import pg from "pg";
import { Pool as TarnPool } from "tarn";
import { expect, it } from "vitest";
import { kafkaConsumer, kafkaProducer } from "../support/kafka.ts";
import { observing } from "../support/observing.ts";
import type { BreakerClass } from "../support/opossum.ts";
import { until } from "../support/until.ts";

const require = createRequire(import.meta.url);
const factory = { create: async () => ({}), destroy: async () => undefined };

/** What holds no timer of its own. */
const things: Readonly<Record<string, () => object>> = {
  pg: () => new pg.Pool(),
  tarn: () => new TarnPool({ ...factory, min: 0, max: 1 }),
  "generic-pool": () => createPool(factory, { max: 1, autostart: false }),
  "p-queue": () => new PQueue9(),
  bottleneck: () => new Bottleneck(),
  ioredis: () => new Redis({ lazyConnect: true }),
  "kafkajs consumer": () => kafkaConsumer().consumer,
  "kafkajs producer": () => kafkaProducer().producer,
  "cockatiel 3": () => cockatiel3.circuitBreaker(cockatiel3.handleAll, { halfOpenAfter: 1, breaker: new cockatiel3.ConsecutiveBreaker(1) }),
  "cockatiel 4": () => cockatiel4.bulkhead(1),
  "cockatiel 4 retry": () => cockatiel4.retry(cockatiel4.handleAll, {}),
};

it.each(Object.entries(things))(
  "%s is not kept alive by being observed and steered: it is retired once collected",
  async (_title, make) => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const on = observing();
    // The disposer is kept, as a host may.
    const disposers = [0, 1, 2].map((i) => on.observer.observe(make(), `thing ${i}`, { control: true }));
    expect(on.table.liveCount).toBe(3);
    await until("collected", () => {
      collect();
      on.table.sample((resource) => on.observer.gone(resource));
      return on.table.liveCount === 0;
    });
    expect([...on.steerings.keys()]).toEqual([]);
    disposers.forEach((dispose) => dispose());
    expect(on.journal.errors).toBe(0);
  },
);

it("an opossum breaker that was shut down is let go, with what the console had set", () => {
  const on = observing();
  const breaker = new (require("opossum") as BreakerClass)(async () => 1, { resetTimeout: 20, timeout: 30 });
  on.observe(breaker, "payments", { control: true });
  on.set("timeout payments", { attemptMs: 5 });
  breaker.shutdown();
  expect(on.table.liveCount).toBe(0);
  expect(on.steerings.size).toBe(0);
  expect((breaker as unknown as { options: object }).options).toMatchObject({ timeout: 30 });
  expect(breaker.eventNames()).toEqual([]);
});
