/** Series from stored pages and the minutes still in memory, as one. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodePage, PageError, type DecodedPage, type WantedColumn } from "../../core/page.ts";
import { SeriesFold, stepsOf, type SeriesNumbers } from "../../core/series.ts";
import { columnsOf, type Kind } from "../../protocol/kinds.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { SamplePage, Store } from "../store/store.ts";
import type { PageReader, PageSelection, ReadablePage } from "./page-cache.ts";
import { inOrder } from "./sample-order.ts";
import type { SampleSource } from "./sink.ts";

export interface SeriesQuery {
  readonly environment: string;
  readonly service?: string;
  /** `service/instance` */
  readonly instance?: string;
  readonly resource?: string;
  readonly kind?: Kind;
  readonly columns: readonly string[];
  /** Included. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
  readonly stepMs: number;
}

/** Pages one answer may read, and points it may carry; beyond them it says `truncated`. */
export const SERIES_PAGES_MOST = 5_000;
export const SERIES_POINTS_MOST = 200_000;
/** How long one answer may take; it ends with what it has by then. */
export const QUERY_MOST_MS = 5_000;

/** So that the first step of a counter has a sample before it. */
const LEAD_MS = 10_000;
/** Pages decoded before the event loop gets its turn: a few milliseconds. */
const PAGES_PER_TURN = 64;

/** Samples in memory: a minute still open, or a page that is not written yet. */
export interface HeldSamples {
  readonly source: SampleSource;
  /** Start of the minute, or time of the first sample. */
  readonly from: number;
  readonly page?: SamplePage;
  readonly read?: (wanted: WantedColumn) => DecodedPage;
}

interface Parts {
  readonly store: Pick<Store, "listInstances">;
  readonly pages: PageReader;
  readonly held: () => readonly HeldSamples[];
  readonly clock: Clock;
  readonly log: Log;
  /** Pages that could not be read. */
  readonly damaged?: (pages: number) => void;
}

interface Entry {
  readonly instance: string;
  readonly resource: string;
  readonly kind: Kind;
  readonly column: string;
  readonly fold: SeriesFold;
}

interface BootChunks {
  readonly instance: string;
  readonly chunks: DecodedPage[];
}

/** A damaged page is reported and left out; the rest of the answer stands. */
export async function readSeries(parts: Parts, query: SeriesQuery): Promise<SeriesNumbers> {
  const deadline = parts.clock.monotonic() + QUERY_MOST_MS;
  // Memory first, before the wait: a minute written meanwhile is read twice and counted once, never missed.
  const boots = new Map<string, BootChunks>();
  const selection = selectionOf(query);
  const { wanted } = selection;
  for (const held of parts.held()) {
    if (!matches(held.source, query) || held.from >= query.to) continue;
    const chunk = held.read ? held.read(wanted) : heldPage(parts, held, wanted);
    if (chunk) chunksOf(boots, held.source).push(chunk);
  }
  const { pages, truncated } = await storedPages(parts, query, selection);
  let late = false;
  for (let i = 0; i < pages.length && !late; i++) {
    if (i % PAGES_PER_TURN === PAGES_PER_TURN - 1) {
      await nextTurn();
      late = parts.clock.monotonic() > deadline;
    }
    const page = pages[i] as ReadablePage;
    const chunk = tryDecode(parts, page, () => page.decode());
    if (chunk) chunksOf(boots, page).push(chunk);
  }
  const folded = foldAll([...boots.values()], query);
  return {
    from: query.from,
    to: query.to,
    stepMs: query.stepMs,
    truncated: truncated || late || folded.cut,
    cut: late ? "time" : truncated ? "pages" : folded.cut ? "points" : null,
    series: folded.entries.map(({ fold, ...rest }) => ({ ...rest, ...fold.lists() })),
  };
}

