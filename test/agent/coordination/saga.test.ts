import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryJournal, saga, sagaTable, sqlJournal, type SagaJournal, type SagaStep } from "../../../agent/src/entry-coordination.ts";
import { moveIn, moveOut } from "../../../agent/src/resilience/home.ts";
import type { Part } from "../../../agent/src/resilience/part.ts";
import type { Data } from "../../../agent/src/types.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { age, postgresClient, sqliteClient, type TestSql } from "./support/clients.ts";
import { settled } from "./support/memory-leases.ts";
import { LOCK_MS, SagaWorld, type StepPlan } from "./support/saga-world.ts";

const good: StepPlan = { fails: 0, lost: [], timesOut: 0, undoFails: 0, pivot: false };

/** What must be true of a saga that has ended, whatever happened on the way. */
function expectWhole(world: SagaWorld, plans: readonly StepPlan[], status: string): void {
  const steps = plans.map((_, i) => `step${i}`);
  for (const keys of [...world.effects.values(), ...world.undone.values()]) expect(keys).toHaveLength(1);
  if (status === "completed") {
    expect([...world.effects.keys()]).toEqual(steps);
    expect(world.undone.size).toBe(0);
  } else {
    expect(status).toBe("compensated");
    expect([...world.undone.keys()]).toEqual([...world.effects.keys()].reverse());
    const pivot = plans.findIndex((plan) => plan.pivot);
    if (pivot >= 0) expect([...world.effects.keys()]).not.toContain(`step${pivot + 1}`);
  }
}

