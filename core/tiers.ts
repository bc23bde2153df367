/**
 * The tiers of history: samples as they came, and buckets of a minute and an hour made of them. Pure.
 *
 * An hour of an instance is the unit that is rolled up, as a whole and at once into both tiers above. A span is what one page of a tier
 * covers: long enough that a chart reads few pages, short enough that an hour more does not write much anew.
 */
import { GAP_MS } from "./series.ts";

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export type TierName = "1s" | "1m" | "1h";
export type RollupTierMs = typeof MINUTE_MS | typeof HOUR_MS;

export interface Tier {
  readonly name: TierName;
  readonly stepMs: number;
  /** What one page covers. */
  readonly spanMs: number;
  /** How long it is kept unless it is said otherwise. */
  readonly keepMs: number;
}

export const TIERS = [
  { name: "1s", stepMs: SECOND_MS, spanMs: MINUTE_MS, keepMs: 48 * HOUR_MS },
  { name: "1m", stepMs: MINUTE_MS, spanMs: 4 * HOUR_MS, keepMs: 30 * DAY_MS },
  { name: "1h", stepMs: HOUR_MS, spanMs: 4 * DAY_MS, keepMs: 400 * DAY_MS },
] as const satisfies readonly Tier[];

/** How long each tier is kept, ms. */
export type Retention = Readonly<Record<TierName, number>>;

export const DEFAULT_RETENTION: Retention = { "1s": TIERS[0].keepMs, "1m": TIERS[1].keepMs, "1h": TIERS[2].keepMs };

export const floorTo = (at: number, unit: number): number => Math.floor(at / unit) * unit;

export const spanOf = (tierMs: RollupTierMs): number => (tierMs === MINUTE_MS ? TIERS[1].spanMs : TIERS[2].spanMs);

/**
 * The hours whose rollups a page of samples has a part in: those it lies in, and the neighbour when it is so near that an increase or a
 * run reaches over the border.
 */
export function hoursTouched(from: number, to: number): number[] {
  const hours: number[] = [];
  for (let hour = floorTo(Math.max(0, from - GAP_MS), HOUR_MS); hour <= to + GAP_MS; hour += HOUR_MS) hours.push(hour);
  return hours;
}

/** What is older than this is no longer kept. A whole hour, because an hour is rolled up as a whole. */
export const cutoffOf = (now: number, keepMs: number): number => Math.max(0, floorTo(now - keepMs, HOUR_MS));

export interface Ask {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

export interface TierChoice extends Ask {
  readonly tier: TierName;
}

/**
 * The tier that a chart is read from: the coarsest whose buckets are no longer than a step, or a coarser one where the finer is no longer
 * kept. Window and step are then made whole in its buckets.
 *
 * @param keptFrom since when each tier is kept; pinned samples count as kept
 */
export function chooseTier(ask: Ask, keptFrom: Readonly<Record<TierName, number>>): TierChoice {
  const fits = TIERS.filter(({ stepMs }) => stepMs <= ask.stepMs);
  const first = Math.max(0, fits.length - 1);
  const kept = TIERS.findIndex(({ name }, i) => i >= first && keptFrom[name] <= ask.from);
  const { name, stepMs } = TIERS[kept === -1 ? TIERS.length - 1 : kept] as Tier;
  if (name === "1s") return { ...ask, tier: name };
  return {
    tier: name,
    from: floorTo(ask.from, stepMs),
    to: Math.ceil(ask.to / stepMs) * stepMs,
    stepMs: Math.max(1, Math.round(ask.stepMs / stepMs)) * stepMs,
  };
}

export interface TierUse {
  readonly bytes: number;
  /** Time of the oldest and newest of it; null when there is none. */
  readonly oldest: number | null;
  readonly newest: number | null;
}

/** Bytes the tier will take when it holds all it may, at the pace of what it holds now; null while that is too little to tell. */
export function projectedBytes({ bytes, oldest, newest }: TierUse, keepMs: number): number | null {
  if (oldest === null || newest === null || newest - oldest < HOUR_MS / 6) return null;
  return Math.round((bytes / (newest - oldest)) * keepMs);
}
