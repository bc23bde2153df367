/** The moment that is pointed at, shared by everything that has a time axis. Kept apart from React, for it moves with the pointer. */
import { within, type TimeSpan } from "./time-window.ts";

/** Two ends of a brush, in the order they were drawn. */
export interface Brush {
  readonly start: number;
  readonly end: number;
}

export interface Cross {
  /** Under the pointer. */
  readonly hovered: number | null;
  /** Clicked, or moved to by key. */
  readonly chosen: number | null;
  /** A stretch that is being marked. */
  readonly brush: Brush | null;
}

export class Crosshair {
  #cross: Cross = { hovered: null, chosen: null, brush: null };
  readonly #listeners = new Set<() => void>();

  get cross(): Cross {
    return this.#cross;
  }

  /** What is pointed at now: under the pointer, else chosen. */
  get at(): number | null {
    return this.#cross.hovered ?? this.#cross.chosen;
  }

  hover(hovered: number | null): void {
    this.#set({ ...this.#cross, hovered });
  }

  choose(chosen: number | null): void {
    this.#set({ ...this.#cross, chosen });
  }

  mark(brush: Brush | null): void {
    this.#set({ ...this.#cross, brush });
  }

  /** The chosen moment and the stretch marked from it, at once. */
  steer({ chosen, brush }: Steered): void {
    this.#set({ ...this.#cross, chosen, brush });
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(next: Cross): void {
    const { hovered, chosen, brush } = this.#cross;
    if (next.hovered === hovered && next.chosen === chosen && next.brush === brush) return;
    this.#cross = next;
    for (const listener of this.#listeners) listener();
  }
}

export type Steered = Pick<Cross, "chosen" | "brush">;

/** An arrow moves by this share of what is seen; Page Up and Page Down by ten times as much. */
const STEP_SHARE = 0.01;

/**
 * What a key makes of the chosen moment: arrows, Page Up, Page Down, Home and End move it, with Shift they mark a stretch from where it
 * was, Escape lets go of both. Null: the key is for somebody else.
 * @param from where it is while none is chosen
 */
export function steered(
  { key, shiftKey }: { readonly key: string; readonly shiftKey: boolean },
  { chosen, brush }: Steered,
  { seen, full, from }: { readonly seen: TimeSpan; readonly full: TimeSpan; readonly from: number },
): Steered | null {
  if (key === "Escape") return chosen === null && brush === null ? null : { chosen: null, brush: null };
  const step = (seen.to - seen.from) * STEP_SHARE;
  const at = chosen ?? from;
  const moved: Readonly<Record<string, number>> = {
    ArrowLeft: at - step,
    ArrowRight: at + step,
    PageDown: at - 10 * step,
    PageUp: at + 10 * step,
    Home: seen.from,
    End: seen.to,
  };
  const wanted = Object.hasOwn(moved, key) ? moved[key] : undefined;
  if (wanted === undefined) return null;
  const next = Math.round(within(wanted, full));
  return { chosen: next, brush: shiftKey ? { start: brush?.start ?? Math.round(within(at, full)), end: next } : null };
}
