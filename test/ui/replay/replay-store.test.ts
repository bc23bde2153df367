import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkState } from "../../../core/fleet.ts";
import { REPLAY_KEYS_MOST, REPLAY_WINDOW_MS } from "../../../protocol/replay-api.ts";
import { EDGE_MS, ReplayStore, SPEEDS } from "../../../ui/replay/replay-store.ts";
import { WINDOW_MS, windowEnd, windowOf, windowStart } from "../../../ui/replay/replay-window.ts";
import { KEYS_MOST } from "../../../ui/replay/replay-source.ts";
import { SETTLE_MS } from "../../../ui/replay/transitions.ts";
import { looksOf, RecordedWorld } from "./recorded-world.ts";

const FIRST = 5_000_000;
const START = windowStart(FIRST);
const MINUTE = 60_000;

/** A player whose clock, timer and present are ours. */
function player(world: RecordedWorld, options: { liveNow?: number; mostBytes?: number } = {}) {
  const source = world.source();
  let clock = 0;
  let liveNow = options.liveNow ?? world.to + EDGE_MS;
  const ticks = new Set<() => void>();
  const store = new ReplayStore({
    environment: "production",
    source,
    liveNow: () => liveNow,
    clock: () => clock,
    every: (_ms, tick) => {
      ticks.add(tick);
      return () => ticks.delete(tick);
    },
    schedule: () => undefined,
    ...(options.mostBytes === undefined ? {} : { mostBytes: options.mostBytes }),
  });
  return {
    store,
    source,
    looks: () => looksOf(store.picture.store),
    /** Real milliseconds go by, in ticks. */
    pass: async (ms: number) => {
      for (let gone = 0; gone < ms; gone += 200) {
        clock += 200;
        for (const tick of [...ticks]) tick();
        await settle();
      }
    },
    advanceLive: (ms: number) => (liveNow += ms),
    ticking: () => ticks.size > 0,
    at: async (at: number) => {
      store.seek(at);
      await settle();
    },
  };
}

