import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PRIORITY_CLASSES } from "../../../protocol/kinds.ts";
import { Bulkhead, Waiter } from "../../../agent/src/resilience/bulkhead.ts";
import { pipelineIn } from "../../../agent/src/resilience/pipeline.ts";
import { settingOf } from "../../../agent/src/resilience/policy-part.ts";
import { FakeAgent } from "./support/agent.ts";
import { deferred, outcome, settled, World } from "./support/world.ts";

class Guest extends Waiter {
  readonly id: number;
  readonly #log: string[];
  constructor(id: number, priority: number, log: string[]) {
    super();
    this.id = id;
    this.priority = priority;
    this.#log = log;
  }
  granted(): void {
    this.#log.push(`in ${this.id}`);
  }
  displaced(): void {
    this.#log.push(`out ${this.id}`);
  }
}

describe("bulkhead", () => {
  it("hands out slots, queues, displaces and grants as its model does", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant("come" as const), priority: fc.integer({ min: 0, max: 3 }) }) },
      { weight: 3, arbitrary: fc.constant({ do: "end" as const }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), which: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("resize" as const), max: fc.integer({ min: 1, max: 4 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const world = new World();
        const agent = new FakeAgent();
        const bulkhead = new Bulkhead("b", { maxConcurrent: 2, maxQueue: 3 }, settingOf({ agent }, world));
        const log: string[] = [];
        const expected: string[] = [];
        let queue: Guest[] = [];
        let inUse = 0;
        let max = 2;
        let id = 0;
        const pump = (): void => {
          while (inUse < max && queue.length > 0) {
            const best = Math.max(...queue.map(({ priority }) => priority));
            const next = queue.find(({ priority }) => priority === best) as Guest;
            queue = queue.filter((guest) => guest !== next);
            inUse++;
            expected.push(`in ${next.id}`);
          }
        };
        for (const each of steps) {
          if (each.do === "come") {
            const guest = new Guest(id++, each.priority, log);
            const free = inUse < max && queue.length === 0;
            expect(bulkhead.begin()).toBe(free);
            if (free) {
              inUse++;
              continue;
            }
            const worst = Math.min(4, ...queue.map(({ priority }) => priority));
            const full = queue.length >= 3;
            if (full && worst < each.priority) {
              const victim = queue.filter(({ priority }) => priority === worst).at(-1) as Guest;
              queue = queue.filter((other) => other !== victim);
              expected.push(`out ${victim.id}`);
            }
            expect(bulkhead.enter(guest)).toBe(!full || worst < each.priority);
            if (!full || worst < each.priority) queue.push(guest);
          } else if (each.do === "end") {
            if (inUse === 0) continue;
            bulkhead.end();
            inUse--;
            pump();
          } else if (each.do === "leave") {
            const [guest] = queue.splice(each.which % Math.max(1, queue.length), 1);
            if (guest !== undefined) bulkhead.leave(guest);
          } else {
            max = each.max;
            agent.settings("bulkhead", { maxConcurrent: max });
            pump();
          }
          expect(log).toEqual(expected);
          expect([bulkhead.inUse, bulkhead.waiting]).toEqual([inUse, queue.length]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("wakes those who wait when it is made larger, and lets no newcomer pass them", async () => {
    const world = new World();
    const agent = new FakeAgent();
    const search = pipelineIn(world, "search", { bulkhead: { maxConcurrent: 1, maxQueue: 10 }, agent });
    const order: number[] = [];
    const gates = Array.from({ length: 5 }, () => deferred());
    const go = (i: number) =>
      search.run(() => {
        order.push(i);
        return gates[i]?.promise;
      });
    const runs = [0, 1, 2].map(go);
    expect(order).toEqual([0]);
    agent.settings("bulkhead", { maxConcurrent: 2 });
    expect(order).toEqual([0, 1]);
    runs.push(go(3));
    expect(order, "a newcomer queues").toEqual([0, 1]);
    gates[0]?.resolve(0);
    await settled();
    expect(order).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve(0);
    await Promise.all(runs);
    expect(agent.read("bulkhead")).toMatchObject({ inUse: 0, waiting: 0, max: 2, rejected: 0 });
  });

  it("lets the most important wait the least", async () => {
    const search = pipelineIn(new World(), "search", { bulkhead: { maxConcurrent: 1, maxQueue: 10 }, agent: new FakeAgent() });
    const gate = deferred();
    const order: string[] = [];
    const runs = [
      search.run(() => gate.promise),
      ...PRIORITY_CLASSES.map((priority) => search.run(() => order.push(priority), { priority })),
    ];
    gate.resolve(0);
    await Promise.all(runs);
    expect(order).toEqual(["critical", "high", "medium", "low"]);
  });

  it("gives up who waited too long, and frees no slot for it", async () => {
    const world = new World();
    const agent = new FakeAgent();
    const search = pipelineIn(world, "search", { bulkhead: { maxConcurrent: 1, maxWaitMs: 100 }, agent });
    const gate = deferred();
    const first = search.run(() => gate.promise);
    const late = outcome(search.run(() => 1));
    await world.advance(95);
    expect(late.done).toBe(false);
    await world.advance(20);
    expect(late.error?.code).toBe("bulkhead_wait");
    expect(agent.read("bulkhead")).toMatchObject({ inUse: 1, waiting: 0, rejected: 1 });
    expect(agent.read("bulkhead")["waitP99Us"]).toBeGreaterThan(90_000);
    gate.resolve(0);
    await first;
  });

  it("refuses at once when the queue is full, and at any time when nobody may wait", async () => {
    for (const none of [{ maxQueue: 0 }, { maxWaitMs: 0 }]) {
      const search = pipelineIn(new World(), "search", { bulkhead: { maxConcurrent: 1, ...none }, agent: new FakeAgent() });
      void search.run(() => deferred().promise);
      await expect(search.run(() => 1)).rejects.toMatchObject({ code: "bulkhead_full" });
    }
  });

  it("in shadow mode, or disabled, lets all pass; in shadow mode it counts whom it would have refused", async () => {
    for (const how of ["shadow", "disabled"] as const) {
      const agent = new FakeAgent();
      const search = pipelineIn(new World(), "search", { bulkhead: { maxConcurrent: 1, maxQueue: 1, shadow: how === "shadow" }, agent });
      if (how === "disabled") agent.part("bulkhead").steering?.override("disabled", 1);
      const gate = deferred();
      const runs = [1, 2, 3, 4].map(() => search.run(() => gate.promise));
      expect(agent.read("bulkhead")).toMatchObject({ inUse: 4, rejected: how === "shadow" ? 2 : 0 });
      gate.resolve(0);
      await Promise.all(runs);
      expect(agent.read("bulkhead")).toMatchObject({ inUse: 0 });
    }
  });
});
