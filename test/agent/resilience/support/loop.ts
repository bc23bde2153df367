import type { LoopReading, LoopSignals } from "../../../../agent/src/resilience/shedder-signals.ts";
import { LoadShedder, type LoadShedderOptions } from "../../../../agent/src/resilience/shedder.ts";
import { FakeAgent } from "./agent.ts";
import { World } from "./world.ts";

const IDLE: LoopReading = { eluPermille: 100, delayP99Ms: 0, delayMeanMs: 0 };

/** An event loop that says what the test says. */
export class Loop implements LoopSignals {
  reading: LoopReading = IDLE;
  hourNow = 1;
  stopped = false;
  tick: () => void = () => undefined;

  read(): LoopReading {
    return this.reading;
  }

  hour(): number {
    return this.hourNow;
  }

  every(_ms: number, call: () => void): () => void {
    this.tick = call;
    return () => void (this.stopped = true);
  }

  stop(): void {
    this.stopped = true;
  }

  say(reading: Partial<LoopReading>): void {
    this.reading = { ...IDLE, ...reading };
  }
}

/** A shedder with a loop, a clock and an agent of the test's. */
export class Door {
  readonly world = new World();
  readonly loop = new Loop();
  readonly agent = new FakeAgent();
  readonly shedder: LoadShedder;

  constructor(options: LoadShedderOptions = {}) {
    // Cohorts by turns: every class is spread evenly.
    this.world.chance = Array.from({ length: 128 }, (_, i) => ((i * 37) % 128) / 128);
    const setting = { world: this.world, target: undefined, agent: this.agent, inject: null };
    this.shedder = new LoadShedder("door", options, { setting, signals: this.loop });
  }

  /** A second with so many calls of each class, each done in `latencyMs`. Answers how many of each were let in. */
  second(calls: readonly number[], { latencyMs = 5, ms = 1_000 } = {}): number[] {
    const admitted = calls.map(() => 0);
    calls.forEach((count, priority) => {
      for (let i = 0; i < count; i++) {
        if (!this.shedder.enter(priority)) continue;
        (admitted[priority] as number)++;
        this.shedder.leave(this.world.now - latencyMs);
      }
    });
    this.pass(ms);
    return admitted;
  }

  pass(ms = 1_000): void {
    this.world.now += ms;
    this.loop.tick();
  }
}
