/** A live fleet that is recorded, on a real store; it can be killed at any point and begun again. */
import type { SwitchDeclaration } from "../../protocol/agent-up.ts";
import type { RecordedInstance } from "../../protocol/replay-api.ts";
import { createLiveFleet } from "../../server/fleet/create-live-fleet.ts";
import type { FleetLink, LiveFleet } from "../../server/fleet/live-fleet.ts";
import { createInProcessBus } from "../../server/bus/in-process-bus.ts";
import { createLog } from "../../server/log.ts";
import { createStoryRecorder, type StoryRecorder } from "../../server/replay/story-recorder.ts";
import type { Store } from "../../server/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";

export const log = createLog("silent");

/** The store as one environment sees it, until it is cut off: then no call ends any more, as for a process that was killed. */
export function mortal(store: Store, environment: string) {
  let alive = true;
  let last: { readonly method: keyof Store; readonly done: () => void } | null = null;
  const own: Partial<Record<keyof Store, unknown>> = {
    listEnvironments: () => Promise.resolve([environment]),
    listInstances: () => store.listInstances(environment),
  };
  const proxy = new Proxy(store, {
    get: (target, name: keyof Store) => {
      const method = (own[name] ?? target[name]) as (...args: unknown[]) => unknown;
      return async (...args: unknown[]) => {
        const answer = alive ? await method.apply(target, args) : undefined;
        if (alive && last?.method === name) {
          alive = false;
          last.done();
        }
        return alive ? answer : new Promise(() => undefined);
      };
    },
  });
  return {
    store: proxy,
    cut: () => (alive = false),
    /** Cuts it off when the next call of a method is committed and before its caller hears of it. */
    cutBehind: (method: keyof Store): Promise<void> => new Promise((done) => (last = { method, done })),
  };
}

export const IMAGES: SwitchDeclaration = {
  key: "images",
  title: "Images",
  whatUsersLose: "large pictures",
  positions: ["full", "small", "none"],
  safeDefault: "small",
  position: "full",
};

export class RecordedShop {
  readonly environment: string;
  readonly #store: Store;
  clock: FakeClock;
  fleet!: LiveFleet;
  recorder!: StoryRecorder;
  readonly links = new Map<string, FleetLink>();
  #mortal: ReturnType<typeof mortal> | null = null;

  constructor(store: Store, environment: string, start = 1_790_000_000_000) {
    this.#store = store;
    this.environment = environment;
    this.clock = new FakeClock(start);
  }

  async start(): Promise<void> {
    this.#mortal = mortal(this.#store, this.environment);
    const { store } = this.#mortal;
    const { clock } = this;
    this.fleet = await createLiveFleet({ store, bus: createInProcessBus(log), clock, log });
    this.recorder = await createStoryRecorder({ store, fleet: this.fleet, clock, log });
  }

  /** The process is gone from one moment to the next; the clock goes on. */
  async kill(downMs: number): Promise<void> {
    this.#mortal?.cut();
    this.links.clear();
    this.clock = new FakeClock(this.clock.now() + downMs);
    await this.start();
  }

  /** Resolves when the process was cut off behind a commit. */
  dieBehind(method: keyof Store): Promise<void> {
    return this.#mortal?.cutBehind(method) ?? Promise.resolve();
  }

  join(instance: string, boot: string): void {
    const { environment } = this;
    const agent = { environment, service: "shop", instance };
    this.links.set(
      instance,
      this.fleet.connect(agent, {
        boot,
        version: "1.0.0",
        labels: { zone: "a" },
        agentVersion: "1",
        runtime: "node",
        clockSkewMs: 0,
        policyRevision: 0,
      }),
    );
  }

  /** Time goes on and what changed is written. */
  async tick(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.recorder.flush();
  }

  /** As it is now, in the form in which it is told; without what samples tell. */
  now(): unknown {
    const all = [...this.fleet.fleet(this.environment).instances.keys()].sort();
    return all.map((key) => {
      const described = this.fleet.describe(this.environment, key);
      if (!described) throw new Error("nobody there");
      const { row: _, ...rest } = described;
      return comparable(rest);
    });
  }
}

/** Without what samples tell, and without the difference between absent and undefined. */
export function comparable({ lastFrameAt: _, ...rest }: RecordedInstance): unknown {
  return JSON.parse(JSON.stringify(rest));
}

export const comparableAll = (instances: Iterable<RecordedInstance>): unknown =>
  [...instances].sort((a, b) => (a.key < b.key ? -1 : 1)).map(comparable);
