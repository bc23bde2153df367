/** Spans of time in which something was bad. Lists are ordered and do not overlap. */

/** `to` null: still. */
export interface Bad {
  readonly from: number;
  readonly to: number | null;
}

/** Turning bad or good at a moment. `order` decides between marks of one moment. */
export interface Mark {
  readonly at: number;
  readonly order: number;
  readonly bad: boolean;
}

export const byTime = (a: Mark, b: Mark): number => a.at - b.at || a.order - b.order;

/** What marks in order say. A good mark without a bad one before says nothing. */
export function badsOf(marks: readonly Mark[]): Bad[] {
  const bads: Bad[] = [];
  let from: number | null = null;
  for (const mark of marks) {
    if (mark.bad) from ??= mark.at;
    else if (from !== null) {
      bads.push({ from, to: mark.at });
      from = null;
    }
  }
  if (from !== null) bads.push({ from, to: null });
  return bads;
}

/** When at least so many of several were bad at once. What touches is one. */
export function together(lists: Iterable<readonly Bad[]>, atLeast: number): Bad[] {
  const steps: { at: number; change: number }[] = [];
  for (const bads of lists)
    for (const { from, to } of bads) {
      steps.push({ at: from, change: 1 });
      if (to !== null) steps.push({ at: to, change: -1 });
    }
  // Beginning before ending at one moment, so that what touches stays whole.
  steps.sort((a, b) => a.at - b.at || b.change - a.change);
  const bads: Bad[] = [];
  let bad = 0;
  let from: number | null = null;
  for (const { at, change } of steps) {
    bad += change;
    if (bad >= atLeast) from ??= at;
    else if (from !== null) {
      bads.push({ from, to: at });
      from = null;
    }
  }
  if (from !== null) bads.push({ from, to: null });
  return bads;
}

/** Milliseconds of it within a window; what still lasts counts up to the window's end. */
export function badMsWithin(bads: readonly Bad[], window: { readonly from: number; readonly to: number }): number {
  let ms = 0;
  for (const { from, to } of bads) ms += Math.max(0, Math.min(to ?? window.to, window.to) - Math.max(from, window.from));
  return ms;
}
