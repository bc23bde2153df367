/**
 * How a fleet was described over time, without its samples: what changed, said small, and folded back. One change that many instances make
 * alike (ten thousand at a flip) is said once. Pure.
 */
import type { PolicyDeclaration } from "../protocol/agent-up.ts";
import type { RecordedChange, RecordedInstance, ReplayStory } from "../protocol/replay-api.ts";
import { describeInstance, type InstanceState } from "./fleet.ts";

/** As it is recorded: with the policies that the instance declares. Never changed, only replaced. */
export interface StoryInstance extends RecordedInstance {
  readonly policies: readonly PolicyDeclaration[];
}

/** Every instance at a moment, by key. */
export type Story = ReadonlyMap<string, StoryInstance>;

/** What moves while the rest of a description stays. Parts that are left out stay too. */
export interface Amendment {
  readonly connectedAt?: number | null;
  readonly disconnectedAt?: number | null;
  /** Only said together with the two before it: samples tell it otherwise. */
  readonly lastFrameAt?: number | null;
  readonly left?: boolean;
  readonly clockSkewMs?: number | null;
  readonly policyRevision?: number;
  /** Of switches, by key. */
  readonly positions?: Readonly<Record<string, string>>;
}

export interface StoryChange {
  readonly at: number;
  readonly whole: readonly StoryInstance[];
  readonly amended: readonly { readonly keys: readonly string[]; readonly change: Amendment }[];
  readonly gone: readonly string[];
}

const NO_ROW = new Float64Array(0);

/** The description of an instance as it is now. Shares its lists with the fleet. */
export function storyInstance(state: InstanceState, policies: readonly PolicyDeclaration[]): StoryInstance {
  const { row: _, ...described } = describeInstance({ ...state, row: NO_ROW });
  return { ...described, policies };
}

/** Gathers what changed of one instance after the other. */
export class StoryDiff {
  readonly #whole: StoryInstance[] = [];
  readonly #amended = new Map<string, { readonly keys: string[]; readonly change: Amendment }>();
  readonly #gone: string[] = [];

  /** @param after null when the instance was forgotten */
  add(key: string, before: StoryInstance | undefined, after: StoryInstance | null): void {
    if (after === null) {
      if (before) this.#gone.push(key);
    } else if (!before || !sameBody(before, after)) this.#whole.push(after);
    else this.amend(key, amendmentOf(before, after));
  }

  amend(key: string, change: Amendment): void {
    const id = JSON.stringify(change);
    if (id === "{}") return;
    const alike = this.#amended.get(id);
    if (alike) alike.keys.push(key);
    else this.#amended.set(id, { keys: [key], change });
  }

  /** Null when nothing changed. */
  change(at: number): StoryChange | null {
    if (this.#whole.length + this.#amended.size + this.#gone.length === 0) return null;
    return { at, whole: this.#whole, amended: [...this.#amended.values()], gone: this.#gone };
  }
}

/** Applies a change. Answers the keys that it touched and that are still there. */
export function foldStory(story: Map<string, StoryInstance>, change: StoryChange): string[] {
  const touched = new Set<string>();
  for (const instance of change.whole) {
    story.set(instance.key, instance);
    touched.add(instance.key);
  }
  for (const { keys, change: amendment } of change.amended)
    for (const key of keys) {
      const before = story.get(key);
      if (!before) continue;
      story.set(key, amended(before, amendment));
      touched.add(key);
    }
  for (const key of change.gone) {
    story.delete(key);
    touched.delete(key);
  }
  return [...touched];
}

/** All instances as one change: what a key frame holds. */
export function wholeStory(story: Story, at: number): StoryChange {
  return { at, whole: [...story.values()], amended: [], gone: [] };
}

/** The changes of a window with each instance whole, folded in the order in which they are told. */
export function wholeChanges({ instances, changes }: Pick<ReplayStory, "instances" | "changes">): RecordedChange[] {
  const known = new Map(instances.map((instance) => [instance.key, instance]));
  return changes.map(({ amended: amendments = [], ...change }) => {
    const touched = new Map(change.instances.map((instance) => [instance.key, instance]));
    for (const { keys, change: amendment } of amendments)
      for (const key of keys) {
        const before = touched.get(key) ?? known.get(key);
        // JSON has no parts that are there and undefined.
        if (before) touched.set(key, amended(before, amendment as Amendment));
      }
    for (const [key, instance] of touched) known.set(key, instance);
    for (const key of change.forgotten) {
      known.delete(key);
      touched.delete(key);
    }
    return { ...change, instances: [...touched.values()] };
  });
}

/** What a reader of the story is told of an instance. */
export function recordedInstance({ policies: _, ...instance }: StoryInstance): RecordedInstance {
  return instance;
}

function amended<I extends RecordedInstance>(before: I, { positions, ...change }: Amendment): I {
  if (positions === undefined) return { ...before, ...change };
  const switches = before.switches.map((declared) => ({ ...declared, position: positions[declared.key] ?? declared.position }));
  return { ...before, ...change, switches };
}

function amendmentOf(before: StoryInstance, after: StoryInstance): Amendment {
  const moved = before.connectedAt !== after.connectedAt || before.disconnectedAt !== after.disconnectedAt || before.left !== after.left;
  const { connectedAt, disconnectedAt, lastFrameAt, left, clockSkewMs, policyRevision } = after;
  const positions = after.switches.filter(({ position }, i) => position !== before.switches[i]?.position);
  return {
    ...(moved ? { connectedAt, disconnectedAt, lastFrameAt, left } : {}),
    ...(before.clockSkewMs === clockSkewMs ? {} : { clockSkewMs }),
    ...(before.policyRevision === policyRevision ? {} : { policyRevision }),
    ...(positions.length === 0 ? {} : { positions: Object.fromEntries(positions.map(({ key, position }) => [key, position])) }),
  };
}

/** True when an amendment can say the difference. */
function sameBody(a: StoryInstance, b: StoryInstance): boolean {
  return (
    a.boot === b.boot &&
    a.version === b.version &&
    alike(a.labels, b.labels) &&
    alike(a.resources, b.resources) &&
    alike(a.policies, b.policies) &&
    sameSwitches(a, b)
  );
}

function sameSwitches({ switches: a }: StoryInstance, { switches: b }: StoryInstance): boolean {
  if (a === b) return true;
  const body = (all: StoryInstance["switches"]) => all.map(({ position: _, ...declared }) => declared);
  return alike(body(a), body(b));
}

const alike = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