describe("a saga", () => {
  it("ends with all steps done or all that were done compensated, each effect once, wherever its processes die", async () => {
    const plan = fc.record({
      fails: fc.constantFrom(0, 0, 0, 1, Infinity),
      lost: fc.array(fc.boolean(), { maxLength: 3 }),
      timesOut: fc.constantFrom(0, 0, 1),
      undoFails: fc.nat(3),
      pivot: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(plan, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }),
        async (drawn, deaths) => {
          const pivot = drawn.findIndex((one) => one.pivot);
          // After the pivot a step that fails for ever ends as stuck, which is another test.
          const plans = drawn.map((one, i) => ({
            ...one,
            pivot: i === pivot,
            fails: pivot >= 0 && i > pivot ? Math.min(one.fails, 3) : one.fails,
          }));
          const shared = new FakeWorld();
          const journal = memoryJournal({ world: shared });
          const world = new SagaWorld(journal, plans);
          let act: "start" | "resume" = "start";
          for (const diesAt of [...deaths, 0, 0]) {
            const { outcomes } = await world.process(act, diesAt);
            if (outcomes === null || (await journal.load("s")) !== null) act = "resume";
            if ((await journal.load("s")) === null) act = "start";
            shared.pass(LOCK_MS);
          }
          const record = await journal.load("s");
          expectWhole(world, plans, record?.status ?? "none");
        },
      ),
      { numRuns: 500 },
    );
  });

  it("answers results, runs each step once, and does not run again for a known id", async () => {
    const world = new SagaWorld(memoryJournal(), [good, good]);
    const first = await world.process("start", 0);
    expect(first.outcomes).toEqual([{ id: "s", status: "completed", error: null, results: { step0: { i: 0 }, step1: { i: 1 } } }]);
    expect((await world.process("start", 0)).outcomes).toEqual(first.outcomes);
    expect((await world.process("resume", 0)).outcomes).toEqual([]);
    expect(world.calls).toBe(2);
  });

  it("compensates in reverse, with the error as the reason, and the step of an unsure failure too", async () => {
    const refused = new SagaWorld(memoryJournal(), [good, good, { ...good, fails: Infinity }]);
    expect((await refused.process("start", 0)).outcomes).toMatchObject([{ status: "compensated", error: "refused" }]);
    expect(refused.order).toEqual(["+step0", "+step1", "-step1", "-step0"]);
    const timeout = new SagaWorld(memoryJournal(), [good, { ...good, timesOut: 9 }]);
    expect((await timeout.process("start", 0)).outcomes).toMatchObject([{ status: "compensated", error: "timeout" }]);
    expect(timeout.order).toEqual(["+step0", "+step1", "-step1", "-step0"]);
  });

  it("tries the steps after its pivot until they succeed, and compensates when the pivot itself fails", async () => {
    const forward = new SagaWorld(memoryJournal(), [good, { ...good, pivot: true }, { ...good, fails: 5 }]);
    expect((await forward.process("start", 0)).outcomes).toMatchObject([{ status: "completed", error: null }]);
    const back = new SagaWorld(memoryJournal(), [good, { ...good, pivot: true, fails: Infinity }, good]);
    expect((await back.process("start", 0)).outcomes).toMatchObject([{ status: "compensated" }]);
  });

  it("does not hand its work to another process while it gives signs of life", async () => {
    const world = new FakeWorld();
    const journal = memoryJournal({ world });
    let finish: () => void = () => undefined;
    const steps: SagaStep[] = [{ name: "slow", run: () => new Promise<void>((resolve) => (finish = resolve)) }];
    const one = saga("order", steps, { journal, world, lockMs: 3_000 });
    const other = saga("order", steps, { journal, world, lockMs: 3_000 });
    const running = one.start({}, { id: "s" });
    for (let i = 0; i < 20; i++) {
      await settled();
      world.pass(1_000);
    }
    expect(await other.resume()).toEqual([]);
    finish();
    expect(await running).toMatchObject({ status: "completed" });
    expect(world.timers).toBe(0);
    one.close();
    other.close();
  });

  it("stops when another process has taken it over, and writes nothing more", async () => {
    const world = new FakeWorld();
    const journal = memoryJournal({ world });
    const finish: (() => void)[] = [];
    const steps: SagaStep[] = [
      { name: "slow", run: () => new Promise<void>((resolve) => void finish.push(resolve)) },
      { name: "next", run: () => 1 },
    ];
    const frozen = saga("order", steps, { journal, world: new FakeWorld(), lockMs: 3_000 });
    const one = frozen.start({}, { id: "s" });
    await settled();
    world.pass(3_000);
    const other = saga("order", steps, { journal, world, lockMs: 3_000 });
    const two = other.resume();
    await settled();
    finish[0]?.();
    expect(await one).toMatchObject({ status: "running" });
    finish[1]?.();
    expect(await two).toMatchObject([{ id: "s", status: "completed" }]);
    frozen.close();
    other.close();
  });

  it("is resumed by a timer when asked", async () => {
    const world = new FakeWorld();
    const journal = memoryJournal({ world });
    await journal.create(
      {
        id: "s",
        name: "order",
        status: "running",
        input: 1,
        steps: ["a"],
        at: 0,
        direction: "forward",
        attempts: 0,
        results: [],
        error: null,
        createdAt: world.wall,
      },
      { owner: "dead", lockMs: 1_000 },
    );
    const one = saga("order", [{ name: "a", run: ({ input }) => input }], { journal, world, resumeEveryMs: 500 });
    for (let i = 0; i < 4; i++) {
      world.pass(500);
      await settled();
    }
    expect(await journal.load("s")).toMatchObject({ status: "completed", results: [1] });
    one.close();
    expect(world.timers).toBe(0);
  });

  it("parks what cannot be compensated, tells the operator, and goes on when told to", async () => {
    const events: { type: string; data: Data }[] = [];
    const parts: Part[] = [];
    const host = {
      attach: (part: Part) => {
        parts.push(part);
        part.tell = (type, data) => void events.push({ type, data });
        return () => undefined;
      },
    };
    expect(moveIn(host)).toBe(true);
    const world = new FakeWorld();
    const journal = memoryJournal({ world });
    let broken = true;
    const steps: SagaStep[] = [
      {
        name: "reserve",
        run: () => 1,
        compensate: () => {
          if (broken) throw new Error("stock is down");
        },
      },
      {
        name: "charge",
        run: () => {
          throw new Error("no money");
        },
      },
    ];
    const order = saga("order", steps, { journal, world, maxAttempts: 3 });
    const started = order.start({}, { id: "s" });
    for (let i = 0; i < 10; i++) {
      await settled();
      world.pass(60_000);
    }
    expect(await started).toEqual({ id: "s", status: "stuck", error: "stock is down", results: { reserve: 1 } });
    expect(events).toEqual([
      { type: "saga.stuck", data: { saga: "s", step: "reserve", direction: "back", attempts: 3, error: "stock is down" } },
    ]);
    expect(parts[0]?.read()).toEqual({
      started: 1,
      completed: 0,
      compensated: 0,
      running: 0,
      compensating: 0,
      stuck: 1,
      oldestMs: 600_000,
    });
    expect(await order.stuck()).toMatchObject([{ id: "s", at: 1 }]);
    expect(await order.resume()).toEqual([]);
    broken = false;
    expect(await order.retry("s")).toMatchObject({ status: "compensated" });
    expect(await order.retry("s")).toBeNull();
    expect(parts[0]?.read()).toMatchObject({ compensated: 1, stuck: 0, oldestMs: 0 });
    order.close();
    moveOut(host);
  });

  it("is parked rather than run with steps that are others than when it began", async () => {
    const world = new FakeWorld();
    const journal = memoryJournal({ world });
    const before = saga("order", [{ name: "a", run: () => new Promise(() => undefined) }], {
      journal,
      world: new FakeWorld(),
      lockMs: 1_000,
    });
    void before.start({}, { id: "s" });
    await settled();
    world.pass(1_000);
    const after = saga("order", [{ name: "b", run: () => 1 }], { journal, world });
    expect(await after.resume()).toMatchObject([{ status: "stuck", error: "the steps of this saga are others now" }]);
    before.close();
    after.close();
  });

  it("compensates when a result cannot be written", async () => {
    const undone: string[] = [];
    const steps: SagaStep[] = [
      { name: "a", run: () => 1, compensate: ({ key }) => void undone.push(key) },
      { name: "b", run: () => 1n },
    ];
    const one = saga("order", steps, { journal: memoryJournal() });
    expect(await one.start(null, { id: "s" })).toMatchObject({ status: "compensated" });
    expect(undone).toEqual(["s/a/compensate"]);
    one.close();
  });
});

