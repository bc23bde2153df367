import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Breaker } from "../../../agent/src/resilience/breaker.ts";
import { settingOf } from "../../../agent/src/resilience/policy-part.ts";
import { World } from "./support/world.ts";

const SETTINGS = {
  window: "count",
  windowCalls: 6,
  minimumCalls: 3,
  failurePermille: 500,
  openMs: 100,
  openBackoffPermille: 2_000,
  openMaxMs: 350,
  probes: 2,
  halfOpenMaxMs: 200,
} as const;

/** The breaker in plain words. */
class Model {
  state: "closed" | "open" | "half_open" = "closed";
  outcomes: boolean[] = [];
  since = 0;
  openFor = 0;
  failedProbings = 0;
  probing = 0;
  succeeded = 0;
  generation = 0;

  time(now: number): void {
    if (this.state === "open" && now - this.since >= this.openFor) this.move("half_open", now);
    else if (this.state === "half_open" && now - this.since >= SETTINGS.halfOpenMaxMs) this.open(now);
  }
  begin(now: number): { generation: number } | null {
    this.time(now);
    if (this.state === "open") return null;
    if (this.state === "half_open") {
      if (this.probing + this.succeeded >= SETTINGS.probes) return null;
      this.probing++;
    }
    return { generation: this.generation };
  }
  end(permit: { generation: number }, ok: boolean, now: number): void {
    if (permit.generation !== this.generation) return;
    if (this.state === "half_open") {
      this.probing--;
      if (!ok) this.open(now);
      else if (++this.succeeded === SETTINGS.probes) {
        this.failedProbings = 0;
        this.move("closed", now);
      }
      return;
    }
    this.outcomes = [...this.outcomes, ok].slice(-SETTINGS.windowCalls);
    const failures = this.outcomes.filter((good) => !good).length;
    if (this.outcomes.length >= SETTINGS.minimumCalls && failures / this.outcomes.length >= 0.5) this.open(now);
  }
  cancel(permit: { generation: number }): void {
    if (permit.generation === this.generation && this.state === "half_open") this.probing--;
  }
  open(now: number): void {
    if (this.state === "half_open") this.failedProbings++;
    this.openFor = Math.min(SETTINGS.openMs * 2 ** this.failedProbings, SETTINGS.openMaxMs);
    this.move("open", now);
  }
  move(state: Model["state"], now: number): void {
    this.state = state;
    this.since = now;
    this.generation++;
    this.probing = this.succeeded = 0;
    if (state === "closed") this.outcomes = [];
  }
}

describe("circuit breaker against its model", () => {
  it("admits, opens, probes and closes as the model does, over any course of calls and time", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant({ do: "begin" as const }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant("end" as const), which: fc.nat(), ok: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), which: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 150 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const world = new World();
        const breaker = new Breaker("b", SETTINGS, settingOf({ agent: {} }, world));
        const model = new Model();
        const running: { permit: number; expected: { generation: number } }[] = [];
        for (const each of steps) {
          if (each.do === "wait") world.now += each.ms;
          else if (each.do === "begin") {
            const permit = breaker.begin();
            const expected = model.begin(world.now);
            expect(permit !== 0).toBe(expected !== null);
            if (expected !== null) running.push({ permit, expected });
          } else {
            const [one] = running.splice(each.which % Math.max(1, running.length), 1);
            if (one === undefined) continue;
            if (each.do === "cancel") {
              breaker.cancel(one.permit);
              model.cancel(one.expected);
            } else {
              breaker.end(one.permit, each.ok);
              model.end(one.expected, each.ok, world.now);
            }
          }
          model.time(world.now);
          expect(breaker.state).toBe(model.state);
          expect(breaker.read().inFlight).toBe(running.length);
        }
        breaker.close();
      }),
      { numRuns: 400 },
    );
  });
});
