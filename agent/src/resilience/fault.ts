/** Failure injection: a drill in a share of a pipeline's calls. Off unless the host allows it; over when its lease or its patience is. */
import type { Reading } from "../../../protocol/kinds.ts";
import { defaultsOf, FAULT, faultProblem, type FaultValues } from "../../../protocol/settings.ts";
import type { Disposer } from "../types.ts";
import { TimeWindow } from "./breaker-window.ts";
import { settleAt } from "./home.ts";
import type { Part } from "./part.ts";
import type { Surroundings } from "./surroundings.ts";
import { publish } from "./topics.ts";

/** The abort condition looks at calls of this long, and at this many at least. */
const WATCH_MS = 10_000;
const WATCH_CALLS = 20;

export class FaultInjector {
  readonly name: string;
  /** Read at each call: a drill is on. */
  active = false;
  readonly #world: Surroundings;
  readonly #part: Part;
  readonly #leave: Disposer;
  #values: FaultValues = noFault();
  #revision = 0;
  #outcomes: TimeWindow;
  #delayed = 0;
  #failed = 0;
  #rejected = 0;
  #aborted = 0;

  constructor(name: string, { world, target, agent }: { world: Surroundings; target: string | undefined; agent: object | undefined }) {
    this.name = name;
    this.#world = world;
    this.#outcomes = new TimeWindow(WATCH_MS, world.monoNow());
    this.#part = { name, kind: "fault", target, steering: null, tell: null, read: () => this.read() };
    this.#leave = settleAt(agent, this.#part);
  }

  /** The drill in force, null for none. Told by each policy of the pipeline, so the same twice is once. */
  set(values: Partial<FaultValues> | null, revision: number): void {
    if (values === null || faultProblem(values) !== null) {
      this.active = false;
      this.#revision = 0;
      return;
    }
    if (revision === this.#revision) return;
    this.#values = { ...noFault(), ...values };
    this.#revision = revision;
    this.#outcomes = new TimeWindow(WATCH_MS, this.#world.monoNow());
    this.active = true;
  }

  /** Whether this call is to be refused. */
  rejects(): boolean {
    if (!this.#draw(this.#values.rejectPermille)) return false;
    this.#rejected++;
    this.#injected("reject");
    return true;
  }

  /** Milliseconds this attempt is to be late. */
  delayMs(): number {
    const { latencyPermille, latencyMs, jitterMs } = this.#values;
    if (!this.#draw(latencyPermille)) return 0;
    this.#delayed++;
    this.#injected("latency");
    return latencyMs + this.#world.random() * jitterMs;
  }

  /** Whether this attempt is to fail without being made. */
  fails(): boolean {
    if (!this.#draw(this.#values.errorPermille)) return false;
    this.#failed++;
    this.#injected("error");
    return true;
  }

  /** A call of the pipeline ended: too many failures end the drill. */
  ended(ok: boolean): void {
    if (!this.active || this.#values.abortPermille >= 1000) return;
    const outcomes = this.#outcomes;
    outcomes.record(this.#world.wheel.coarse(), !ok, false);
    if (outcomes.calls < WATCH_CALLS || outcomes.failures * 1000 <= this.#values.abortPermille * outcomes.calls) return;
    this.active = false;
    this.#aborted++;
    try {
      this.#part.tell?.("fault.aborted", {
        failurePermille: Math.round((outcomes.failures * 1000) / outcomes.calls),
        revision: this.#revision,
      });
    } catch {
      // The log is not worth a call.
    }
  }

  read(): Reading<"fault"> {
    return {
      active: this.active ? 1 : 0,
      delayed: this.#delayed,
      failed: this.#failed,
      rejected: this.#rejected,
      aborted: this.#aborted,
    };
  }

  close(): void {
    this.active = false;
    this.#leave();
  }

  #draw(permille: number): boolean {
    return permille > 0 && this.#world.random() * 1000 < permille;
  }

  #injected(what: string): void {
    publish("holdfast:fault:injected", () => ({ name: this.name, what }));
  }
}

function noFault(): FaultValues {
  return defaultsOf(FAULT) as unknown as FaultValues;
}
