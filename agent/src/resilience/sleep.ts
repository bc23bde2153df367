import { WheelEntry, type TimerWheel } from "./timer-wheel.ts";

class Sleeper extends WheelEntry {
  readonly #wake: () => void;

  constructor(wake: () => void) {
    super();
    this.#wake = wake;
  }

  override expire(): void {
    this.#wake();
  }
}

/** Resolves after `ms` by the wheel. Does not hold the process open. */
export function sleep(wheel: TimerWheel, ms: number): Promise<void> {
  return new Promise((wake) => wheel.arm(new Sleeper(wake), ms));
}
