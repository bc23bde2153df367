/** One saga on its way. Each move is decided from the record alone, so a resumed saga goes on as the first one would have. */
import type { Timer } from "../runtime.ts";
import type { SagaJournal, SagaOwner, SagaRecord } from "./saga-journal.ts";
import { rests } from "./saga-journal.ts";
import { pause, quietly, textOf, type World } from "./world.ts";

export interface StepContext<Input> {
  readonly sagaId: string;
  /** Idempotency key: the same at each attempt of this step, another for its compensation. Pass it on, so that each effect comes once. */
  readonly key: string;
  readonly input: Input;
  /** What the steps before answered, by name. */
  readonly results: Readonly<Record<string, unknown>>;
}

export interface SagaStep<Input = unknown> {
  readonly name: string;
  /** Answers JSON. May be called again with the same key. A step that throws has had no effect, unless it is resumed or `unsure`. */
  readonly run: (context: StepContext<Input>) => unknown;
  /** Undoes it, if it was done; may be called again with the same key. Left out: there is nothing to undo. */
  readonly compensate?: ((context: StepContext<Input>) => unknown) | undefined;
  /** True for an error after which the step may have had its effect all the same (a timeout): then it is compensated too. */
  readonly unsure?: ((error: unknown) => boolean) | undefined;
  /** Once this step is done there is no way back: the steps after it are tried until they succeed. */
  readonly pivot?: boolean | undefined;
}

interface Means {
  readonly journal: SagaJournal;
  readonly world: World;
  readonly owner: SagaOwner;
  readonly maxAttempts: number;
  /** Wait after so many failed attempts. */
  readonly delay: (attempts: number) => number;
  readonly moved: (record: SagaRecord) => void;
  /** Its process may have ended within the step at hand. */
  readonly resumed: boolean;
}

/** The journal refused a write: another owns the saga now. */
class Lost extends Error {}

export class SagaRun<Input> {
  #record: SagaRecord;
  readonly #steps: readonly SagaStep<Input>[];
  readonly #means: Means;
  /** The step that may have had its effect before this run; -1 for none. */
  readonly #doubtful: number;
  #life: Timer | null = null;

  constructor(record: SagaRecord, steps: readonly SagaStep<Input>[], means: Means) {
    this.#record = record;
    this.#steps = steps;
    this.#means = means;
    this.#doubtful = means.resumed ? record.at : -1;
  }

  /** Runs until it rests. Never rejects: a saga that another took, or that cannot be written, is answered as it was last written. */
  async drive(): Promise<SagaRecord> {
    this.#live();
    try {
      while (!rests(this.#record.status)) await (this.#record.direction === "forward" ? this.#forward() : this.#back());
    } catch {
      // Lost, or the journal is out of reach: whoever resumes it goes on from the last write.
    } finally {
      this.#life?.cancel();
    }
    return this.#record;
  }

  async #forward(): Promise<void> {
    const { at, steps, attempts, results } = this.#record;
    if (this.#steps.map((step) => step.name).join("\n") !== steps.join("\n")) {
      return this.#save({ status: "stuck", error: "the steps of this saga are others now" });
    }
    const step = this.#steps[at];
    if (step === undefined) return this.#save({ status: "completed" });
    let result: unknown;
    try {
      result = await step.run(this.#context(step, ""));
      // What JSON cannot hold would be lost at a resume, so it fails here, where it can still be compensated.
      result = result === undefined ? null : (JSON.parse(JSON.stringify(result)) as unknown);
    } catch (error) {
      const pivoted = this.#steps.slice(0, at).some((before) => before.pivot === true);
      if (pivoted) return this.#failed(error, attempts + 1);
      const unsure = at === this.#doubtful || holds(() => step.unsure?.(error) === true);
      return this.#save({ status: "compensating", direction: "back", at: unsure ? at + 1 : at, attempts: 0, error: textOf(error) });
    }
    const last = at + 1 === this.#steps.length;
    await this.#save({ at: at + 1, attempts: 0, results: [...results, result], error: null, ...(last ? { status: "completed" } : {}) });
  }

  async #back(): Promise<void> {
    const { at, attempts, steps } = this.#record;
    if (at === 0) return this.#save({ status: "compensated" });
    const name = steps[at - 1];
    const step = this.#steps.find((candidate) => candidate.name === name);
    if (step === undefined) return this.#save({ status: "stuck", error: `step ${name ?? at} is gone` });
    if (step.compensate !== undefined) {
      try {
        await step.compensate(this.#context(step, "/compensate"));
      } catch (error) {
        return this.#failed(error, attempts + 1);
      }
    }
    await this.#save({ at: at - 1, attempts: 0, ...(at === 1 ? { status: "compensated" } : {}) });
  }

  /** Waits for the next attempt, or parks the saga. */
  async #failed(error: unknown, attempts: number): Promise<void> {
    const { maxAttempts, world, delay } = this.#means;
    if (attempts >= maxAttempts) return this.#save({ status: "stuck", attempts, error: textOf(error) });
    await this.#save({ attempts });
    await pause(world, delay(attempts));
  }

  async #save(change: Partial<SagaRecord>): Promise<void> {
    const next = { ...this.#record, ...change };
    if (!(await this.#means.journal.save(next, this.#means.owner))) throw new Lost();
    this.#record = next;
    this.#means.moved(next);
  }

  /** A sign of life at each third of the lock. One that fails is followed by the next. */
  #live(): void {
    const { world, owner, journal } = this.#means;
    this.#life = world.after(owner.lockMs / 3, () => {
      void quietly(() => journal.renew(this.#record.id, owner));
      this.#live();
    });
  }

  #context(step: SagaStep<Input>, suffix: string): StepContext<Input> {
    const { id, input, results, steps } = this.#record;
    return {
      sagaId: id,
      key: `${id}/${step.name}${suffix}`,
      input: input as Input,
      results: Object.fromEntries(results.map((result, i) => [steps[i] ?? i, result])),
    };
  }
}

/** A question that throws is answered yes: it leads to one compensation more, not one less. */
function holds(call: () => boolean): boolean {
  try {
    return call();
  } catch {
    return true;
  }
}