describe("a journal in memory", () => {
  it("forgets sagas that ended to make room, and refuses new ones when none has", async () => {
    const journal = memoryJournal({ maxSagas: 1 });
    const one = saga("order", [{ name: "a", run: () => 1 }], { journal });
    await one.start(null, { id: "first" });
    await one.start(null, { id: "second" });
    expect(await journal.load("first")).toBeNull();
    const hanging = saga("other", [{ name: "a", run: () => new Promise(() => undefined) }], { journal });
    void hanging.start(null, { id: "third" });
    await settled();
    await expect(one.start(null, { id: "fourth" })).rejects.toThrow("full");
    one.close();
    hanging.close();
  });
});

function sqlContract(subject: () => { journal: SagaJournal; sql: TestSql }): void {
  it("lets a saga that died anywhere be taken up and brought to its end", async () => {
    const { journal, sql } = subject();
    for (const plans of [
      [good, good],
      [good, { ...good, timesOut: 9, undoFails: 1 }],
    ]) {
      for (let diesAt = 1; ; diesAt++) {
        await sql.client.query("delete from holdfast_saga", []);
        const world = new SagaWorld(journal, plans);
        const { outcomes } = await world.process("start", diesAt);
        if (outcomes !== null) break;
        await age(sql.client, "holdfast_saga", ["locked_until"], LOCK_MS + 1);
        await world.process((await journal.load("s")) === null ? "start" : "resume", 0);
        expectWhole(world, plans, (await journal.load("s"))?.status ?? "none");
      }
    }
  });

  it("gives each saga to one of many that resume at once, and refuses writes of who lost it", async () => {
    const { journal, sql } = subject();
    await sql.client.query("delete from holdfast_saga", []);
    const record = {
      name: "order",
      status: "running" as const,
      input: { a: "é" },
      steps: ["a"],
      at: 0,
      direction: "forward" as const,
      attempts: 0,
      results: [],
      error: null,
      createdAt: 1_700_000_000_000,
    };
    for (let i = 0; i < 5; i++) expect(await journal.create({ ...record, id: `s${i}` }, { owner: "dead", lockMs: 1_000 })).toBe(true);
    expect(await journal.create({ ...record, id: "s0" }, { owner: "other", lockMs: 1_000 })).toBe(false);
    expect(await journal.claim("order", { owner: "early", lockMs: 1_000 }, 10)).toEqual([]);
    await age(sql.client, "holdfast_saga", ["locked_until"], 1_001);
    const taken = await Promise.all([1, 2, 3].map((i) => journal.claim("order", { owner: `o${i}`, lockMs: 60_000 }, 10)));
    expect(
      taken
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(["s0", "s1", "s2", "s3", "s4"]);
    expect(taken.flat()[0]).toMatchObject(record);
    expect(await journal.renew("s0", { owner: "dead", lockMs: 1_000 })).toBe(false);
    expect(await journal.save({ ...record, id: "s0", at: 1 }, { owner: "dead", lockMs: 1_000 })).toBe(false);
    expect(await journal.load("s0")).toMatchObject({ at: 0 });
  });

  it("holds stuck sagas until one is taken back", async () => {
    const { journal, sql } = subject();
    await sql.client.query("delete from holdfast_saga", []);
    const world = new SagaWorld(journal, [
      { ...good, pivot: true },
      { ...good, fails: 12 },
    ]);
    expect((await world.process("start", 0)).outcomes).toMatchObject([{ status: "stuck", error: "refused" }]);
    expect(await journal.stuck("order", 10)).toMatchObject([{ id: "s", attempts: 10, direction: "forward" }]);
    const owner = { owner: "operator", lockMs: 1_000 };
    const both = await Promise.all([journal.unpark("s", owner), journal.unpark("s", { ...owner, owner: "other" })]);
    expect(both.filter((one) => one !== null)).toHaveLength(1);
    await age(sql.client, "holdfast_saga", ["locked_until"], 1_001);
    expect((await world.process("resume", 0)).outcomes).toMatchObject([{ status: "completed" }]);
  });
}

describe("a journal in SQLite", () => {
  let sql: TestSql;
  beforeAll(async () => {
    sql = sqliteClient();
    for (const statement of sagaTable("sqlite")) await sql.client.query(statement, []);
  });
  afterAll(() => sql.close());
  sqlContract(() => ({ sql, journal: sqlJournal(sql.client, { dialect: "sqlite" }) }));

  it("is purged of what ended long ago, and of nothing else", async () => {
    const journal = sqlJournal(sql.client, { dialect: "sqlite" });
    await sql.client.query("delete from holdfast_saga", []);
    const one = saga("order", [{ name: "a", run: () => 1 }], { journal });
    await one.start(null, { id: "done" });
    await journal.purge(60_000);
    expect(await journal.load("done")).not.toBeNull();
    await age(sql.client, "holdfast_saga", ["created_at"], 60_001);
    await journal.purge(60_000);
    expect(await journal.load("done")).toBeNull();
    one.close();
  });
});

describe("a journal in PostgreSQL", () => {
  let server: TestPostgres;
  let sql: TestSql;
  beforeAll(async () => {
    server = await startPostgres();
    sql = postgresClient(await server.createDatabase());
    for (const statement of sagaTable("postgresql")) await sql.client.query(statement, []);
  });
  afterAll(async () => {
    await sql.close();
    await server.stop();
  });
  sqlContract(() => ({ sql, journal: sqlJournal(sql.client, { dialect: "postgresql" }) }));
});
