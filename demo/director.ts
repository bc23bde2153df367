/** Makes things fail, one failure of a name at a time, and ends each by itself. */
import { failure, FAILURE_NAMES, type FailureName, type Fault } from "./failures.ts";
import type { Random } from "./random.ts";
import { planned } from "./schedule.ts";
import { ROLES, type Role } from "./shop-plan.ts";

/** What the director moves. */
export interface Stage {
  setFaults(role: Role, faults: readonly Fault[]): void;
  setLost(instance: string, lost: boolean): void;
  surge(factor: number): void;
  /** Requests a second of one client that asks without end; 0 for none. */
  scrape(rate: number): void;
}

export interface FailureStatus {
  readonly name: FailureName;
  readonly title: string;
  readonly watch: string;
  readonly active: boolean;
  /** Whole seconds until it ends by itself; null when not active. */
  readonly secondsLeft: number | null;
}

export const LONGEST_SECONDS = 3_600;

interface Active {
  readonly endsAt: number;
  readonly timer: NodeJS.Timeout;
}

export class Director {
  readonly #stage: Stage;
  readonly #active = new Map<FailureName, Active>();
  #scheduled: NodeJS.Timeout | null = null;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Starts a failure, or gives a running one this long from now. */
  begin(name: FailureName, seconds = failure(name).seconds): void {
    const before = this.#active.get(name);
    if (before !== undefined) clearTimeout(before.timer);
    const timer = setTimeout(() => this.end(name), seconds * 1_000);
    this.#active.set(name, { endsAt: performance.now() + seconds * 1_000, timer });
    if (before === undefined) this.#apply();
  }

  end(name: FailureName): void {
    const active = this.#active.get(name);
    if (active === undefined) return;
    clearTimeout(active.timer);
    this.#active.delete(name);
    this.#apply();
  }

  status(): FailureStatus[] {
    return FAILURE_NAMES.map((name) => {
      const active = this.#active.get(name);
      const secondsLeft = active === undefined ? null : Math.max(0, Math.ceil((active.endsAt - performance.now()) / 1_000));
      return { name, title: failure(name).title, watch: failure(name).watch, active: active !== undefined, secondsLeft };
    });
  }

  /** From now on something fails every few minutes. */
  follow(random: Random, turn = 0): void {
    const { name, afterMs, seconds } = planned(turn, random);
    this.#scheduled = setTimeout(() => {
      this.begin(name, seconds);
      this.#scheduled = setTimeout(() => this.follow(random, turn + 1), seconds * 1_000);
    }, afterMs);
  }

  stop(): void {
    if (this.#scheduled !== null) clearTimeout(this.#scheduled);
    for (const { timer } of this.#active.values()) clearTimeout(timer);
    this.#active.clear();
  }

  /** The whole state each time: what two failures share ends with the last of them. */
  #apply(): void {
    const running = [...this.#active.keys()].map(failure);
    for (const role of ROLES)
      this.#stage.setFaults(
        role,
        running.flatMap((each) => each.faults?.[role] ?? []),
      );
    this.#stage.surge(Math.max(1, ...running.map((each) => each.surge ?? 1)));
    this.#stage.scrape(Math.max(0, ...running.map((each) => each.scraper ?? 0)));
    for (const name of FAILURE_NAMES) {
      const { lost } = failure(name);
      if (lost !== undefined) this.#stage.setLost(lost, this.#active.has(name));
    }
  }
}
