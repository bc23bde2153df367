/**
 * Rollups of a window, whatever they are made of: stored ones, and for hours of which samples are not in them yet (the hour that runs, a
 * back-fill, what is still in memory) ones made of the samples on the spot. An answer is never older than what was acknowledged.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodePage, PageError, type DecodedPage, type WantedColumn } from "../../core/page.ts";
import { callsColumn, isLatency, type BucketGrid, type ResourceRollup } from "../../core/rollup.ts";
import { GAP_MS } from "../../core/series.ts";
import { floorTo, HOUR_MS, hoursTouched, MINUTE_MS, spanOf, type RollupTierMs } from "../../core/tiers.ts";
import { columnsOf, KIND_NAMES, type Kind } from "../../protocol/kinds.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { SamplePage, Store } from "../store/store.ts";
import type { RollupQuery, Rollups } from "../store/tier-store.ts";
import type { HourRoller } from "./hour-roller.ts";
import type { PageReader, PageSelection } from "./page-cache.ts";
import type { ReadableRollup, RollupReader } from "./rollup-cache.ts";
import { inOrder, type OrderedSamples } from "./sample-order.ts";
import { QUERY_MOST_MS, type HeldSamples } from "./series-reader.ts";

/** What one answer may read, and how long it may take. */
export const ROLLUPS_MOST = 20_000;
const RAW_PAGES_MOST = 5_000;
/** From so many instances on, an hour is read for the whole service at once. */
const TOGETHER = 3;
const PAGES_PER_TURN = 64;

export type Cut = "pages" | "points" | "time";

export interface RollupQueryParts {
  readonly store: Pick<Store, "listInstances">;
  readonly pages: PageReader;
  readonly rollups: RollupReader;
  readonly roller: HourRoller;
  readonly held: () => readonly HeldSamples[];
  readonly clock: Clock;
  readonly log: Log;
  readonly damaged?: (pages: number) => void;
}

export interface RollupSelection {
  readonly environment: string;
  readonly service?: string;
  /** `service/instance` */
  readonly instance?: string;
  readonly resource?: string;
  readonly kind?: Kind;
  readonly columns: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly tierMs: RollupTierMs;
}

export interface FoundRollup {
  /** `service/instance` */
  readonly instance: string;
  readonly grid: BucketGrid;
  readonly rollup: ResourceRollup;
  /** Hours of the grid that are not to be taken from here. */
  readonly without: ReadonlySet<number>;
}

type PageName = Pick<SamplePage, "service" | "instance" | "from">;
type Visit = (found: FoundRollup) => void;
const NONE: ReadonlySet<number> = new Set();

/** Visits all there is, in no promised order; answers what made it stop early. A damaged page is reported and left out. */
export async function visitRollups(parts: RollupQueryParts, query: RollupSelection, visit: Visit): Promise<Cut | null> {
  const deadline = parts.clock.monotonic() + QUERY_MOST_MS;
  const reading = new Reading(parts, query, { visit, deadline });
  // Memory first, before the wait: what is written meanwhile is read twice and counted once, never missed.
  reading.takeHeld();
  for (const service of await servicesOf(parts, query)) {
    const cut = await reading.readService(service);
    if (cut) return cut;
  }
  return null;
}

async function servicesOf({ store }: RollupQueryParts, { environment, service, instance }: RollupSelection): Promise<readonly string[]> {
  const owner = service ?? instance?.split("/")[0];
  if (owner !== undefined) return [owner];
  return [...new Set((await store.listInstances(environment)).map((known) => known.service))];
}

interface Boot {
  readonly service: string;
  readonly instance: string;
  readonly chunks: DecodedPage[];
}

class Reading {
  readonly #parts: RollupQueryParts;
  readonly #query: RollupSelection;
  readonly #visit: Visit;
  readonly #deadline: number;
  readonly #instance: string | undefined;
  readonly #kinds: readonly Kind[];
  /** With the calls that latencies are weighed by. */
  readonly #raw: PageSelection;
  readonly #held: { readonly service: string; readonly instance: string; readonly boot: string; readonly chunk: DecodedPage }[] = [];
  #rollupsLeft = ROLLUPS_MOST;
  #pagesLeft = RAW_PAGES_MOST;

