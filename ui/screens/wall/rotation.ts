/** Which view the wall shows. Pure; the clock is passed in, in ms. */

export const WALL_VIEWS = ["fleet", "incidents", "switched", "map"] as const;
export type WallView = (typeof WALL_VIEWS)[number];

/** Seconds that a view stands. */
export const EVERY_S = { least: 5, usual: 20, most: 3600 } as const;

export interface Rotation {
  /** Place among the views. */
  readonly at: number;
  /** Since when the view counts as standing. */
  readonly since: number;
  /** When a person last turned it; null when it turned by itself. */
  readonly turnedAt: number | null;
}

export interface RotationRules {
  /** Never empty. */
  readonly views: readonly WallView[];
  readonly everyMs: number;
  /** A person holds the view. */
  readonly held: boolean;
  /** Something is bad enough that nothing else is shown. */
  readonly urgent: boolean;
}

export const startRotation = (now: number): Rotation => ({ at: 0, since: now, turnedAt: null });

/** The views of the address, each once; all of them when it names none. */
export function viewsOf(named: readonly WallView[]): readonly WallView[] {
  return named.length === 0 ? WALL_VIEWS : [...new Set(named)];
}

export function everyMsOf(seconds: number): number {
  return Math.min(EVERY_S.most, Math.max(EVERY_S.least, seconds)) * 1000;
}

/** A step of the clock. What is held, or gave way to an incident, stands its whole time afterwards. */
export function rotate(rotation: Rotation, now: number, rules: RotationRules): Rotation {
  if (rules.held || rules.urgent) return { ...rotation, since: now };
  if (now - rotation.since < rules.everyMs) return rotation;
  return { at: (rotation.at + 1) % rules.views.length, since: now, turnedAt: null };
}

/** A person asks for the view after or before the one that is shown. */
export function turn(rotation: Rotation, by: 1 | -1, { now, rules }: { readonly now: number; readonly rules: RotationRules }): Rotation {
  const { length } = rules.views;
  const shown = rules.views.indexOf(shownView(rotation, now, rules));
  const at = ((shown < 0 ? rotation.at : shown) + by + length) % length;
  return { at, since: now, turnedAt: now };
}

/** The incidents while something is urgent, but for a person who has just asked for something else. */
export function shownView({ at, turnedAt }: Rotation, now: number, { views, everyMs, held, urgent }: RotationRules): WallView {
  const asked = turnedAt !== null && (held || now - turnedAt < everyMs);
  if (urgent && !asked) return "incidents";
  return views[at % views.length] ?? "fleet";
}
