import type { Duplex } from "node:stream";
import { LIMITS } from "../../protocol/limits.ts";
import type { Clock } from "../clock.ts";
import type { ErrorCode, ProblemExtras } from "../errors.ts";
import type { Log } from "../log.ts";

export interface HandshakeOutcome<T> {
  /** The credential was checked and the socket is still there. */
  accept(checked: T): void;
  reject(code: ErrorCode, extras?: ProblemExtras): void;
}

/** Bounds how many upgrades wait for their credential at once, and for how long. Whoever comes on top is told when to come back. */
export class Handshakes {
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting = 0;
  #refused = 0;

  constructor(options: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = options.clock;
    this.#log = options.log;
  }

  run<T>(socket: Duplex, check: () => Promise<T>, outcome: HandshakeOutcome<T>): void {
    if (this.#waiting >= LIMITS.handshakesInFlight) {
      outcome.reject("busy", { retryAfterSeconds: 1 + (this.#refused++ % 4) });
      return;
    }
    this.#waiting++;
    let settled = false;
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      this.#waiting--;
      deadline.cancel();
      socket.off("error", failed);
      socket.off("close", settle);
      return true;
    };
    const failed = (): void => void socket.destroy();
    const deadline = this.#clock.setTimeout(() => {
      if (settle()) outcome.reject("store_unavailable", { retryAfterSeconds: 5 });
    }, LIMITS.helloDeadlineMs);
    socket.on("error", failed);
    socket.on("close", settle);
    check().then(
      (checked) => {
        if (settle()) outcome.accept(checked);
      },
      (error: unknown) => {
        this.#log.error({ err: error }, "a credential could not be checked");
        if (settle()) outcome.reject("store_unavailable", { retryAfterSeconds: 5 });
      },
    );
  }
}
