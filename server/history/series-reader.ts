/** Series from stored pages and the minutes still open, as one. */
import { decodePage, PageError } from "../../core/page.ts";
import { SeriesFold } from "../../core/series.ts";
import type { SeriesAnswer } from "../../protocol/api.ts";
import { columnsOf, type Kind } from "../../protocol/kinds.ts";
import type { Log } from "../log.ts";
import type { SamplePage, Store } from "../store/store.ts";

export interface SeriesQuery {
  readonly environment: string;
  readonly service?: string;
  /** `service/instance` */
  readonly instance?: string;
  readonly resource?: string;
  readonly columns: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

/** Pages one answer may read, and points it may carry; beyond them it says `truncated`. */
export const SERIES_PAGES_MOST = 5_000;
export const SERIES_POINTS_MOST = 200_000;

/** So that the first step of a counter has a sample before it. */
const LEAD_MS = 10_000;

interface Parts {
  readonly store: Pick<Store, "readPages" | "listInstances">;
  readonly openPages: (query: SeriesQuery) => readonly SamplePage[];
  readonly log: Log;
}

interface Entry {
  readonly instance: string;
  readonly resource: string;
  readonly kind: Kind;
  readonly column: string;
  readonly fold: SeriesFold;
}

/** A damaged page is reported and left out; the rest of the answer stands. */
export async function readSeries(parts: Parts, query: SeriesQuery): Promise<SeriesAnswer> {
  const { pages, truncated } = await collect(parts, query);
  const entries = new Map<string, Entry>();
  const seen = new Set<string>();
  const steps = Math.ceil((query.to - query.from) / query.stepMs);
  let cut = truncated;
  for (const page of pages) {
    const decoded = tryDecode(parts.log, page, query);
    if (!decoded) continue;
    const instance = `${page.service}/${page.instance}`;
    const fresh: number[] = [];
    decoded.seqs.forEach((seq, i) => {
      const key = `${instance} ${page.boot} ${seq}`;
      if (seen.has(key)) return;
      seen.add(key);
      fresh.push(i);
    });
    for (const { resource, column, values } of decoded.columns) {
      const key = `${instance} ${resource.kind} ${resource.name} ${column}`;
      let entry = entries.get(key);
      if (!entry) {
        if ((entries.size + 1) * steps > SERIES_POINTS_MOST) {
          cut = true;
          continue;
        }
        const type = columnsOf(resource.kind).find((candidate) => candidate.name === column)?.type ?? "gauge";
        entry = { instance, resource: resource.name, kind: resource.kind, column, fold: new SeriesFold(type, query) };
        entries.set(key, entry);
      }
      for (const i of fresh) entry.fold.add(page.boot, decoded.times[i] as number, values[i] as number);
    }
  }
  return {
    from: query.from,
    to: query.to,
    stepMs: query.stepMs,
    truncated: cut,
    series: [...entries.values()].map(({ fold, ...rest }) => ({ ...rest, points: fold.points() })),
  };
}

async function collect(parts: Parts, query: SeriesQuery): Promise<{ pages: SamplePage[]; truncated: boolean }> {
  const services = query.service === undefined ? [...new Set((await parts.store.listInstances(query.environment)).map((known) => known.service))] : [query.service];
  const pages: SamplePage[] = [];
  // Open minutes first, before the wait: a minute written meanwhile is read twice and counted once, never missed.
  pages.push(...parts.openPages(query));
  let left = SERIES_PAGES_MOST;
  for (const service of services) {
    if (left <= 0) break;
    const instance = query.instance?.split("/")[1];
    const read = await parts.store.readPages({
      environment: query.environment,
      service,
      from: query.from - LEAD_MS,
      to: query.to,
      limit: left,
      ...(instance === undefined ? {} : { instance }),
    });
    left -= read.length;
    pages.push(...read);
  }
  return { pages: pages.sort((a, b) => a.from - b.from), truncated: left <= 0 };
}

function tryDecode(log: Log, page: SamplePage, query: SeriesQuery): ReturnType<typeof decodePage> | null {
  try {
    return decodePage(page.bytes, (resource, column) => query.columns.includes(column) && (query.resource === undefined || resource.name === query.resource));
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    log.error({ err: error, service: page.service, instance: page.instance, from: page.from }, "a page of samples is damaged and was left out");
    return null;
  }
}
