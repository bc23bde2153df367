/** Answers about the past: charts, time in states, latencies; each from the tier that fits. */
import { mergeCells, quantileOf, weightOf, type Cells } from "../../core/latency-histogram.ts";
import { isLatency } from "../../core/rollup.ts";
import { GAP_MS, SeriesFold, stepsOf, withPoints, type SeriesNumbers } from "../../core/series.ts";
import { cutRuns, joinRuns, stateTimes, type StateRun } from "../../core/state-runs.ts";
import { chooseTier, cutoffOf, DAY_MS, HOUR_MS, MINUTE_MS, type Retention, type RollupTierMs, type TierName } from "../../core/tiers.ts";
import type { SeriesAnswer } from "../../protocol/api.ts";
import type { LatencyAnswer, StatesAnswer } from "../../protocol/history-api.ts";
import { BREAKER_STATES, columnsOf, type Kind } from "../../protocol/kinds.ts";
import type { Store } from "../store/store.ts";
import { HourRoller } from "./hour-roller.ts";
import { cachedPages } from "./page-cache.ts";
import { cachedRollups } from "./rollup-cache.ts";
import { visitRollups, type Cut, type FoundRollup, type RollupQueryParts, type RollupSelection } from "./rollup-reader.ts";
import { readSeries, SERIES_POINTS_MOST, type SeriesQuery } from "./series-reader.ts";

/** Longer than this, runs are read from the pages that cover more. They are the same in both. */
const MINUTES_UP_TO_MS = 7 * DAY_MS;
/** Series and runs one answer may carry. */
const ENTRIES_MOST = 2_000;
const RUNS_MOST = 1_000;

export interface HistoryReaderOptions extends Omit<RollupQueryParts, "pages" | "rollups" | "roller"> {
  readonly store: RollupQueryParts["store"] & Pick<Store, "listPins" | "readPagesExcept" | "readRollupsSince">;
  readonly retention: Retention;
}

export type WindowQuery = Omit<RollupSelection, "tierMs">;

export interface HistoryReader {
  /** Says in `tier` where it was read and in `cut` what ended it early. Window and step may be rounded to buckets; the answer has them. */
  columns(query: SeriesQuery): Promise<SeriesNumbers>;
  /** `columns` as points. */
  series(query: SeriesQuery): Promise<SeriesAnswer>;
  /** Time in each state and number of changes, exact to the sample. Only state columns. */
  states(query: WindowQuery): Promise<StatesAnswer>;
  /** Latencies of all instances together, or of each, by merging histograms. Only latency columns. */
  latencies(query: WindowQuery & { readonly each?: boolean }): Promise<LatencyAnswer>;
}

