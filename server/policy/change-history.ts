import { subjectId, type Subject } from "../../core/policy.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import type { Flip, LoggedEventIn, Store } from "../store/store.ts";
import { CHANGE_EVENTS, subjectOfEvent } from "./flip-events.ts";

export interface LastChange {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

const LOOK_BACK = 500;

/** Who touched each switch, policy and pipeline last, and at which revision. Read from the log once, then followed. */
export class ChangeHistory {
  readonly #store: Pick<Store, "listEvents" | "subjectRevision">;
  readonly #last = new Map<string, LastChange>();
  readonly #revisions = new Map<string, number>();

  constructor(store: Pick<Store, "listEvents" | "subjectRevision">) {
    this.#store = store;
  }

  async load(environments: readonly string[]): Promise<void> {
    for (const environment of environments)
      for (const kind of CHANGE_EVENTS) {
        const { items } = await this.#store.listEvents({ environment, kind, limit: LOOK_BACK, order: "desc" });
        for (const event of items) {
          const subject = subjectOfEvent(event);
          if (subject === null) continue;
          const key = id(environment, subject);
          if (event.at >= (this.#last.get(key)?.at ?? -Infinity)) this.#last.set(key, changeOf(event));
        }
      }
  }

  changed(flip: Flip, event: LoggedEventIn): void {
    const key = id(flip.environment, flip);
    this.#last.set(key, changeOf(event));
    this.#revisions.set(key, flip.endRevision ?? flip.revision);
  }

  /** The last change among the newest of the log; null when there was none. */
  last(environment: string, subject: Subject): LastChange | null {
    return this.#last.get(id(environment, subject)) ?? null;
  }

  /** Highest revision that made or ended a change of the subject; 0 when none did. */
  async revision(environment: string, subject: Subject): Promise<number> {
    const key = id(environment, subject);
    const known = this.#revisions.get(key);
    if (known !== undefined) return known;
    const stored = await this.#store.subjectRevision(environment, subject);
    const revision = Math.max(stored, this.#revisions.get(key) ?? 0);
    this.#revisions.set(key, revision);
    return revision;
  }
}

const id = (environment: string, subject: Subject): string => `${environment}\n${subjectId(subject)}`;

function changeOf(event: LoggedEvent): LastChange {
  const reason = event.data["reason"];
  return { at: event.at, by: event.actor, reason: typeof reason === "string" ? reason : "" };
}
