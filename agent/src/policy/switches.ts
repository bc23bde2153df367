/** The switches of this process and the position each is in. */
import { switchDeclaration, type SwitchDeclaration } from "../../../protocol/agent-up.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { cleanText, shown } from "../clean.ts";
import { describeError, type Journal } from "../journal.ts";
import type { Disposer, SwitchChange, SwitchHandle, SwitchOptions } from "../types.ts";
import type { HeldPolicy } from "./held-policy.ts";

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

  /** Positions of a declared switch; null when no such switch is declared (yet). */
  positionsOf(key: string): readonly string[] | null {
    return this.#states.get(key)?.declaration.positions ?? null;
  }

  /** Adds a switch. What cannot be declared gets a handle that stays in its safe position. */
  declare(options: SwitchOptions, policy: HeldPolicy): { readonly handle: SwitchHandle; readonly added: SwitchDeclaration | null } {
    const known = this.#states.get(options.key);
    if (known !== undefined) return { handle: known.handle, added: null };
    const positions = options.positions ?? DEFAULT_POSITIONS;
    const safe = options.safeDefault ?? positions[0];
    const checked = switchDeclaration.safeParse({
      key: options.key,
      title: typeof options.title === "string" ? cleanText(options.title, LIMITS.titleChars) : options.title,
      whatUsersLose: typeof options.whatUsersLose === "string" ? cleanText(options.whatUsersLose) : options.whatUsersLose,
      positions: [...positions],
      safeDefault: safe,
      position: safe,
    });
    const problem = this.#problemWith(checked.success ? checked.data : null);
    if (!checked.success || problem !== null) {
      this.#journal.capped++;
      this.#journal.once(
        `switch ${shown(options.key)}`,
        "warn",
        `the switch ${shown(options.key)} is not declared: ${problem ?? "invalid"}`,
      );
      return { handle: new Handle(options.key, safe ?? "on"), added: null };
    }
    const declaration = checked.data;
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

  #problemWith(declaration: SwitchDeclaration | null): string | null {
    if (declaration === null) return "its key, title, positions or texts are not valid";
    if (new Set(declaration.positions).size !== declaration.positions.length) return "a position is named twice";
    if (!declaration.positions.includes(declaration.safeDefault)) return "the safe default is not one of its positions";
    if (this.#states.size >= LIMITS.switchesPerAgent) return `an agent has at most ${LIMITS.switchesPerAgent} switches`;
    return null;
  }
}

function decide(declaration: SwitchDeclaration, policy: HeldPolicy): { readonly position: string; readonly revision: number } {
  const item = policy.deciding(declaration.key, declaration.positions);
  if (item !== null) return { position: item.position, revision: item.revision };
  const normal = declaration.positions[0] ?? declaration.safeDefault;
  return { position: policy.known ? normal : declaration.safeDefault, revision: 0 };
}

function declarationNow(state: SwitchState): SwitchDeclaration {
  return { ...state.declaration, position: state.handle.position };
}
