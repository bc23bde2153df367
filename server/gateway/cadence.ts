const STEPS_MS = [1_000, 2_000, 5_000] as const;
/** The one-second tick late by this much: the loop has more to do than it can. */
const LATE_MS = 250;
const LATE_TICKS = 3;
const CALM_TICKS = 30;

/** How often agents sample: slower while the event loop lags, normal again after half a minute of calm. */
export class Cadence {
  #step = 0;
  #late = 0;
  #calm = 0;

  get sampleMs(): number {
    return STEPS_MS[this.#step] ?? STEPS_MS[0];
  }

  /** Called every second with the lateness of the tick. True when the cadence changed. */
  tick(lateMs: number): boolean {
    if (lateMs >= LATE_MS) {
      this.#calm = 0;
      if (++this.#late < LATE_TICKS || this.#step === STEPS_MS.length - 1) return false;
      this.#late = 0;
      this.#step++;
      return true;
    }
    this.#late = 0;
    if (this.#step === 0 || ++this.#calm < CALM_TICKS) return false;
    this.#calm = 0;
    this.#step--;
    return true;
  }
}