/** Lets everything that was promised be answered. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

const world = new RecordedWorld({ seed: 7, from: START, seconds: 900 });

describe("the picture of a moment", () => {
  it("is what a console showed that was live then", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 2, max: 599 }), fc.integer({ max: 999, min: 0 }), async (seed, second, ms) => {
        const lived = new RecordedWorld({ seed, from: START, seconds: 600, instances: 2 });
        const { at, looks } = player(lived);
        const moment = START + second * 1000 + ms;
        await at(moment);
        expect(looks()).toEqual(looksOf(lived.liveUntil(moment)));
      }),
      { numRuns: 25 },
    );
  });

  it("is the same however one came there", async () => {
    const doing = fc.oneof(
      fc.record({ act: fc.constant("seek" as const), to: fc.integer({ min: 1, max: 899 }) }),
      fc.record({ act: fc.constant("play" as const), ms: fc.integer({ min: 200, max: 4000 }), speed: fc.constantFrom(...SPEEDS) }),
      fc.record({ act: fc.constant("step" as const), direction: fc.constantFrom(1 as const, -1 as const) }),
      fc.record({ act: fc.constant("nudge" as const), by: fc.integer({ min: -20_000, max: 20_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(doing, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 899 }), async (acts, last) => {
        const one = player(world);
        await one.at(START + 5_000);
        for (const act of acts) {
          if (act.act === "seek") await one.at(START + act.to * 1000);
          else if (act.act === "nudge") one.store.nudge(act.by);
          else if (act.act === "step") await one.store.step(act.direction);
          else {
            one.store.setSpeed(act.speed);
            one.store.play();
            await one.pass(act.ms);
            one.store.hold();
          }
          await settle();
        }
        const where = one.store.view.at;
        if (one.store.view.phase === "shown") {
          const direct = player(world);
          await direct.at(where);
          expect(one.looks()).toEqual(direct.looks());
        }
        await one.at(START + last * 1000);
        const direct = player(world);
        await direct.at(START + last * 1000);
        expect(one.looks()).toEqual(direct.looks());
        expect(one.store.picture.store.events).toEqual(direct.store.picture.store.events);
      }),
      { numRuns: 20 },
    );
  });

  it("tells the same events played over the border of a window as sought behind it", async () => {
    const played = player(world);
    await played.at(START + 521_000);
    await played.at(START + 659_000);
    const sought = player(world);
    await sought.at(START + 659_000);
    expect(played.store.picture.store.events).toEqual(sought.store.picture.store.events);
    expect(played.store.view.policyAt).toBe(sought.store.view.policyAt);
  });

  it("shows what the silent last said, with its age, as a live console does", async () => {
    let asked = 0;
    for (const seed of [3, 4, 5]) {
      const quiet = new RecordedWorld({ seed, from: START, seconds: 1500, instances: 3, silentMost: 900 });
      for (const second of [640, 950, 1250, 1499]) {
        const { at, looks, store, source } = player(quiet);
        await at(START + second * 1000);
        expect(looks()).toEqual(looksOf(quiet.liveUntil(START + second * 1000)));
        for (const { connectedAt, lastFrameAt, row } of store.picture.store.fleet.instances.values()) {
          const age = store.picture.store.now() - (lastFrameAt ?? 0);
          if (connectedAt !== null && age > 300_000 && row.some((value) => value > 0)) asked += source.asked.flat().length;
        }
      }
    }
    expect(asked).toBeGreaterThan(0);
  });

  it("shows the same of who was silent for long, played or sought", async () => {
    const quiet = new RecordedWorld({ seed: 3, from: START, seconds: 1200, instances: 2, silentMost: 700 });
    for (const second of [700, 850, 1000, 1199]) {
      const played = player(quiet);
      await played.at(START + 10_000);
      played.store.setSpeed(60);
      played.store.play();
      await played.pass((second / 60) * 1000);
      played.store.hold();
      const sought = player(quiet);
      await sought.at(played.store.view.at);
      expect(played.looks()).toEqual(sought.looks());
    }
  });

  it("calls stale what was not heard for five seconds then, whatever is heard now", async () => {
    const { at, store } = player(world);
    const states = new Set<string>();
    for (let second = 10; second < 300; second++) {
      await at(START + second * 1000);
      expect(store.picture.store.now()).toBe(START + second * 1000);
      for (const instance of store.picture.store.fleet.instances.values()) {
        if (instance.connectedAt === null || instance.lastFrameAt === null) continue;
        const heard = START + second * 1000 - instance.lastFrameAt <= 5_000;
        expect(linkState(instance, store.picture.store.now())).toBe(heard ? "live" : "stale");
        states.add(heard ? "live" : "stale");
      }
    }
    expect([...states].sort()).toEqual(["live", "stale"]);
  });

  it("has no event that had not happened yet", async () => {
    const { at, store } = player(world);
    await at(START + 450_000);
    expect(store.picture.store.events.length).toBeGreaterThan(0);
    expect(store.picture.store.events.every((event) => event.at <= START + 450_000)).toBe(true);
    expect(store.picture.store.past).toBe(true);
  });
});

describe("what is asked of the console", () => {
  it("has windows as wide as the console answers for", () => {
    expect(WINDOW_MS).toBe(REPLAY_WINDOW_MS);
    expect(KEYS_MOST).toBe(REPLAY_KEYS_MOST);
    expect(windowOf(windowEnd(FIRST))).toBe(FIRST);
    expect(windowOf(windowStart(FIRST) + 1)).toBe(FIRST);
  });

  it("is nothing for a seek inside a window that is in memory", async () => {
    const { at, source, store } = player(world);
    await at(START + WINDOW_MS + MINUTE);
    expect(store.view.phase).toBe("shown");
    const asked = source.requests;
    for (let i = 1; i < 300; i += 7) await at(START + WINDOW_MS + i * 1000);
    await store.step(-1);
    expect(source.requests).toBe(asked);
    expect(store.view.phase).toBe("shown");
  });

  it("reads the next window before the play comes to it", async () => {
    const { at, source, store, pass } = player(world);
    await at(START + WINDOW_MS - 15_000);
    store.play();
    await pass(200);
    const asked = source.requests;
    await pass(20_000);
    expect(store.view).toMatchObject({ phase: "shown", playing: true, waiting: false });
    expect(store.view.at).toBeGreaterThan(START + WINDOW_MS);
    expect(source.requests).toBe(asked);
  });

  it("stays within its bytes, but for the windows that are needed", async () => {
    const long = new RecordedWorld({ seed: 1, from: START, seconds: 3000, instances: 2 });
    const { at, store, source } = player(long, { mostBytes: 200_000 });
    for (let window = 0; window < 9; window++) {
      await at(windowStart(FIRST + window) + MINUTE);
      expect(store.view.phase).toBe("shown");
    }
    expect(store.bytes).toBeLessThanOrEqual(200_000);
    const asked = source.requests;
    await at(START + MINUTE);
    expect(source.requests).toBeGreaterThan(asked);
  });

  it("is asked again for a window that had not ended, once more of it can be there", async () => {
    const { at, source, store, advanceLive } = player(world, { liveNow: START + WINDOW_MS + MINUTE });
    await at(START + WINDOW_MS + 30_000);
    const asked = source.requests;
    await at(START + WINDOW_MS + 50_000);
    expect(source.requests).toBe(asked);
    advanceLive(MINUTE);
    await at(START + WINDOW_MS + 100_000);
    expect(source.requests).toBeGreaterThan(asked);
    expect(store.view).toMatchObject({ phase: "shown", at: START + WINDOW_MS + 100_000 });
  });
});

describe("playing", () => {
  it.each(SPEEDS)("goes on at %i times the speed of time", async (speed) => {
    const { at, store, pass } = player(world);
    await at(START + 10_000);
    store.setSpeed(speed);
    store.play();
    await pass(2000);
    expect(store.view.at).toBe(START + 10_000 + 2000 * speed);
    store.hold();
    await pass(1000);
    expect(store.view.at).toBe(START + 10_000 + 2000 * speed);
  });

  it("goes round a stretch until it is let go", async () => {
    const { at, store, pass } = player(world);
    await at(START + 60_000);
    store.setLoop({ from: START + 60_000, to: START + 64_000 });
    store.play();
    const seen: number[] = [];
    for (let i = 0; i < 60; i++) {
      await pass(200);
      seen.push(store.view.at);
    }
    expect(Math.max(...seen)).toBe(START + 64_000);
    expect(seen.filter((moment) => moment === START + 60_000).length).toBeGreaterThanOrEqual(2);
    store.setLoop(null);
    await pass(8000);
    expect(store.view.at).toBeGreaterThan(START + 64_000);
  });

  it("holds when it has caught up with the present, and does not go beyond", async () => {
    const { at, store, pass, ticking } = player(world);
    await at(world.to - 10_000);
    store.setSpeed(10);
    store.play();
    await pass(3000);
    expect(store.view).toMatchObject({ at: world.to, playing: false, atEdge: true });
    expect(ticking()).toBe(false);
  });

  it("does not jump by the time a computer slept", async () => {
    const { at, store, pass } = player(world);
    await at(START + 10_000);
    store.play();
    await pass(200);
    const before = store.view.at;
    await pass(200);
    expect(store.view.at - before).toBeLessThanOrEqual(2_000);
  });
});

describe("stepping", () => {
  it("lands a second after each transition, on and back, and stops at the last", async () => {
    const { at, store } = player(world);
    await at(START + 1_000);
    const there: number[] = [];
    for (let i = 0; i < 200; i++) {
      await store.step(1);
      await settle();
      if (store.view.step === "none" || store.view.at === there.at(-1)) break;
      there.push(store.view.at);
    }
    const transitions = world.events.filter((event) => event.type !== "note").map((event) => Math.ceil(event.at) + SETTLE_MS);
    expect(there).toEqual(transitions.filter((landing) => landing <= world.to));
    const back: number[] = [];
    for (let i = 0; i < there.length - 1; i++) {
      await store.step(-1);
      await settle();
      back.push(store.view.at);
    }
    expect(back).toEqual(there.slice(0, -1).reverse());
  });

  it("begins a replay at the last transition when live", async () => {
    const { store } = player(world);
    await store.step(-1);
    await settle();
    const last = world.events.filter((event) => event.type !== "note").at(-1);
    expect(store.view.phase).toBe("shown");
    expect(store.view.at).toBe((last?.at ?? 0) + SETTLE_MS);
  });
});

describe("where there is nothing", () => {
  it("says since when there is something, and shows no picture", async () => {
    const { at, store } = player(world);
    await at(START - 10_000);
    expect(store.view).toMatchObject({ phase: "nothing", recordedFrom: START });
    store.play();
    expect(store.view.playing).toBe(false);
  });

  it("says that the past could not be read, and reads it when asked again", async () => {
    const { at, store, source } = player(world);
    source.failure = new Error("no");
    await at(START + 10_000);
    expect(store.view.phase).toBe("failed");
    source.failure = null;
    store.retry();
    await settle();
    expect(store.view.phase).toBe("shown");
  });

  it("is live again at once, and forgets the moment", async () => {
    const { at, store, ticking } = player(world);
    await at(START + 10_000);
    store.play();
    store.goLive();
    expect(store.view).toMatchObject({ phase: "live", playing: false, loop: null });
    expect(ticking()).toBe(false);
  });

  it("does not show a window that was asked for and left", async () => {
    const { store } = player(world);
    store.seek(START + 10_000);
    store.seek(START + WINDOW_MS + 10_000);
    store.goLive();
    await settle();
    expect(store.view.phase).toBe("live");
  });
});
