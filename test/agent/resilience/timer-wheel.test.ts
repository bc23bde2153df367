import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TICK_MS, WheelEntry } from "../../../agent/src/resilience/timer-wheel.ts";
import { World } from "./support/world.ts";

class Probe extends WheelEntry {
  firedAt: number | null = null;
  readonly #world: World;
  constructor(world: World) {
    super();
    this.#world = world;
  }
  override expire(): void {
    this.firedAt = this.#world.now;
  }
}

describe("timer wheel", () => {
  it("ends no wait early and every wait within two ticks, whatever is armed and cancelled between", async () => {
    const step = fc.record({ delay: fc.integer({ min: 0, max: 4_000 }), gap: fc.integer({ min: 0, max: 700 }), cancel: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const world = new World();
        const waits: { probe: Probe; due: number; cancelled: boolean }[] = [];
        for (const { delay, gap, cancel } of steps) {
          const probe = new Probe(world);
          world.wheel.arm(probe, delay);
          waits.push({ probe, due: world.now + delay, cancelled: false });
          await world.advance(gap);
          const victim = waits[0];
          if (cancel && victim?.probe.firedAt === null) {
            world.wheel.cancel(victim.probe);
            victim.cancelled = true;
          }
        }
        await world.advance(5_000);
        for (const { probe, due, cancelled } of waits) {
          if (cancelled) expect(probe.firedAt).toBeNull();
          else {
            expect(probe.firedAt).toBeGreaterThanOrEqual(due);
            expect(probe.firedAt).toBeLessThanOrEqual(due + 2 * TICK_MS);
          }
        }
        expect(world.wheel.waiting).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("does not take the time that the event loop was blocked from a wait that began before the block", async () => {
    const world = new World();
    const probe = new Probe(world);
    world.wheel.arm(probe, 100);
    world.block(500);
    expect(probe.firedAt).toBeNull();
    await world.advance(110);
    expect(probe.firedAt).not.toBeNull();
  });

  it("goes on when one entry throws", async () => {
    const world = new World();
    const bad = new WheelEntry();
    bad.expire = () => {
      throw new Error("bad");
    };
    const good = new Probe(world);
    world.wheel.arm(bad, 10);
    world.wheel.arm(good, 10);
    await world.advance(30);
    expect(good.firedAt).not.toBeNull();
  });

  it("stops turning when nothing waits, and turns again for the next", async () => {
    const world = new World();
    world.wheel.arm(new Probe(world), 10);
    await world.advance(1_000);
    const turn = world.wheel.turn;
    await world.advance(1_000);
    expect(world.wheel.turn).toBe(turn);
    const probe = new Probe(world);
    world.wheel.arm(probe, 10_000);
    await world.advance(9_999);
    expect(probe.firedAt).toBeNull();
    await world.advance(12);
    expect(probe.firedAt).not.toBeNull();
  });
});
