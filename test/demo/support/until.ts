import { setTimeout as delay } from "node:timers/promises";

/** Waits until `probe` gives something other than undefined, null or false; fails with a sentence when the deadline passes. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  withinMs = 40_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await delay(50);
  }
}