function foldAll(boots: BootChunks[], query: SeriesQuery): { entries: Entry[]; cut: boolean } {
  const entries = new Map<string, Entry>();
  const most = SERIES_POINTS_MOST / stepsOf(query);
  let cut = false;
  const start = ({ chunks }: BootChunks): number => chunks.reduce((least, { times }) => Math.min(least, times[0] as number), Infinity);
  for (const { instance, chunks } of boots
    .map((boot) => ({ boot, at: start(boot) }))
    .sort((a, b) => a.at - b.at)
    .map(({ boot }) => boot)) {
    const restarted = new Set<Entry>();
    for (const { chunk, samples } of inOrder(chunks)) {
      for (const { resource, column, values } of chunk.columns) {
        const key = `${instance}\n${resource.kind}\n${resource.name}\n${column}`;
        let entry = entries.get(key);
        if (!entry) {
          if (entries.size + 1 > most) {
            cut = true;
            continue;
          }
          const type = columnsOf(resource.kind).find(({ name }) => name === column)?.type ?? "gauge";
          entry = { instance, resource: resource.name, kind: resource.kind, column, fold: new SeriesFold(type, query) };
          entries.set(key, entry);
        }
        if (!restarted.has(entry)) {
          restarted.add(entry);
          entry.fold.restart();
        }
        for (const i of samples) entry.fold.add(chunk.times[i] as number, values[i] as number);
      }
    }
  }
  return { entries: [...entries.values()], cut };
}

function chunksOf(boots: Map<string, BootChunks>, source: Pick<SampleSource, "service" | "instance" | "boot">): DecodedPage[] {
  const instance = `${source.service}/${source.instance}`;
  const key = `${instance}\n${source.boot}`;
  let boot = boots.get(key);
  if (!boot) boots.set(key, (boot = { instance, chunks: [] }));
  return boot.chunks;
}

function matches(source: SampleSource, query: SeriesQuery): boolean {
  return (
    source.environment === query.environment &&
    (query.service === undefined || source.service === query.service) &&
    (query.instance === undefined || `${source.service}/${source.instance}` === query.instance)
  );
}

/** The same columns of the same resources have the same key, wherever else the queries differ. */
function selectionOf({ columns, resource, kind }: SeriesQuery): PageSelection {
  return {
    key: JSON.stringify(["series", resource, kind, columns]),
    wanted: (candidate, column) =>
      columns.includes(column) &&
      (resource === undefined || candidate.name === resource) &&
      (kind === undefined || candidate.kind === kind),
  };
}

async function storedPages(
  { store, pages: read }: Parts,
  query: SeriesQuery,
  selection: PageSelection,
): Promise<{ pages: ReadablePage[]; truncated: boolean }> {
  const slash = query.instance?.indexOf("/") ?? -1;
  const owner = query.service ?? (slash > 0 ? query.instance?.slice(0, slash) : undefined);
  const services =
    owner === undefined ? [...new Set((await store.listInstances(query.environment)).map((known) => known.service))] : [owner];
  const pages: ReadablePage[] = [];
  for (const service of services) {
    const window = {
      environment: query.environment,
      service,
      from: query.from - LEAD_MS,
      to: query.to,
      // One more than may be used: it tells that there are more.
      limit: SERIES_PAGES_MOST + 1 - pages.length,
      ...(slash > 0 && query.instance !== undefined ? { instance: query.instance.slice(slash + 1) } : {}),
    };
    pages.push(...(await read(window, selection)));
    if (pages.length > SERIES_PAGES_MOST) return { pages: pages.slice(0, SERIES_PAGES_MOST), truncated: true };
  }
  return { pages, truncated: false };
}

function heldPage(parts: Parts, { page }: HeldSamples, wanted: WantedColumn): DecodedPage | null {
  return page ? tryDecode(parts, page, () => decodePage(page.bytes, wanted)) : null;
}

type PageName = Pick<SamplePage, "service" | "instance" | "from">;

function tryDecode({ log, damaged }: Parts, page: PageName, decode: () => DecodedPage): DecodedPage | null {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    log.error(
      { err: error, service: page.service, instance: page.instance, from: page.from },
      "a page of samples is damaged and was left out",
    );
    damaged?.(1);
    return null;
  }
}
