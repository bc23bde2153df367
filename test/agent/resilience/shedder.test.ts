import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGuard, type Refusal, type Visit } from "../../../agent/src/http/guard.ts";
import { nodeHeaders } from "../../../agent/src/http/headers.ts";
import { cohort } from "../../../agent/src/resilience/shed-level.ts";
import { nodeSignals } from "../../../agent/src/resilience/shedder-signals.ts";
import { LoadShedder } from "../../../agent/src/resilience/shedder.ts";
import { settingOf } from "../../../agent/src/resilience/policy-part.ts";
import type { PriorityClass } from "../../../protocol/kinds.ts";
import { until } from "../support/until.ts";
import { Door } from "./support/loop.ts";

const MIX = [256, 256, 256, 256] as const;

describe("load shedder", () => {
  it("lets everything in while nothing is wrong", () => {
    const door = new Door();
    for (let i = 0; i < 5; i++) expect(door.second(MIX)).toEqual(MIX);
    expect([door.shedder.level, door.shedder.cause]).toEqual([0, null]);
  });

  it("sheds the lowest class first, by parts, and the next only when that is not enough", () => {
    const door = new Door();
    door.loop.say({ delayMeanMs: 22 });
    door.second(MIX);
    const [low, medium, high, critical] = door.second(MIX) as [number, number, number, number];
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThan(256);
    expect([medium, high, critical]).toEqual([256, 256, 256]);
    door.loop.say({ delayMeanMs: 500 });
    door.second(MIX);
    const deeper = door.second(MIX);
    expect(deeper[0]).toBe(0);
    expect(deeper[1]).toBeLessThan(256);
    expect(deeper[2]).toBe(256);
  });

  it("lets everything in again after the overload, by and by", () => {
    const door = new Door();
    door.loop.say({ delayMeanMs: 500 });
    for (let i = 0; i < 8; i++) door.second(MIX);
    expect(door.second(MIX).slice(0, 3)).toEqual([0, 0, 0]);
    door.loop.say({});
    const first = door.second(MIX);
    expect(first).not.toEqual(MIX);
    for (let i = 0; i < 20; i++) door.second(MIX);
    expect(door.second(MIX)).toEqual(MIX);
    expect(door.shedder.cause).toBeNull();
  });

  it.each([3, 512])("recovers when there was nothing critical to let in, at %i calls a second", (count) => {
    const door = new Door();
    door.loop.say({ delayMeanMs: 500 });
    for (let i = 0; i < 30; i++) door.second([count, 0, 0, 0]);
    expect(door.second([count, 0, 0, 0])[0]).toBeLessThan(count / 2);
    door.loop.say({});
    for (let i = 0; i < 40; i++) door.second([count, 0, 0, 0]);
    expect(door.second([count, 0, 0, 0])).toEqual([count, 0, 0, 0]);
  });

  it("answers 503 with Retry-After at the door of a server, and lets critical requests through", () => {
    const door = new Door();
    const guard = createGuard<PriorityClass>({ shedder: door.shedder, priorityOf: (request) => request });
    door.loop.say({ delayMeanMs: 500 });
    for (let i = 0; i < 8; i++) door.second(MIX);
    const headers = nodeHeaders({});
    const refused = guard.enter("low", headers);
    expect(refused).toMatchObject({ status: 503 });
    expect(Number((refused as Refusal).headers["retry-after"])).toBeGreaterThanOrEqual(1);
    const visit = guard.enter("critical", headers) as Visit;
    expect(door.shedder.inFlight).toBe(1);
    visit.leave();
    visit.leave();
    expect(door.shedder.inFlight).toBe(0);
    guard.close();
  });

  it("never sheds critical calls and always a lower class before a higher one, whatever happens", () => {
    const second = fc.record({
      calls: fc.tuple(fc.nat(300), fc.nat(300), fc.nat(300), fc.nat(300)),
      elu: fc.nat(1_000),
      delay: fc.nat(2_000),
      mean: fc.nat(500),
      latency: fc.nat(5_000),
      wait: fc.nat(300),
      ms: fc.integer({ min: 1, max: 4_000 }),
    });
    fc.assert(
      fc.property(fc.array(second, { minLength: 1, maxLength: 30 }), (seconds) => {
        const door = new Door({ maxLatencyMs: 1_000 });
        for (const { calls, elu, delay, mean, latency, wait, ms } of seconds) {
          const { level } = door.shedder;
          door.loop.say({ eluPermille: elu, delayP99Ms: delay, delayMeanMs: mean });
          door.shedder.waited(wait);
          const before = door.agent.read("shedder");
          const admitted = [0, 0, 0, 0];
          // One call of each class and cohort tells the admission as it stands, without a calibration in between.
          for (let priority = 0; priority < 4; priority++)
            for (let i = 0; i < 10; i++) if (door.shedder.enter(priority)) (admitted[priority] as number)++;
          admitted.forEach((count) => {
            for (let i = 0; i < count; i++) door.shedder.leave(NaN);
          });
          if (door.shedder.level === level) {
            admitted.forEach((count, priority) => {
              if (level <= priority * 128) expect(count).toBe(10);
              if (level >= (priority + 1) * 128) expect(count).toBe(0);
            });
          }
          expect(admitted[3]).toBe(10);
          expect(door.second(calls, { latencyMs: latency, ms })[3]).toBe(calls[3]);
          const after = door.agent.read("shedder");
          expect(after["shedCritical"]).toBe(0);
          expect(after["admitted"]).toBeGreaterThanOrEqual(before["admitted"] as number);
          expect(after["inFlight"]).toBe(0);
          expect(door.shedder.level).toBeLessThanOrEqual(384);
        }
        // Whatever went before, calm brings everything back.
        door.loop.say({});
        for (let i = 0; i < 60; i++) door.second([64, 64, 64, 64], { latencyMs: 0 });
        expect(door.second([64, 64, 64, 64], { latencyMs: 0 })).toEqual([64, 64, 64, 64]);
      }),
      { numRuns: 60 },
    );
  });

  it("counts every call once, as let in or as shed in its class", () => {
    const door = new Door();
    door.loop.say({ delayMeanMs: 100 });
    const offered = [0, 0, 0, 0];
    const letIn = [0, 0, 0, 0];
    for (let i = 0; i < 6; i++)
      door.second(MIX).forEach((count, priority) => {
        (offered[priority] as number) += MIX[priority] as number;
        (letIn[priority] as number) += count;
      });
    const { admitted, shedLow, shedMedium, shedHigh, shedCritical } = door.agent.read("shedder");
    expect(admitted).toBe(letIn.reduce((sum, count) => sum + count));
    expect([shedLow, shedMedium, shedHigh, shedCritical]).toEqual(offered.map((count, i) => count - (letIn[i] as number)));
  });

  it("refuses or lets in all calls of a user alike within the hour, and other users the next", () => {
    const door = new Door();
    door.loop.say({ delayMeanMs: 22 });
    door.second(MIX);
    const users = Array.from({ length: 400 }, (_, i) => cohort(`user-${i}`));
    const ask = (): boolean[] =>
      users.map((user) => {
        const entered = door.shedder.enter(0, user);
        if (entered) door.shedder.leave(NaN);
        return entered;
      });
    const first = ask();
    expect(ask()).toEqual(first);
    const share = first.filter(Boolean).length / users.length;
    expect(Math.abs(share - (1 - door.shedder.level / 128))).toBeLessThan(0.1);
    door.loop.hourNow = 2;
    for (let i = 0; i < 2; i++) door.second(MIX);
    expect(door.shedder.level).toBeGreaterThan(0);
    expect(ask()).not.toEqual(first);
  });

  it("does not take one pause or one busy second for an overload", () => {
    const door = new Door();
    door.loop.say({ delayP99Ms: 400, eluPermille: 1_000 });
    door.second(MIX);
    expect(door.shedder.level).toBe(0);
    door.loop.say({});
    door.second(MIX);
    expect(door.shedder.level).toBe(0);
  });

  it("sees pauses that a mean hides", () => {
    const door = new Door();
    door.loop.say({ delayP99Ms: 400, delayMeanMs: 1 });
    for (let i = 0; i < 3; i++) door.second(MIX);
    expect(door.shedder.level).toBeGreaterThan(0);
    expect(door.shedder.cause).toBe("delay");
  });

  it("does not refuse high calls because the loop is busy, as long as none waits", () => {
    const door = new Door();
    door.loop.say({ eluPermille: 1_000 });
    for (let i = 0; i < 30; i++) door.second(MIX);
    expect(door.shedder.cause).toBe("utilisation");
    expect(door.second(MIX)).toEqual([0, 0, 256, 256]);
  });

  it("sheds for time spent waiting that the host tells", () => {
    const door = new Door();
    for (let i = 0; i < 3; i++) {
      for (let call = 0; call < 100; call++) door.shedder.waited(60);
      door.second(MIX);
    }
    expect(door.shedder.cause).toBe("queue");
    expect(door.second(MIX)[0]).toBeLessThan(256);
  });

  it("decides without its timer when the loop is blocked and calls keep coming", () => {
    const door = new Door();
    door.second(MIX);
    door.world.now += 2_500;
    for (let i = 0; i < 200; i++) door.shedder.enter(0);
    expect(door.shedder.level).toBeGreaterThan(0);
    expect(door.shedder.enter(3)).toBe(true);
  });

  it("decides at once when far more is in flight than is healthy", () => {
    const door = new Door({ maxLimit: 50 });
    door.second(MIX);
    door.world.now += 300;
    for (let i = 0; i < 400; i++) door.shedder.enter(0);
    expect(door.shedder.cause).toBe("latency");
    expect(door.shedder.level).toBeGreaterThan(0);
  });

  it("takes new thresholds over at the next look, with nothing restarted", () => {
    const door = new Door();
    door.loop.say({ delayMeanMs: 15 });
    door.second(MIX);
    expect(door.shedder.level).toBe(0);
    door.agent.settings("shedder", { queueMs: 5 });
    door.second(MIX);
    expect(door.shedder.level).toBeGreaterThan(0);
    expect(door.shedder.explain().queueMs).toMatchObject({ value: 5, origin: "remote", revision: 7 });
    door.agent.settings("shedder", { queueMs: 1_000 });
    for (let i = 0; i < 20; i++) door.second(MIX);
    expect(door.shedder.level).toBe(0);
  });

  it("keeps its thresholds when the console sends a set that cannot be", () => {
    const door = new Door({ minLimit: 30, maxLimit: 60, bounds: { queueMs: [10, 100] } });
    door.agent.settings("shedder", { minLimit: 80 });
    door.agent.settings("shedder", { queueMs: 1 });
    expect([door.shedder.explain().minLimit.value, door.shedder.explain().queueMs.value]).toEqual([30, 20]);
    expect(() => new Door({ minLimit: 80, maxLimit: 60 })).toThrow(TypeError);
  });

  it("counts what it would shed in shadow mode, and sheds nothing", () => {
    const door = new Door({ shadow: true });
    door.loop.say({ delayMeanMs: 30 });
    for (let i = 0; i < 10; i++) expect(door.second(MIX)).toEqual(MIX);
    const { admitted, shedLow, shedHigh } = door.agent.read("shedder");
    expect(admitted).toBe(10 * 1_024);
    expect(shedLow).toBeGreaterThan(1_000);
    expect(shedHigh).toBe(0);
  });

  it("lets everything in at once when disabled or closed", () => {
    const door = new Door();
    door.loop.say({ delayMeanMs: 500 });
    for (let i = 0; i < 5; i++) door.second(MIX);
    door.agent.part("shedder").steering?.override("disabled", 1);
    for (let i = 0; i < 3; i++) expect(door.second(MIX)).toEqual(MIX);
    door.agent.part("shedder").steering?.override(null, 2);
    for (let i = 0; i < 3; i++) door.second(MIX);
    expect(door.second(MIX)).not.toEqual(MIX);
    door.shedder.close();
    expect([door.second(MIX), door.loop.stopped, door.agent.parts]).toEqual([[...MIX], true, []]);
  });

  it("asks refused callers to stay away longer the deeper the overload, within half a minute", () => {
    const door = new Door();
    expect(door.shedder.retryAfterSeconds()).toBeGreaterThanOrEqual(1);
    door.loop.say({ delayMeanMs: 500 });
    for (let i = 0; i < 40; i++) door.second([1_000, 0, 0, 0]);
    const answers = Array.from({ length: 50 }, () => door.shedder.retryAfterSeconds());
    expect(Math.min(...answers)).toBeGreaterThan(5);
    expect(Math.max(...answers)).toBeLessThanOrEqual(30);
    expect(new Set(answers).size).toBeGreaterThan(3);
  });

  it("tells once why an overload began", () => {
    const door = new Door();
    door.loop.say({ delayMeanMs: 100 });
    for (let i = 0; i < 4; i++) door.second(MIX);
    expect(door.agent.told).toMatchObject([{ type: "shedder.overloaded", data: { cause: "queue" } }]);
  });

  it("lets calls in by class name, and survives classes that are none", () => {
    const { shedder } = new Door();
    expect([shedder.enter("critical"), shedder.enter(undefined), shedder.enter(NaN), shedder.enter(9)]).toEqual([true, true, true, true]);
    expect(shedder.inFlight).toBe(4);
  });

  it("sheds on the signals of a real event loop that is held up", async () => {
    const signals = nodeSignals();
    const shedder = new LoadShedder("real", {}, { setting: settingOf({}), signals });
    try {
      await until("the shedder sees the blocked loop", () => {
        const busyUntil = performance.now() + 150;
        while (performance.now() < busyUntil) for (let i = 0; i < 5; i++) shedder.enter(0);
        return shedder.level > 0;
      });
      expect(shedder.enter(3)).toBe(true);
    } finally {
      shedder.close();
    }
  });
});
