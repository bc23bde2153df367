/**
 * Decoded columns of stored pages, kept in bounded memory. A stored page never changes and its id never comes back, so what was decoded
 * once is right for ever; only which pages a window has is asked each time.
 */
import { decodePage, type DecodedPage, type WantedColumn } from "../../core/page.ts";
import type { PageQuery, SamplePage, FoundPage } from "../store/basics.ts";
import type { Store } from "../store/store.ts";

/** What is read of each page. The same key wants the same. */
export interface PageSelection {
  readonly key: string;
  readonly wanted: WantedColumn;
}

/** A stored page that can be looked into. */
export interface ReadablePage extends Pick<SamplePage, "service" | "instance" | "boot" | "from"> {
  /** @throws PageError */
  decode(): DecodedPage;
}

export type PageReader = (query: PageQuery, selection: PageSelection) => Promise<readonly ReadablePage[]>;

/** Reads and decodes anew each time. */
export function plainPages(store: Pick<Store, "readPages">): PageReader {
  return async (query, { wanted }) =>
    (await store.readPages(query)).map(({ service, instance, boot, from, bytes }) => ({
      ...{ service, instance, boot, from },
      decode: () => decodePage(bytes, wanted),
    }));
}

interface Kept {
  readonly page: Omit<FoundPage, "bytes">;
  readonly decoded: DecodedPage;
  readonly weight: number;
}

/** Pages of one service, or of one instance, under one selection: by id, oldest reading first. */
type Group = Map<number, Kept>;

export const PAGE_CACHE_BYTES = 64 * 1024 * 1024;
/** Of an entry besides its numbers. */
const ENTRY_BYTES = 400;

/** @param most bytes of decoded numbers that are kept; what was asked for longest ago goes first */
export function cachedPages(store: Pick<Store, "readPagesExcept">, most = PAGE_CACHE_BYTES): PageReader {
  const groups = new Map<string, Group>();
  let weight = 0;

  function groupOf(key: string): Group {
    const group = groups.get(key) ?? new Map<number, Kept>();
    groups.delete(key);
    groups.set(key, group);
    return group;
  }

  function keep(group: Group, id: number, kept: Kept): void {
    group.set(id, kept);
    weight += kept.weight;
    for (const [key, oldest] of groups) {
      for (const [oldId, old] of oldest) {
        if (weight <= most) return;
        oldest.delete(oldId);
        weight -= old.weight;
      }
      groups.delete(key);
    }
  }

  return async (query, { key, wanted }) => {
    const { environment, service, instance } = query;
    // Those of one instance lie by themselves: who asks for it does not look through those of all.
    const groupKey = JSON.stringify([environment, service, instance, key]);
    const group = groupOf(groupKey);
    const known = new Map<number, Kept>();
    for (const [id, kept] of group) if (kept.page.to >= query.from && kept.page.from <= query.to) known.set(id, kept);
    const found = await store.readPagesExcept(query, [...known.keys()]);
    const decode = ({ bytes, ...page }: FoundPage): DecodedPage => {
      const decoded = decodePage(bytes, wanted);
      // Somebody else may have read it meanwhile.
      if (!group.has(page.id) && groups.get(groupKey) === group) keep(group, page.id, { page, decoded, weight: weightOf(decoded) });
      return decoded;
    };
    return found.map((one) => {
      const kept = typeof one === "number" ? known.get(one) : undefined;
      const page = kept?.page ?? one;
      if (typeof page === "number") throw new Error("a page that nobody has was not read");
      const { instance, boot, from } = page;
      return { service, instance, boot, from, decode: () => kept?.decoded ?? decode(one as FoundPage) };
    });
  };
}

function weightOf({ times, columns, resources }: DecodedPage): number {
  return ENTRY_BYTES + 8 * times.length * (2 + columns.length) + 100 * (columns.length + resources.length);
}
