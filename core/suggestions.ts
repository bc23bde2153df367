/**
 * Settings that follow from what was measured, with the arithmetic in words. Pure; nothing is measured here. Percentiles of instances
 * are never averaged: the worst instance speaks. Slots follow from Little's law: as many are held at once as calls begin a second times
 * the seconds that each is held.
 */

/** A timeout leaves this many times the slowest usual call. */
const TIMEOUT_FACTOR = 2;
/** Room above what the peak needed. */
const HEADROOM = 1.25;

export interface Suggestion {
  readonly value: number;
  /** How it came about, as one sentence without a full stop. */
  readonly text: string;
}

/** What may be set, both included. */
export type Range = readonly [low: number, high: number];

/** Agents tell a p99 each second, not the calls. These are percentiles of what they told, each weighted by the calls of its second; microseconds. */
export interface Latency {
  readonly instance: string;
  /** The p99 of them: a few slow seconds raise it above the p99 of all calls. */
  readonly p99Us: number;
  /** Their median; null when not known. */
  readonly usualUs: number | null;
}

export interface TimeoutMeasures {
  /** What was measured: "the breaker payments". */
  readonly of: string;
  /** "last hour" */
  readonly when: string;
  readonly instances: readonly Latency[];
  /** p99 of all instances together, by merged histograms; null when not known. */
  readonly togetherUs: number | null;
}

/** Twice the p99 of the worst instance, in milliseconds. It errs on the high side, where a timeout does no harm, and says so. Null without a measurement. */
export function suggestTimeout({ of, when, instances, togetherUs }: TimeoutMeasures, range: Range): Suggestion | null {
  const worst = highest(instances, ({ p99Us }) => p99Us);
  if (worst === null) return null;
  const ms = millis(worst.p99Us);
  const together = togetherUs === null || instances.length < 2 ? "" : `; all together ${millis(togetherUs)} ms`;
  const usual = worst.usualUs === null ? "" : `: a usual second had ${millis(worst.usualUs)} ms`;
  const bias = `; taken over the p99 of each second, so rather high${usual}`;
  return limited(ms * TIMEOUT_FACTOR, range, {
    unit: " ms",
    text: `p99 of ${of} was ${ms} ms (${whose(worst.instance, instances.length)}, ${when}${together}${bias}) × ${TIMEOUT_FACTOR}`,
  });
}

export interface Load {
  readonly instance: string;
  /** Calls a second in the busiest minute. */
  readonly perSecond: number;
  /** Milliseconds that one of them holds its slot: p99. */
  readonly heldMs: number;
}

/** Slots by Little's law, for the instance that needs the most. Null without a measurement. */
export function suggestSlots(loads: readonly Load[], when: string, range: Range): Suggestion | null {
  const worst = highest(loads, ({ perSecond, heldMs }) => perSecond * heldMs);
  if (worst === null) return null;
  const held = (worst.perSecond * worst.heldMs) / 1000;
  return limited(Math.max(1, Math.ceil(held * HEADROOM)), range, {
    unit: "",
    text: `${tenth(worst.perSecond)} calls a second in the busiest minute × ${tenth(worst.heldMs)} ms held (p99) = ${tenth(held)} at once (${whose(worst.instance, loads.length)}, ${when}), × ${HEADROOM}`,
  });
}

export interface Use {
  readonly instance: string;
  /** Highest of each, not always of the same second. */
  readonly inUse: number;
  readonly waiting: number;
}

/** Slots by what was held and wanted at the most, where nobody measured how long a slot is held. Null without a measurement. */
export function suggestFromUse(uses: readonly Use[], when: string, range: Range): Suggestion | null {
  const worst = highest(uses, ({ inUse, waiting }) => inUse + waiting);
  if (worst === null) return null;
  return limited(Math.max(1, Math.ceil((worst.inUse + worst.waiting) * HEADROOM)), range, {
    unit: "",
    text: `at the most ${worst.inUse} in use + ${worst.waiting} waiting (${whose(worst.instance, uses.length)}, ${when}) × ${HEADROOM}`,
  });
}

function limited(value: number, [low, high]: Range, { unit, text }: { readonly unit: string; readonly text: string }): Suggestion {
  const kept = Math.min(high, Math.max(low, value));
  const rest = kept === value ? "" : kept < value ? `, but ${kept}${unit} is the most` : `, but ${kept}${unit} is the least`;
  return { value: kept, text: `${text} = ${value}${unit}${rest}` };
}

/** The first of the highest by name, so that the same figures give the same words. */
function highest<T extends { readonly instance: string }>(entries: readonly T[], size: (entry: T) => number): T | null {
  let found: T | null = null;
  for (const entry of entries) {
    const more = found === null ? 1 : size(entry) - size(found);
    if (more > 0 || (more === 0 && found !== null && entry.instance < found.instance)) found = entry;
  }
  return found;
}

const millis = (us: number): number => Math.max(1, Math.round(us / 1000));
const whose = (instance: string, of: number): string => (of === 1 ? instance : `worst of ${of}: ${instance}`);
const tenth = (value: number): number => Math.round(value * 10) / 10;
