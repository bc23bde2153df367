/**
 * From "so much has to go" to the level below which calls are refused. A call's rank is its class and, within it, one of 128 cohorts, so
 * that a class is shed by parts and a user whole. After DAGOR, Uber's Cinnamon and failsafe-go's prioritizer.
 */
export const COHORTS = 128;
/** Rank of the first critical call: a level never lies above it. */
export const CRITICAL_RANK = 3 * COHORTS;
/** Rank of the first call of class high. */
export const HIGH_RANK = 2 * COHORTS;

/** Calls by rank, older ones counting half as much with each window. */
export class RankHistogram {
  readonly #recent = new Float64Array(CRITICAL_RANK + COHORTS);
  /** To be counted up at each call. */
  readonly window = new Uint32Array(CRITICAL_RANK + COHORTS);

  /** Ends the window; answers how many calls it had. */
  turn(): number {
    let calls = 0;
    for (let rank = 0; rank < this.#recent.length; rank++) {
      const now = this.window[rank] as number;
      calls += now;
      this.#recent[rank] = (this.#recent[rank] as number) / 2 + now;
      this.window[rank] = 0;
    }
    return calls;
  }

  /** The level that refuses this share of all calls, as far as those below `ceiling` suffice for it. */
  level(share: number, ceiling: number): number {
    if (!(share > 0)) return 0;
    let left = 0;
    for (const calls of this.#recent) left += calls * share;
    let rank = 0;
    // Half a rank's calls: the nearest level, rather than always the one that refuses more.
    while (rank < ceiling && left > (this.#recent[rank] as number) / 2) left -= this.#recent[rank++] as number;
    return rank;
  }
}

/** Cohort of a user: the same for an hour in every process, then another, so that it is not always the same users who are refused. */
export function cohortOf(user: number, hour: number): number {
  let mixed = Math.imul(user ^ Math.imul(hour, 0x85ebca6b), 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return mixed >>> 25;
}

/** A whole number for a text (FNV-1a): what to hand to a shedder for a user whose id is not a number. */
export function cohort(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
