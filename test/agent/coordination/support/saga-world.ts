/** A world in which the processes of a saga die at chosen points, and the far sides of its steps keep what reached them. */
import { saga, type SagaJournal, type SagaOutcome, type SagaStep } from "../../../../agent/src/entry-coordination.ts";
import { FakeWorld } from "../../support/fake-world.ts";
import { until } from "../../support/until.ts";

export interface StepPlan {
  /** The first calls that fail before any effect; Infinity: all do. */
  readonly fails: number;
  /** Calls, from the first, that the network loses on the way there. */
  readonly lost: readonly boolean[];
  /** Then so many more fail after the effect, as a timeout would. */
  readonly timesOut: number;
  readonly undoFails: number;
  readonly pivot: boolean;
}

export const LOCK_MS = 60_000;

export class SagaWorld {
  /** Effects by step: keys that took effect, in order. A far side knows its keys, so each takes effect once. */
  readonly effects = new Map<string, string[]>();
  readonly undone = new Map<string, string[]>();
  readonly order: string[] = [];
  calls = 0;
  readonly #journal: SagaJournal;
  readonly #plans: readonly StepPlan[];
  readonly #tried = new Map<string, number>();
  readonly #seen = new Set<string>();

  constructor(journal: SagaJournal, plans: readonly StepPlan[]) {
    this.#journal = journal;
    this.#plans = plans;
  }

  /** Runs one process until it is done or dies at its n-th point. Null: it died. */
  async process(act: "start" | "resume", diesAt: number): Promise<{ outcomes: readonly SagaOutcome[] | null; points: number }> {
    let points = 0;
    let died = false;
    /** A dead process neither goes on nor fails: its promises never settle. */
    const point = (): Promise<void> | undefined => {
      if (!died && ++points === diesAt) died = true;
      return died ? new Promise<void>(() => undefined) : undefined;
    };
    const mortal = <A extends readonly unknown[], T>(call: (...args: A) => Promise<T>) => {
      return async (...args: A): Promise<T> => {
        await point();
        const answer = await call(...args);
        await point();
        return answer;
      };
    };
    const { create, save, claim, stuck, load, unpark } = this.#journal;
    const journal: SagaJournal = {
      ...this.#journal,
      create: mortal(create),
      save: mortal(save),
      claim: mortal(claim),
      stuck,
      load,
      unpark,
    };
    const world = new FakeWorld();
    const order = saga("order", this.#steps(point), { journal, world, lockMs: LOCK_MS, baseMs: 10, maxDelayMs: 100 });
    let outcomes: readonly SagaOutcome[] | null = null;
    const work = act === "start" ? order.start({ amount: 5 }, { id: "s" }).then((one) => [one]) : order.resume();
    let failure: unknown = null;
    work.then(
      (done) => (outcomes = done),
      (error: unknown) => (failure = error),
    );
    await until("the process ends or dies", async () => {
      for (let i = 0; i < 50 && outcomes === null && !died; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        world.pass(50);
      }
      if (failure instanceof Error) throw failure;
      return outcomes !== null || died;
    });
    order.close();
    return { outcomes, points };
  }

  #steps(point: () => Promise<void> | undefined): SagaStep[] {
    return this.#plans.map((plan, i) => ({
      name: `step${i}`,
      pivot: plan.pivot,
      unsure: (error) => String(error).includes("timeout"),
      run: async ({ key }) => {
        this.calls++;
        await point();
        const tried = this.#try(key);
        if (tried <= plan.fails || plan.lost[tried - 1] === true) throw new Error("refused");
        this.#take(this.effects, `step${i}`, key);
        await point();
        if (tried <= plan.fails + plan.timesOut) throw new Error("timeout");
        return { i };
      },
      compensate: async ({ key }) => {
        await point();
        if (this.#try(key) <= plan.undoFails) throw new Error("not now");
        if ((this.effects.get(`step${i}`) ?? []).length > 0) this.#take(this.undone, `step${i}`, key);
        await point();
      },
    }));
  }

  #try(key: string): number {
    const tried = (this.#tried.get(key) ?? 0) + 1;
    this.#tried.set(key, tried);
    return tried;
  }

  #take(into: Map<string, string[]>, step: string, key: string): void {
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    into.set(step, [...(into.get(step) ?? []), key]);
    this.order.push(into === this.effects ? `+${step}` : `-${step}`);
  }
}
