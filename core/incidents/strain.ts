/** How much was bad at once over the time of an incident. */
import type { Symptom } from "../../protocol/incident-api.ts";

/** Symptoms that were bad at some moment of each step of the window, first step first. What is still bad is so to the window's end. */
export function strainOf(
  symptoms: readonly Pick<Symptom, "spans">[],
  { from, to }: { readonly from: number; readonly to: number },
  steps: number,
): number[] {
  const step = Math.max(1, to - from) / steps;
  const strain = new Array<number>(steps).fill(0);
  for (const { spans } of symptoms) {
    const bad = new Set<number>();
    for (const span of spans) {
      if (span.from >= to || (span.to ?? to) < from) continue;
      const first = Math.max(0, Math.floor((span.from - from) / step));
      const last = Math.min(steps - 1, Math.floor(((span.to ?? to) - from) / step));
      for (let cell = first; cell <= last; cell++) bad.add(cell);
    }
    for (const cell of bad) strain[cell] = (strain[cell] ?? 0) + 1;
  }
  return strain;
}