export function createHistoryReader(options: HistoryReaderOptions): HistoryReader {
  const { store, clock, retention } = options;
  const parts: RollupQueryParts = { ...options, pages: cachedPages(store), rollups: cachedRollups(store), roller: new HourRoller() };

  async function keptFrom({ environment, instance, from, to }: WindowQuery): Promise<Record<TierName, number>> {
    const now = clock.now();
    const kept = { "1s": cutoffOf(now, retention["1s"]), "1m": cutoffOf(now, retention["1m"]), "1h": cutoffOf(now, retention["1h"]) };
    if (from >= kept["1s"]) return kept;
    const covers = (pin: { readonly from: number; readonly to: number; readonly instances: readonly string[] }): boolean =>
      pin.from <= from && to <= pin.to && (pin.instances.length === 0 || (instance !== undefined && pin.instances.includes(instance)));
    return (await store.listPins(environment)).some(covers) ? { ...kept, "1s": 0 } : kept;
  }

  async function columns(query: SeriesQuery): Promise<SeriesNumbers> {
    const choice = chooseTier(query, await keptFrom(query));
    const asked: SeriesQuery = { ...query, from: choice.from, to: choice.to, stepMs: choice.stepMs };
    if (choice.tier === "1s") return { ...(await readSeries(parts, asked)), tier: "1s" };
    return rolledSeries(parts, asked, choice.tier === "1m" ? MINUTE_MS : HOUR_MS);
  }

  /** Both tiers have the same runs and histograms: the coarser one takes fewer pages. */
  async function selection(query: WindowQuery, wanted: (column: string) => boolean): Promise<RollupSelection> {
    const kept = await keptFrom(query);
    const fine = query.to - query.from <= MINUTES_UP_TO_MS && kept["1m"] <= query.from;
    return { ...query, columns: query.columns.filter(wanted), tierMs: fine ? MINUTE_MS : HOUR_MS };
  }

  return {
    columns,
    series: async (query) => withPoints(await columns(query)),
    async states(query) {
      const found = new Entries<StateRun[]>(() => []);
      const isState = (column: string): boolean => column === "state";
      const chosen = await selection(query, isState);
      const cut = await visitRollups(parts, { ...chosen, from: query.from - GAP_MS }, (one) => {
        for (const { column, runs } of one.rollup.columns.values()) found.of(one, column.name)?.push(...withoutHours(runs, one.without));
      });
      return {
        ...answerOf(query, chosen.tierMs, cut ?? found.cut),
        states: found.list.map(({ value, ...entry }) => {
          const runs = joinRuns(value);
          const { inStateMs, knownMs, transitions } = stateTimes(runs, query.from, query.to);
          const within = cutRuns(runs, query.from, query.to);
          const named = (state: number): string => (entry.kind === "breaker" ? (BREAKER_STATES[state] ?? String(state)) : String(state));
          return {
            ...entry,
            inStateMs: Object.fromEntries([...inStateMs].map(([state, ms]) => [named(state), ms])),
            knownMs,
            transitions,
            runs: within.slice(0, RUNS_MOST).map((run) => ({ from: run.from, to: run.to, state: named(run.state) })),
            runsCut: within.length > RUNS_MOST,
          };
        }),
      };
    },
    async latencies({ each = false, ...query }) {
      const found = new Entries<LatencySum>(() => ({ cells: new Map(), samples: 0, low: Infinity, high: 0, instances: new Set() }));
      const chosen = await selection(query, isLatency);
      const cut = await visitRollups(parts, chosen, (one) => {
        for (const { column, count, low, high, cells } of one.rollup.columns.values()) {
          const sum = found.of({ ...one, instance: each ? one.instance : serviceOf(one.instance) }, column.name);
          if (!sum) continue;
          eachStretch(one, query, (first, end) => {
            for (let i = first; i < end; i++) {
              if (count[i] === 0) continue;
              sum.instances.add(one.instance);
              sum.samples += count[i] as number;
              sum.low = Math.min(sum.low, low[i] as number);
              sum.high = Math.max(sum.high, high[i] as number);
              const here = cells[i];
              if (here) mergeCells(sum.cells, here);
            }
          });
        }
      });
      return {
        ...answerOf(query, chosen.tierMs, cut ?? found.cut),
        meaning: "Each second's own percentile, weighed by the calls of that second and merged over time and instances. Known to 3.2 %.",
        latencies: found.list
          .filter(({ value }) => value.samples > 0)
          .map(({ value, instance, ...entry }) => ({
            ...entry,
            service: serviceOf(instance),
            instance: each ? instance : null,
            instances: value.instances.size,
            samples: value.samples,
            weight: weightOf(value.cells),
            low: value.low,
            high: value.high,
            p50: quantileOf(value.cells, 0.5),
            p90: quantileOf(value.cells, 0.9),
            p99: quantileOf(value.cells, 0.99),
          })),
      };
    },
  };
}

const serviceOf = (instance: string): string => instance.split("/")[0] ?? "";

interface LatencySum {
  readonly cells: Cells;
  readonly instances: Set<string>;
  samples: number;
  low: number;
  high: number;
}

