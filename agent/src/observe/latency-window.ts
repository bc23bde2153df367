/**
 * Latencies of the last ten seconds in a log-linear histogram: eight steps to each doubling, so a percentile is right to about 6 %.
 * Recording touches two integers and allocates nothing.
 */
const SECONDS = 10;
const STEPS = 8;
const OCTAVES = 28;
const BUCKETS = STEPS * (OCTAVES - 2);
const SECOND_MS = 1000;

export class LatencyWindow {
  readonly #total = new Uint32Array(BUCKETS);
  readonly #seconds = new Uint32Array(BUCKETS * SECONDS);
  #second = 0;
  #count = 0;
  #turnedAt: number;

  constructor(now: number) {
    this.#turnedAt = now;
  }

  get count(): number {
    return this.#count;
  }

  record(ms: number): void {
    const bucket = bucketOf(ms * 1000);
    this.#total[bucket] = (this.#total[bucket] as number) + 1;
    const at = this.#second * BUCKETS + bucket;
    this.#seconds[at] = (this.#seconds[at] as number) + 1;
    this.#count++;
  }

  /** Microseconds below which this share of the window's calls stayed; NaN when there were none. */
  percentile(share: number): number {
    if (this.#count === 0) return NaN;
    let left = Math.ceil(share * this.#count);
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#total[i] as number;
      if (left <= 0) return middleOf(i);
    }
    return middleOf(BUCKETS - 1);
  }

  /** Forgets whole seconds that have left the window. Call it after reading, so that a slow cadence still sees its own calls. */
  turn(now: number): void {
    const passed = Math.floor((now - this.#turnedAt) / SECOND_MS);
    if (passed <= 0) return;
    this.#turnedAt += passed * SECOND_MS;
    for (let i = 0; i < Math.min(passed, SECONDS); i++) {
      this.#second = (this.#second + 1) % SECONDS;
      const start = this.#second * BUCKETS;
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        const gone = this.#seconds[start + bucket] as number;
        if (gone === 0) continue;
        this.#total[bucket] = (this.#total[bucket] as number) - gone;
        this.#count -= gone;
        this.#seconds[start + bucket] = 0;
      }
    }
  }
}

/** 0 to 7 us have a bucket each; from 8 us on, eight to each doubling; the last one takes everything above. */
function bucketOf(us: number): number {
  const whole = us > 0 ? Math.min(Math.round(us), 2 ** OCTAVES - 1) : 0;
  if (whole < STEPS) return whole;
  const octave = 31 - Math.clz32(whole);
  return Math.min(BUCKETS - 1, (octave - 2) * STEPS + ((whole >> (octave - 3)) & 7));
}

function middleOf(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const octave = Math.floor(bucket / STEPS) + 2;
  const width = 2 ** (octave - 3);
  return 2 ** octave + (bucket % STEPS) * width + (width >> 1);
}
