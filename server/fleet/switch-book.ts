import type { SwitchDeclaration } from "../../protocol/agent-up.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { KnownSwitch, Store } from "../store/store.ts";
import { LateWriter } from "./instance-book.ts";

export interface SwitchBookOptions {
  readonly store: Pick<Store, "listSwitches" | "saveSwitches">;
  readonly clock: Clock;
  readonly log: Pick<Log, "error">;
}

/** The switches of each environment as its services declared them last. Saved when a declaration brings something new. */
export class SwitchBook {
  readonly #options: SwitchBookOptions;
  readonly #known = new Map<string, Map<string, KnownSwitch>>();
  readonly #writer: LateWriter<KnownSwitch>;

  constructor(options: SwitchBookOptions) {
    this.#options = options;
    this.#writer = new LateWriter({
      what: "switches",
      save: (items) => options.store.saveSwitches(items),
      clock: options.clock,
      log: options.log,
    });
  }

  async load(environments: Iterable<string>): Promise<void> {
    for (const environment of environments) {
      const switches = await this.#options.store.listSwitches(environment);
      this.#known.set(environment, new Map(switches.map((known) => [known.key, known])));
    }
  }

  list(environment: string): readonly KnownSwitch[] {
    return [...(this.#known.get(environment)?.values() ?? [])];
  }

  /** The newest declaration wins; services add up. Returns at once; what is new is written without delay. */
  declared(agent: { readonly environment: string; readonly service: string }, switches: readonly SwitchDeclaration[]): void {
    let book = this.#known.get(agent.environment);
    if (!book) this.#known.set(agent.environment, (book = new Map<string, KnownSwitch>()));
    let changed = false;
    for (const declared of switches) {
      const before = book.get(declared.key);
      const services = before?.services.includes(agent.service) ? before.services : [...(before?.services ?? []), agent.service];
      const next: KnownSwitch = {
        environment: agent.environment,
        key: declared.key,
        title: declared.title,
        whatUsersLose: declared.whatUsersLose,
        positions: declared.positions,
        safeDefault: declared.safeDefault,
        services,
        firstSeenAt: before?.firstSeenAt ?? this.#options.clock.now(),
      };
      if (before && sameSwitch(before, next)) continue;
      book.set(next.key, next);
      this.#writer.mark(`${next.environment}\n${next.key}`, () => this.#known.get(next.environment)?.get(next.key) ?? null);
      changed = true;
    }
    if (changed) void this.#writer.flush();
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }
}

function sameSwitch(a: KnownSwitch, b: KnownSwitch): boolean {
  return (
    a.title === b.title &&
    a.whatUsersLose === b.whatUsersLose &&
    a.safeDefault === b.safeDefault &&
    a.services === b.services &&
    a.positions.length === b.positions.length &&
    a.positions.every((position, index) => position === b.positions[index])
  );
}