async function rolledSeries(parts: RollupQueryParts, query: SeriesQuery, tierMs: RollupTierMs): Promise<SeriesNumbers> {
  const { from, to, stepMs } = query;
  const most = Math.floor(SERIES_POINTS_MOST / stepsOf(query));
  const found = new Entries<SeriesFold>((kind, column) => {
    const type = columnsOf(kind).find(({ name }) => name === column)?.type ?? "gauge";
    return new SeriesFold(type, query);
  }, most);
  const cut = await visitRollups(parts, { ...query, tierMs }, (one) => {
    const { from: start } = one.grid;
    for (const rolled of one.rollup.columns.values()) {
      const fold = found.of(one, rolled.column.name);
      if (!fold) continue;
      for (const run of withoutHours(rolled.runs, one.without)) fold.addRun(run);
      if (rolled.column.type !== "state")
        eachStretch(one, query, (first, end) => fold.addBuckets(rolled, { from: start, tierMs, first, end }));
    }
  });
  const ended = cut ?? found.cut;
  return {
    from,
    to,
    stepMs,
    tier: tierMs === MINUTE_MS ? "1m" : "1h",
    truncated: ended !== null,
    cut: ended,
    series: found.list.map(({ value, ...entry }) => ({ ...entry, ...value.lists() })),
  };
}

/** Stretches of buckets that lie in the window, whole or in part, and are to be taken from here. */
function eachStretch(
  { grid, without }: FoundRollup,
  { from, to }: { readonly from: number; readonly to: number },
  take: (first: number, end: number) => void,
): void {
  const { tierMs, size } = grid;
  let first = Math.max(0, Math.floor((from - grid.from) / tierMs));
  const end = Math.min(size, Math.ceil((to - grid.from) / tierMs));
  if (without.size === 0) {
    if (first < end) take(first, end);
    return;
  }
  const perHour = HOUR_MS / tierMs;
  for (const hour of [...without].sort((a, b) => a - b)) {
    const place = (hour - grid.from) / tierMs;
    if (place + perHour <= first || place >= end) continue;
    if (place > first) take(first, place);
    first = place + perHour;
  }
  if (first < end) take(first, end);
}

function withoutHours(runs: readonly StateRun[], hours: ReadonlySet<number>): readonly StateRun[] {
  if (runs.length === 0) return runs;
  let left = runs;
  for (const hour of hours) left = [...cutRuns(left, -Infinity, hour), ...cutRuns(left, hour + HOUR_MS, Infinity)];
  return left;
}

function answerOf({ from, to }: WindowQuery, tierMs: RollupTierMs, cut: Cut | null) {
  return { from, to, tier: tierMs === MINUTE_MS ? ("1m" as const) : ("1h" as const), truncated: cut !== null, cut };
}

interface Entry<T> {
  readonly instance: string;
  readonly resource: string;
  readonly kind: Kind;
  readonly column: string;
  readonly value: T;
}

/** One entry for each instance, resource and column, up to a number. */
class Entries<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #make: (kind: Kind, column: string) => T;
  readonly #most: number;
  cut: Cut | null = null;

  constructor(make: (kind: Kind, column: string) => T, most = ENTRIES_MOST) {
    this.#make = make;
    this.#most = most;
  }

  get list(): readonly Entry<T>[] {
    return [...this.#entries.values()];
  }

  of(
    { instance, rollup }: { readonly instance: string; readonly rollup: { readonly kind: Kind; readonly name: string } },
    column: string,
  ): T | null {
    const key = `${instance}\n${rollup.kind}\n${rollup.name}\n${column}`;
    let entry = this.#entries.get(key);
    if (!entry) {
      if (this.#entries.size >= this.#most) {
        this.cut = "points";
        return null;
      }
      const { kind, name } = rollup;
      this.#entries.set(key, (entry = { instance, resource: name, kind, column, value: this.#make(kind, column) }));
    }
    return entry.value;
  }
}
