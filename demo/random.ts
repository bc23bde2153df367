/** Chance that can be repeated: the same seed gives the same day in the shop. */

/** Evenly in [0, 1). */
export type Random = () => number;

/** mulberry32: small and good enough to spread latencies and visitors. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Milliseconds around `typicalMs` with the long tail that real systems have: half below it, one in a hundred four times it or more. */
export function latency(random: Random, typicalMs: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return typicalMs * Math.exp(0.6 * normal);
}

/** One of a list, by weight. The list is not empty. */
export function pickWeighted<T extends { readonly weight: number }>(random: Random, choices: readonly [T, ...T[]]): T {
  let left = random() * choices.reduce((sum, choice) => sum + choice.weight, 0);
  for (const choice of choices) {
    left -= choice.weight;
    if (left < 0) return choice;
  }
  return choices[0];
}

/** A text to a number, always the same for the same text. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // Texts that differ in their last letters only must end far apart.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
