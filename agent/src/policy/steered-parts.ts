/** The policies of this process that the console can steer: what is possible for each, and what each was told. */
import type { PolicyDeclaration } from "../../../protocol/agent-up.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import {
  faultProblem,
  fieldsOf,
  overrideProblem,
  togetherProblem,
  valuesProblem,
  type FaultValues,
  type OverrideState,
  type Values,
} from "../../../protocol/settings.ts";
import { cleanText, nameOrNothing, shown } from "../clean.ts";
import { describeError, type Journal } from "../journal.ts";
import type { RemoteValues, Steering } from "../resilience/part.ts";
import type { Disposer } from "../types.ts";
import type { HeldItem, HeldPolicy } from "./held-policy.ts";
import type { Problem } from "./transaction.ts";

interface SteeredPart {
  readonly name: string;
  readonly steering: Steering;
  /** What it was told last, as text: settings, override, fault. */
  readonly told: string[];
}

interface Fit {
  readonly settings: readonly RemoteValues[];
  /** Settings that cannot be with what is beneath them. */
  readonly clashes: ReadonlyMap<string, Problem>;
}

export class SteeredParts {
  readonly #journal: Journal;
  readonly #parts = new Set<SteeredPart>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  declarations(): PolicyDeclaration[] {
    return [...this.#parts].map(declarationOf);
  }

