import type { Flip, LoggedEventIn, Store } from "../store/store.ts";
import type { LoggedEvent } from "../../protocol/live.ts";

export interface SwitchChange {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

const LOOK_BACK = 500;

/** Who touched each switch last, and at which revision. Read from the log once, then followed. */
export class SwitchHistory {
  readonly #store: Pick<Store, "listEvents" | "switchRevision">;
  readonly #last = new Map<string, SwitchChange>();
  readonly #revisions = new Map<string, number>();

  constructor(store: Pick<Store, "listEvents" | "switchRevision">) {
    this.#store = store;
  }

  async load(environments: readonly string[]): Promise<void> {
    for (const environment of environments) {
      const { items } = await this.#store.listEvents({ environment, kind: "flip.", limit: LOOK_BACK, order: "desc" });
      for (const event of items) {
        const key = event.data["switch"];
        if (typeof key === "string" && !this.#last.has(id(environment, key))) this.#last.set(id(environment, key), changeOf(event));
      }
    }
  }

  changed(flip: Flip, event: LoggedEventIn): void {
    this.#last.set(id(flip.environment, flip.switchKey), changeOf(event));
    this.#revisions.set(id(flip.environment, flip.switchKey), flip.endRevision ?? flip.revision);
  }

  /** The last change among the newest of the log; null when there was none. */
  last(environment: string, key: string): SwitchChange | null {
    return this.#last.get(id(environment, key)) ?? null;
  }

  /** Highest revision that made or ended a flip of the switch; 0 when none did. */
  async revision(environment: string, key: string): Promise<number> {
    const known = this.#revisions.get(id(environment, key));
    if (known !== undefined) return known;
    const stored = await this.#store.switchRevision(environment, key);
    const revision = Math.max(stored, this.#revisions.get(id(environment, key)) ?? 0);
    this.#revisions.set(id(environment, key), revision);
    return revision;
  }
}

const id = (environment: string, key: string): string => `${environment}\n${key}`;

function changeOf(event: LoggedEvent): SwitchChange {
  const reason = event.data["reason"];
  return { at: event.at, by: event.actor, reason: typeof reason === "string" ? reason : "" };
}
