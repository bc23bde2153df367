/**
 * The ladder: ordered levels of giving something up, from 1 (cosmetic) to 4 (read-only); 0 is all well. Operators say at which level a
 * switch goes to which position. Pure: what a level means, which one is held, and what going to another one would change.
 */
import { desiredPosition, isWide, type ScopedFlip } from "./policy.ts";

export const LADDER_LEVELS = [1, 2, 3, 4] as const;
export const LEVEL_NAMES: Readonly<Record<number, string>> = { 0: "All well", 1: "Cosmetic", 2: "Comfort", 3: "Core only", 4: "Read-only" };

/** From this level on the switch is at this position, until a higher step. */
export interface LadderStep {
  readonly level: number;
  readonly position: string;
}

/** A change of a switch in force. */
export interface LadderFlip extends ScopedFlip {
  readonly purpose?: "drill" | "ladder" | undefined;
}

export interface LadderSwitch<F extends LadderFlip = LadderFlip> {
  readonly key: string;
  /** The first is the normal one. */
  readonly positions: readonly string[];
  /** Lowest level first. */
  readonly steps: readonly LadderStep[];
  readonly flips: readonly F[];
}

export interface LadderPlan<F extends LadderFlip> {
  /** Flips to make for the whole environment. `renews`: the ladder holds it there already, and its lease begins anew. */
  readonly make: readonly { readonly key: string; readonly position: string; readonly renews: boolean }[];
  /** Flips of the ladder that are to end. */
  readonly end: readonly F[];
  /** Where it should be, but by somebody's hand: it is not touched, and does not go back with the ladder. */
  readonly already: readonly { readonly key: string; readonly flip: F }[];
  /** Switched by hand to something else: it is not touched. */
  readonly left: readonly { readonly key: string; readonly flip: F }[];
}

/** Position of the highest step up to a level; null when the level asks nothing of it. */
export function positionAt(steps: readonly LadderStep[], level: number): string | null {
  return steps.filter((step) => step.level <= level).at(-1)?.position ?? null;
}

/** The level a switch stands at as a whole: of the step whose position is wanted everywhere; 0 for the normal one and those without a step. */
export function standsAt({ steps, flips, positions }: Omit<LadderSwitch, "key">): number {
  const desired = desiredPosition(flips, positions);
  return desired === positions[0] ? 0 : (steps.filter(({ position }) => position === desired).at(-1)?.level ?? 0);
}

/** The highest level all of whose switches, and of those below it, stand at it or beyond. Levels without switches do not count. */
export function heldLevel(switches: readonly LadderSwitch[]): number {
  let held = 0;
  for (const level of LADDER_LEVELS) {
    const members = switches.filter(({ steps }) => steps.some((step) => step.level === level));
    if (members.length === 0) continue;
    if (!members.every((member) => standsAt(member) >= level)) break;
    held = level;
  }
  return held;
}

/** What going to a level would make and end. What was not switched by the ladder is never touched. */
export function planLevel<F extends LadderFlip>(switches: readonly LadderSwitch<F>[], level: number): LadderPlan<F> {
  const plan = { make: [] as LadderPlan<F>["make"][number][], end: [] as F[], already: [] as Held<F>[], left: [] as Held<F>[] };
  for (const { key, steps, flips } of switches) {
    const position = positionAt(steps, level);
    const own = flips.filter(({ purpose }) => purpose === "ladder");
    const byHand = flips.filter(({ purpose }) => purpose !== "ladder").sort((a, b) => b.revision - a.revision);
    const [hand] = byHand;
    if (hand !== undefined) {
      if (steps.length === 0 && own.length === 0) continue;
      const there = byHand.every((flip) => flip.position === position) && byHand.some(({ scope }) => isWide(scope));
      plan[there ? "already" : "left"].push({ key, flip: hand });
      plan.end.push(...own.filter((flip) => flip.position !== position));
      continue;
    }
    plan.end.push(...own);
    if (position !== null) plan.make.push({ key, position, renews: own.some((flip) => flip.position === position) });
  }
  return plan;
}

interface Held<F> {
  readonly key: string;
  readonly flip: F;
}