  /** Steers a part from now on. Null when that cannot be; the journal says why. */
  add(name: string, steering: Steering, held: HeldPolicy): { readonly declaration: PolicyDeclaration; readonly release: Disposer } | null {
    const problem = this.#problemAdding(name, steering);
    if (problem !== null) {
      const what = `${steering.policy} ${shown(name)}`;
      this.#journal.capped++;
      this.#journal.once(`steer ${what}`, "warn", `the ${what} cannot be steered: ${problem}`);
      return null;
    }
    const part: SteeredPart = { name, steering, told: [] };
    this.#parts.add(part);
    const tell = (items: readonly HeldItem[]): void => {
      if (held.known) this.#tell(part, inOrder(items, name));
    };
    tell([...held.items()]);
    const release = (): void => {
      // Nobody keeps watch over leases any more: what has one ends now, the rest stays.
      if (this.#parts.delete(part)) tell([...held.items()].filter((item) => item.endsAt === null));
    };
    return { declaration: declarationOf(part), release };
  }

  /** Tells every part what is in force. Until a policy is known, parts go on with what they have. */
  settle(held: HeldPolicy): void {
    if (!held.known) return;
    const byName = new Map<string, HeldItem[]>();
    for (const item of held.items()) byName.set(item.key, [...(byName.get(item.key) ?? []), item]);
    for (const part of this.#parts) this.#tell(part, inOrder(byName.get(part.name) ?? [], part.name));
  }

  /** Why an item cannot be, whatever else is held. Items for a name that nobody has (yet) may be. */
  problem(item: HeldItem): Problem | null {
    const named = this.#named(item.key);
    if (item.kind === "switch") return null;
    if (named.length === 0) return problemOf(item, null);
    if (item.kind === "fault") {
      const open = named.find(({ steering }) => steering.faults);
      return open === undefined ? ["faults_off", `${item.key} does not allow faults to be injected`] : problemOf(item, null);
    }
    const part = named.find(({ steering }) => steering.policy === item.body.policy);
    return part === undefined ? ["unknown_policy", `${item.key} has no ${item.body.policy}`] : problemOf(item, part.steering);
  }

  /** Why settings cannot be with what is beneath them, by id. */
  clashes(items: Iterable<HeldItem>): ReadonlyMap<string, Problem> {
    const all = [...items];
    return new Map([...this.#parts].flatMap(({ name, steering }) => [...fit(inOrder(all, name), steering).clashes]));
  }

  #problemAdding(name: string, { policy }: Steering): string | null {
    if (nameOrNothing(name) === undefined) return "its name cannot travel";
    if (this.#named(name).some(({ steering }) => steering.policy === policy)) return `another ${policy} has this name`;
    return this.#parts.size < LIMITS.policiesPerAgent ? null : `an agent has at most ${LIMITS.policiesPerAgent} policies`;
  }

  #named(name: string): SteeredPart[] {
    return [...this.#parts].filter((part) => part.name === name);
  }

  /** Hands over what is news. Items are those of its name, lowest revision first. */
  #tell({ name, steering, told }: SteeredPart, items: readonly HeldItem[]): void {
    const news = (slot: number, what: unknown, hand: () => void): void => {
      const text = JSON.stringify(what);
      if (told[slot] === text) return;
      told[slot] = text;
      try {
        hand();
      } catch (error) {
        this.#journal.errors++;
        this.#journal.once(`steer ${name}`, "error", `the ${steering.policy} ${name} did not take its policy: ${describeError(error)}`);
      }
    };
    const { settings } = fit(items, steering);
    let state: OverrideState | null = null;
    let stateRevision = 0;
    let values: Partial<FaultValues> | null = null;
    let faultRevision = 0;
    for (const item of items) {
      if (problemOf(item, steering) !== null) continue;
      if (item.kind === "override" && item.body.policy === steering.policy) {
        state = item.body.state;
        stateRevision = item.revision;
      } else if (item.kind === "fault") {
        values = item.body.values;
        faultRevision = item.revision;
      }
    }
    news(0, settings, () => steering.settings(settings));
    news(1, [state, stateRevision], () => steering.override(state, stateRevision));
    if (steering.faults) news(2, [values, faultRevision], () => steering.fault(values, faultRevision));
  }
}

/** Items of a name, lowest revision first. */
function inOrder(items: readonly HeldItem[], name: string): HeldItem[] {
  return items.filter((item) => item.key === name).sort((a, b) => a.revision - b.revision);
}

/** Why an item is impossible in a part by itself; with no part, in any. */
function problemOf(item: HeldItem, part: Steering | null): Problem | null {
  const because = (code: string, problem: string | null): Problem | null => (problem === null ? null : [code, problem]);
  switch (item.kind) {
    case "settings":
      return because("bad_value", valuesProblem(fieldsOf(item.body.policy), item.body.values, part ?? undefined));
    case "override":
      return because(
        "bad_override",
        overrideProblem(item.body.policy, item.body.state, part?.policy === item.body.policy ? part.states : undefined),
      );
    case "fault":
      return because("bad_fault", item.endsAt === null ? "a fault needs a lease" : faultProblem(item.body.values));
    case "switch":
      return null;
  }
}

/** The settings among the items (lowest revision first) that a part can take, each over those before it. */
function fit(items: readonly HeldItem[], steering: Steering): Fit {
  let merged: Values = steering.code;
  const settings: RemoteValues[] = [];
  const clashes = new Map<string, Problem>();
  for (const item of items) {
    if (item.kind !== "settings" || item.body.policy !== steering.policy || problemOf(item, steering) !== null) continue;
    const next = { ...merged, ...item.body.values };
    const problem = togetherProblem(steering.policy, next);
    if (problem !== null) {
      clashes.set(item.id, ["impossible", problem]);
      continue;
    }
    merged = next;
    settings.push({ revision: item.revision, values: item.body.values });
  }
  return { settings, clashes };
}

function declarationOf({ name, steering }: SteeredPart): PolicyDeclaration {
  const { policy, code, bounds, fixed, states, note, faults } = steering;
  return {
    policy,
    name,
    values: { ...code },
    bounds: Object.fromEntries(Object.entries(bounds).map(([key, [low, high]]) => [key, [low, high]])),
    fixed: [...fixed],
    ...(states === undefined ? {} : { states: [...states] }),
    ...(note === undefined ? {} : { note: cleanText(note) }),
    faults,
  };
}
