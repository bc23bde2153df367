/**
 * Sagas: steps in order, each with a compensation; when one fails, those before it are compensated in reverse. Every move is written to
 * the journal before the next one begins, so that another process can go on where this one ended.
 */
import { randomUUID } from "node:crypto";
import { settle } from "../resilience/home.ts";
import type { Part } from "../resilience/part.ts";
import type { Timer } from "../runtime.ts";
import { rests, type SagaJournal, type SagaRecord } from "./saga-journal.ts";
import { SagaGauge } from "./saga-gauge.ts";
import { SagaRun, type SagaStep } from "./saga-run.ts";
import { systemWorld, textOf, type World } from "./world.ts";

export interface SagaOptions {
  readonly journal: SagaJournal;
  /** Compensations, and steps after the pivot: attempts before the saga is parked as stuck. Default 10. */
  readonly maxAttempts?: number | undefined;
  /** Wait before the next attempt: at random up to base x 2^n, at most `maxDelayMs`. Default 500 ms and 60 s. */
  readonly baseMs?: number | undefined;
  readonly maxDelayMs?: number | undefined;
  /** A saga without a sign of life for this long may be resumed by another process. Default 60 s; signs come every third of it. */
  readonly lockMs?: number | undefined;
  /** Calls `resume` this often. Default 0: only when you call it. */
  readonly resumeEveryMs?: number | undefined;
  readonly world?: World | undefined;
}

export interface SagaOutcome {
  readonly id: string;
  /** `stuck`: parked for an operator. `running`, `compensating`: another process has taken it over, or the journal is out of reach. */
  readonly status: SagaRecord["status"];
  /** What the steps answered, by name. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly error: string | null;
}

export interface Saga<Input> {
  /** Runs one to its end. A known `id` runs nothing again: it answers what became of it. Rejects when it cannot be journalled at all. */
  start(input: Input, options?: { readonly id?: string | undefined }): Promise<SagaOutcome>;
  /** Goes on with sagas whose process ended, at most 100 at a time. Call it at start. Rejects when the journal is out of reach. */
  resume(): Promise<readonly SagaOutcome[]>;
  /** Sagas that wait for an operator, oldest first. */
  stuck(): Promise<readonly SagaRecord[]>;
  /** An operator has cleared the way: goes on in the direction it had. Null when it is not stuck. */
  retry(id: string): Promise<SagaOutcome | null>;
  /** Ends the timer and takes it off the console. */
  close(): void;
}

const LIMIT = 100;

/** `const order = saga("order", [{ name: "reserve", run, compensate }, ...], { journal })` */
export function saga<Input>(name: string, steps: readonly SagaStep<Input>[], options: SagaOptions): Saga<Input> {
  const { journal, world = systemWorld, maxAttempts = 10, baseMs = 500, maxDelayMs = 60_000, lockMs = 60_000, resumeEveryMs = 0 } = options;
  const names = steps.map((step) => step.name);
  if (names.length === 0 || new Set(names).size !== names.length)
    throw new TypeError("holdfast saga: it needs steps, each with its own name");
  const gauge = new SagaGauge(world);
  const part: Part = { name, kind: "saga", read: () => gauge.read(), steering: null, tell: null };
  const leave = settle(part);
  let timer: Timer | null = null;

  const drive = async (record: SagaRecord, owner: string, resumed = true): Promise<SagaOutcome> => {
    gauge.saw(record);
    const run = new SagaRun(record, steps, {
      journal,
      world,
      owner: { owner, lockMs },
      maxAttempts,
      delay: (attempts) => world.random() * Math.min(maxDelayMs, baseMs * 2 ** Math.min(attempts, 30)),
      moved: (next) => gauge.saw(next),
      resumed,
    });
    const last = await run.drive();
    if (rests(last.status)) gauge.ended(last);
    else gauge.gone(last);
    if (last.status === "stuck") {
      const step = last.direction === "forward" ? last.steps[last.at] : last.steps[last.at - 1];
      part.tell?.("saga.stuck", { saga: last.id, step: step ?? "", direction: last.direction, attempts: last.attempts, error: last.error });
    }
    return outcomeOf(last);
  };

  const start: Saga<Input>["start"] = async (input, { id = randomUUID() } = {}) => {
    if (id === "" || id.length > 128) throw new TypeError("holdfast saga: an id has 1 to 128 characters");
    const record: SagaRecord = {
      id,
      name,
      status: "running",
      // As a resume would see it.
      input: JSON.parse(JSON.stringify(input ?? null)) as unknown,
      steps: names,
      at: 0,
      direction: "forward",
      attempts: 0,
      results: [],
      error: null,
      createdAt: world.wallNow(),
    };
    const owner = randomUUID();
    if (await journal.create(record, { owner, lockMs })) {
      gauge.started++;
      return drive(record, owner, false);
    }
    const known = await journal.load(id);
    if (known?.name !== name) throw new Error(`saga ${name}: the id is another saga's`);
    return outcomeOf(known);
  };

  const resume = async (): Promise<readonly SagaOutcome[]> => {
    const owner = randomUUID();
    gauge.stuck(await journal.stuck(name, LIMIT));
    const records = await journal.claim(name, { owner, lockMs }, LIMIT);
    return Promise.all(records.map((record) => drive(record, owner)));
  };

  const later = (): void => {
    timer = world.after(resumeEveryMs, () => {
      resume().catch(() => undefined);
      later();
    });
  };
  if (resumeEveryMs > 0) later();

  return {
    start,
    resume,
    stuck: () => journal.stuck(name, LIMIT),
    retry: async (id) => {
      const owner = randomUUID();
      const known = await journal.load(id);
      const record = known?.name === name ? await journal.unpark(id, { owner, lockMs }) : null;
      return record === null ? null : drive(record, owner);
    },
    close: () => {
      timer?.cancel();
      leave();
    },
  };
}

function outcomeOf({ id, status, steps, results, error }: SagaRecord): SagaOutcome {
  return {
    id,
    status,
    error: error === null ? null : textOf(error),
    results: Object.fromEntries(results.map((result, i) => [steps[i] ?? i, result])),
  };
}
