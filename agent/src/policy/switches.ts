/** The switches of this process and the position each is in. */
import type { SwitchDeclaration } from "../../../protocol/agent-up.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { cleanText, shown } from "../clean.ts";
import { describeError, type Journal } from "../journal.ts";
import { fits } from "../link/fits.ts";
import { switchDeclaration } from "../link/wire-shapes.ts";
import type { Disposer, SwitchChange, SwitchHandle, SwitchOptions } from "../types.ts";
import type { ViewedSwitch } from "../view.ts";
import type { HeldItem, HeldPolicy } from "./held-policy.ts";
import type { Problem } from "./transaction.ts";

const DEFAULT_POSITIONS = ["on", "off"] as const;

interface SwitchState {
  readonly declaration: SwitchDeclaration;
  readonly handle: Handle;
  /** Revision of the item that decides; 0 when none does. */
  revision: number;
}

class Handle implements SwitchHandle {
  readonly key: string;
  position: string;
  readonly listeners = new Set<{ readonly call: (change: SwitchChange) => void }>();

  constructor(key: string, position: string) {
    this.key = key;
    this.position = position;
  }

  is(position: string): boolean {
    return this.position === position;
  }

  onChange(listener: (change: SwitchChange) => void): Disposer {
    const entry = { call: listener };
    this.listeners.add(entry);
    return () => void this.listeners.delete(entry);
  }
}

export type DecisionCause = "policy" | "lease-expired" | "kept-file";

export class Switches {
  readonly #journal: Journal;
  readonly #states = new Map<string, SwitchState>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get size(): number {
    return this.#states.size;
  }

  /** Declarations with the position in force now. */
  declarations(): SwitchDeclaration[] {
    return [...this.#states.values()].map(declarationNow);
  }

  declarationOf(key: string): SwitchDeclaration | null {
    const state = this.#states.get(key);
    return state === undefined ? null : declarationNow(state);
  }

  /** For adapters to other standards; null when no such switch is declared. */
  viewOf(key: string, { known }: HeldPolicy): ViewedSwitch | null {
    const state = this.#states.get(key);
    if (state === undefined) return null;
    return { key, positions: state.declaration.positions, position: state.handle.position, revision: state.revision, known };
  }

  /** Why an item cannot be. One for a switch that is not declared (yet) may be. */
  problem(item: HeldItem): Problem | null {
    const positions = this.#states.get(item.key)?.declaration.positions;
    if (item.kind !== "switch" || positions === undefined || positions.includes(item.body.position)) return null;
    return ["unknown_position", `the switch ${item.key} has no position ${item.body.position}; it has ${positions.join(", ")}`];
  }

  /** Adds a switch. What cannot be declared gets a handle that stays in its safe position. */
  declare(options: SwitchOptions, policy: HeldPolicy): { readonly handle: SwitchHandle; readonly added: SwitchDeclaration | null } {
    const known = this.#states.get(options.key);
    if (known !== undefined) return { handle: known.handle, added: null };
    const positions = options.positions ?? DEFAULT_POSITIONS;
    const safe = options.safeDefault ?? positions[0];
    const declaration: SwitchDeclaration = {
      key: options.key,
      title: typeof options.title === "string" ? cleanText(options.title, LIMITS.titleChars) : options.title,
      whatUsersLose: typeof options.whatUsersLose === "string" ? cleanText(options.whatUsersLose) : options.whatUsersLose,
      positions: [...positions],
      safeDefault: safe as string,
      position: safe as string,
    };
    const problem = this.#problemWith(declaration);
    if (problem !== null) {
      this.#journal.capped++;
      this.#journal.once(`switch ${shown(options.key)}`, "warn", `the switch ${shown(options.key)} is not declared: ${problem}`);
      return { handle: new Handle(options.key, safe ?? "on"), added: null };
    }
    const decided = decide(declaration, policy);
    const state: SwitchState = { declaration, handle: new Handle(declaration.key, decided.position), revision: decided.revision };
    this.#states.set(declaration.key, state);
    return { handle: state.handle, added: declarationNow(state) };
  }

  /**
   * Puts every switch where the policy wants it, all before anyone is told. Returns what changed, in order of declaration.
   */
  settle(policy: HeldPolicy, cause: DecisionCause): SwitchChange[] {
    const changes: SwitchChange[] = [];
    for (const state of this.#states.values()) {
      const { position, revision } = decide(state.declaration, policy);
      const previous = state.handle.position;
      const source = cause === "policy" && revision < state.revision ? "reverted" : cause;
      state.revision = revision;
      if (position === previous) continue;
      state.handle.position = position;
      changes.push({ key: state.handle.key, position, previous, revision, source });
    }
    return changes;
  }

  /** Tells the host's listeners. What they throw is logged and counted. */
  announce(changes: readonly SwitchChange[]): void {
    for (const change of changes) {
      for (const listener of [...(this.#states.get(change.key)?.handle.listeners ?? [])]) {
        try {
          listener.call(change);
        } catch (error) {
          this.#journal.errors++;
          this.#journal.once(`onChange ${change.key}`, "error", `a listener of the switch ${change.key} failed: ${describeError(error)}`);
        }
      }
    }
  }

  #problemWith(declaration: SwitchDeclaration): string | null {
    if (!fits(switchDeclaration, declaration)) return "its key, title, positions or texts are not valid";
    if (new Set(declaration.positions).size !== declaration.positions.length) return "a position is named twice";
    if (!declaration.positions.includes(declaration.safeDefault)) return "the safe default is not one of its positions";
    if (this.#states.size >= LIMITS.switchesPerAgent) return `an agent has at most ${LIMITS.switchesPerAgent} switches`;
    return null;
  }
}

/** The item with the highest revision decides, among those whose position the switch has. */
function decide(
  { key, positions, safeDefault }: SwitchDeclaration,
  policy: HeldPolicy,
): { readonly position: string; readonly revision: number } {
  let best = { position: policy.known ? (positions[0] ?? safeDefault) : safeDefault, revision: 0 };
  let found = false;
  for (const { kind, key: of, revision, body } of policy.items()) {
    if (kind !== "switch" || of !== key || !positions.includes(body.position) || (found && revision <= best.revision)) continue;
    best = { position: body.position, revision };
    found = true;
  }
  return best;
}

function declarationNow(state: SwitchState): SwitchDeclaration {
  return { ...state.declaration, position: state.handle.position };
}
