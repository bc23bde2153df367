import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";
import { hashToken, mintToken, tokenPrefix } from "./token-format.ts";

export const SETUP_VALID_MS = 15 * 60_000;

/** The one-time key to an empty console. Only its hash is kept, in memory; a restart makes a new one. */
export class SetupLink {
  readonly #clock: Pick<Clock, "monotonic">;
  #hash: Buffer | null = null;
  #madeAt = 0;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Makes the token; whatever was made before is void. */
  open(): string {
    const token = mintToken("hfs_", randomBytes(32));
    this.#hash = Buffer.from(hashToken(token), "hex");
    this.#madeAt = this.#clock.monotonic();
    return token;
  }

  accepts(token: string): boolean {
    if (!this.#hash || tokenPrefix(token) !== "hfs_" || this.#clock.monotonic() - this.#madeAt >= SETUP_VALID_MS) return false;
    return timingSafeEqual(this.#hash, Buffer.from(hashToken(token), "hex"));
  }

  close(): void {
    this.#hash = null;
  }
}