  constructor(parts: RollupQueryParts, query: RollupSelection, { visit, deadline }: { readonly visit: Visit; readonly deadline: number }) {
    this.#parts = parts;
    this.#query = query;
    this.#visit = visit;
    this.#deadline = deadline;
    const slash = query.instance?.indexOf("/") ?? -1;
    this.#instance = slash > 0 ? query.instance?.slice(slash + 1) : undefined;
    this.#kinds = KIND_NAMES.filter(
      (kind) => (query.kind === undefined || query.kind === kind) && columnsOf(kind).some(({ name }) => query.columns.includes(name)),
    );
    const columns = new Set(query.columns);
    const weighed = query.columns.some(isLatency);
    const wanted: WantedColumn = (resource, column) =>
      this.#kinds.includes(resource.kind) &&
      (query.resource === undefined || resource.name === query.resource) &&
      (columns.has(column) || (weighed && column === callsColumn(resource.kind)));
    this.#raw = { key: JSON.stringify(["rolled", query.resource, query.kind, query.columns]), wanted };
  }

  takeHeld(): void {
    const { environment, service, instance, to } = this.#query;
    for (const held of this.#parts.held()) {
      const { source } = held;
      if (source.environment !== environment || held.from >= to + GAP_MS) continue;
      if (service !== undefined && source.service !== service) continue;
      if (instance !== undefined && `${source.service}/${source.instance}` !== instance) continue;
      const chunk = this.#heldChunk(held);
      if (chunk) this.#held.push({ service: source.service, instance: source.instance, boot: source.boot, chunk });
    }
  }

  async readService(service: string): Promise<Cut | null> {
    const { environment, from, to, tierMs, resource, columns } = this.#query;
    const wanted: RollupQuery = {
      tierMs,
      environment,
      service,
      // In whole spans: the same rows as for the window itself, and the same question while it moves within them.
      from: floorTo(from, spanOf(tierMs)),
      to: Math.ceil(to / spanOf(tierMs)) * spanOf(tierMs),
      limit: this.#rollupsLeft + 1,
      kinds: this.#kinds,
      ...(this.#instance === undefined ? {} : { instance: this.#instance }),
      ...(resource === undefined ? {} : { resource }),
    };
    const { rows, due } = await this.#parts.rollups(wanted, columns);
    const raw = this.#rawHours(service, due);
    for (const [i, row] of rows.entries()) {
      if (this.#rollupsLeft-- <= 0) return "pages";
      if (i % PAGES_PER_TURN === PAGES_PER_TURN - 1 && (await this.#late())) return "time";
      this.#stored(row, raw.get(row.instance) ?? NONE);
    }
    return this.#readRaw(service, raw);
  }

  /** The hours of each instance that are to be made of samples. */
  #rawHours(service: string, due: Rollups["due"]): Map<string, Set<number>> {
    const { to } = this.#query;
    const from = floorTo(this.#query.from, HOUR_MS);
    const hours = new Map<string, Set<number>>();
    const add = (instance: string, hour: number): void => {
      if (hour < from || hour >= to || (this.#instance !== undefined && instance !== this.#instance)) return;
      const known = hours.get(instance);
      if (known) known.add(hour);
      else hours.set(instance, new Set([hour]));
    };
    for (const hour of due) add(hour.instance, hour.from);
    for (const held of this.#held) {
      if (held.service !== service) continue;
      const { times } = held.chunk;
      for (const hour of hoursTouched(times[0] as number, times[times.length - 1] as number)) add(held.instance, hour);
    }
    return hours;
  }

  #stored(row: ReadableRollup, without: ReadonlySet<number>): void {
    const grid = { from: row.from, tierMs: row.tierMs, size: spanOf(row.tierMs) / row.tierMs };
    try {
      this.#visit({ instance: `${row.service}/${row.instance}`, grid, rollup: row.decode(), without });
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      this.#report(error, row);
    }
  }

  /** Hour by hour: all of a service at once where many need it, else one instance at a time. */
  async #readRaw(service: string, raw: ReadonlyMap<string, ReadonlySet<number>>): Promise<Cut | null> {
    const byHour = new Map<number, string[]>();
    for (const [instance, hours] of raw) for (const hour of hours) byHour.set(hour, [...(byHour.get(hour) ?? []), instance]);
    for (const [hour, instances] of [...byHour].sort(([a], [b]) => a - b)) {
      for (const instance of instances.length >= TOGETHER ? [undefined] : instances) {
        const boots = new Map<string, Boot>();
        const window = {
          environment: this.#query.environment,
          service,
          from: hour - GAP_MS,
          to: Math.min(hour + HOUR_MS, this.#query.to) + GAP_MS,
          limit: this.#pagesLeft + 1,
          ...(instance === undefined ? {} : { instance }),
        };
        const pages = await this.#parts.pages(window, this.#raw);
        for (const [i, page] of pages.entries()) {
          if (this.#pagesLeft-- <= 0) return "pages";
          if (i % PAGES_PER_TURN === PAGES_PER_TURN - 1 && (await this.#late())) return "time";
          const chunk = instances.includes(page.instance) ? this.#decode(page, () => page.decode()) : null;
          if (chunk) addChunk(boots, page, chunk);
        }
        for (const held of this.#held)
          if (held.service === service && (instance === undefined ? instances.includes(held.instance) : held.instance === instance))
            addChunk(boots, held, held.chunk);
        this.#make(hour, [...boots.values()]);
      }
    }
    return null;
  }

  #make(hour: number, boots: readonly Boot[]): void {
    const { tierMs, columns } = this.#query;
    const byInstance = new Map<string, OrderedSamples[][]>();
    const start = ({ chunks }: Boot): number => chunks.reduce((least, { times }) => Math.min(least, times[0] as number), Infinity);
    for (const boot of [...boots].sort((a, b) => start(a) - start(b))) {
      const key = `${boot.service}/${boot.instance}`;
      byInstance.set(key, [...(byInstance.get(key) ?? []), inOrder(boot.chunks)]);
    }
    const grid = { from: hour, tierMs: Math.min(tierMs, HOUR_MS), size: tierMs === MINUTE_MS ? 60 : 1 };
    const inMemory = new Set(this.#held.map(({ chunk }) => chunk));
    const stored = (chunk: DecodedPage): boolean => !inMemory.has(chunk);
    for (const [instance, ordered] of byInstance) {
      for (const rollup of this.#parts.roller.roll(ordered, grid, stored).values()) {
        for (const name of [...rollup.columns.keys()]) if (!columns.includes(name)) rollup.columns.delete(name);
        this.#visit({ instance, grid, rollup, without: NONE });
      }
    }
  }

  async #late(): Promise<boolean> {
    await nextTurn();
    return this.#parts.clock.monotonic() > this.#deadline;
  }

  #heldChunk({ read, page }: HeldSamples): DecodedPage | null {
    if (read) return read(this.#raw.wanted);
    return page ? this.#decode(page, () => decodePage(page.bytes, this.#raw.wanted)) : null;
  }

  #decode(page: PageName, decode: () => DecodedPage): DecodedPage | null {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      this.#report(error, page);
      return null;
    }
  }

  #report(error: PageError, { service, instance, from }: PageName): void {
    this.#parts.log.error({ err: error, service, instance, from }, "a page of history is damaged and was left out");
    this.#parts.damaged?.(1);
  }
}

function addChunk(
  boots: Map<string, Boot>,
  { service, instance, boot }: { readonly service: string; readonly instance: string; readonly boot: string },
  chunk: DecodedPage,
): void {
  const key = `${instance}\n${boot}`;
  const known = boots.get(key);
  if (known) known.chunks.push(chunk);
  else boots.set(key, { service, instance, chunks: [chunk] });
}
