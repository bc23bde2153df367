import { auditEntry, type Deed } from "../audit/audit-entry.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { NewAuditEntry } from "../store/audit-entry.ts";
import type { Store } from "../store/store.ts";

export interface AuditOptions {
  readonly store: Pick<Store, "appendAudit">;
  readonly clock: Clock;
  readonly log: Log;
}

/** The audit log for what has no write of its own in the store: sign-ins, refusals, users. */
export class Audit {
  readonly #options: AuditOptions;
  /** Entries that are on their way to disk; awaited at the end. */
  readonly #writing = new Set<Promise<void>>();

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  entry(deed: Omit<Deed, "at">): NewAuditEntry {
    return auditEntry({ ...deed, at: this.#options.clock.now() });
  }

  /** Resolves when it is on disk. @throws StoreUnavailable; then it is in the process log at least */
  async record(deed: Omit<Deed, "at">): Promise<void> {
    const { store, log } = this.#options;
    const entry = this.entry(deed);
    try {
      await store.appendAudit([entry]);
    } catch (error) {
      log.error({ err: error, entry }, "an audit entry could not be written");
      throw error;
    }
  }

  /** Writes without making anyone wait: a database that is down must not keep people out of the console. */
  note(deed: Omit<Deed, "at">): void {
    const writing = this.record(deed)
      .catch(() => undefined)
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }
}
