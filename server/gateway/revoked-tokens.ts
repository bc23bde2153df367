import type { Clock } from "../clock.ts";

const REMEMBER_MS = 60_000;

/** Tokens revoked a moment ago: a handshake whose check began before the revocation must not outlive it. */
export class RevokedTokens {
  readonly #clock: Clock;
  readonly #revoked = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(tokenId: string): void {
    this.#revoked.set(tokenId, this.#clock.monotonic());
  }

  has(tokenId: string): boolean {
    return this.#revoked.has(tokenId);
  }

  sweep(): void {
    const before = this.#clock.monotonic() - REMEMBER_MS;
    for (const [tokenId, at] of this.#revoked) if (at < before) this.#revoked.delete(tokenId);
  }
}
