import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { NewEvent, Store } from "../store/store.ts";
import type { Principal } from "./principal.ts";

/** Where events of the console itself are kept: sign-ins, tokens, users. No agent may speak for it. */
export const SYSTEM_ENVIRONMENT = "system";

export interface AuditOptions {
  readonly store: Pick<Store, "appendEvents">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

/** How an actor is named in the log. */
export function actorOf(principal: Principal): string {
  return principal.kind === "bootstrap" ? "token:bootstrap" : `${principal.kind}:${principal.name}`;
}

/** The log of who did what to the console. */
export class Audit {
  readonly #options: AuditOptions;
  /** Records that are on their way to disk; awaited at the end. */
  readonly #writing = new Set<Promise<void>>();

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  event(type: string, actor: string, data: NewEvent["data"]): NewEvent {
    const now = this.#options.clock.now();
    return { environment: SYSTEM_ENVIRONMENT, at: now, receivedAt: now, type, service: null, instance: null, resource: null, actor, data };
  }

  /** Writes without making anyone wait: a database that is down must not keep people out of the console. */
  note(type: string, actor: string, data: NewEvent["data"]): void {
    const { store, bus, log } = this.#options;
    const writing = store
      .appendEvents([this.event(type, actor, data)])
      .then((events) => bus.publish({ type: "events", environment: SYSTEM_ENVIRONMENT, events }))
      .catch((error: unknown) => log.error({ err: error, type, actor, data }, "an audit event could not be written"))
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }
}
