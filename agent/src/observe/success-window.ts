/** Successes and failures of the last ten seconds, for a failure rate. */
const SECONDS = 10;
const SECOND_MS = 1000;

export class SuccessWindow {
  readonly #good = new Uint32Array(SECONDS);
  readonly #bad = new Uint32Array(SECONDS);
  #second = 0;
  #goodTotal = 0;
  #badTotal = 0;
  #turnedAt: number;

  constructor(now: number) {
    this.#turnedAt = now;
  }

  good(): void {
    this.#good[this.#second] = (this.#good[this.#second] as number) + 1;
    this.#goodTotal++;
  }

  bad(): void {
    this.#bad[this.#second] = (this.#bad[this.#second] as number) + 1;
    this.#badTotal++;
  }

  /** Thousandths that failed; NaN when nothing ended. */
  permille(): number {
    const all = this.#goodTotal + this.#badTotal;
    return all === 0 ? NaN : Math.round((this.#badTotal * 1000) / all);
  }

  /** Forgets whole seconds that have left the window. */
  turn(now: number): void {
    const passed = Math.floor((now - this.#turnedAt) / SECOND_MS);
    if (passed <= 0) return;
    this.#turnedAt += passed * SECOND_MS;
    for (let i = 0; i < Math.min(passed, SECONDS); i++) {
      this.#second = (this.#second + 1) % SECONDS;
      this.#goodTotal -= this.#good[this.#second] as number;
      this.#badTotal -= this.#bad[this.#second] as number;
      this.#good[this.#second] = 0;
      this.#bad[this.#second] = 0;
    }
  }
}
