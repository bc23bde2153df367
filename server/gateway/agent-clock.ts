const OLDEST_MS = 7 * 86_400_000;
/** A live frame that seems older than this was not delayed: the agent's clock moved. */
const JUMP_MS = 60_000;

/**
 * The difference between an agent's clock and ours. The greeting gives a first estimate that includes its delay on the way; every
 * live frame that arrives with less delay improves it. Corrected times never lie in the future and never more than a week back,
 * whatever the agent claims.
 */
export class AgentClock {
  #skewMs: number;
  /** Times that had to be clamped. */
  clamped = 0;

  constructor(agentNow: number, now: number) {
    this.#skewMs = now - agentNow;
  }

  /** Added to the agent's clock to get ours. */
  get skewMs(): number {
    return this.#skewMs;
  }

  /** Corrects the time of something that the agent has just sent, and learns from it. */
  live(at: number, now: number): number {
    const difference = now - at;
    if (difference < this.#skewMs || difference > this.#skewMs + JUMP_MS) this.#skewMs = difference;
    return at + this.#skewMs;
  }

  /** Corrects a time that may lie back. */
  past(at: number, now: number): number {
    const corrected = at + this.#skewMs;
    if (corrected <= now && corrected >= now - OLDEST_MS) return corrected;
    this.clamped++;
    return corrected > now ? now : now - OLDEST_MS;
  }
}
