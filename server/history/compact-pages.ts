/** Minute pages of one boot into one longer page: fewer rows to keep and to read, and longer blocks to code. */
import { encodePage, type DecodedPage, type PageResource } from "../../core/page.ts";
import { resourceKey } from "../../core/rollup.ts";
import { columnsOf } from "../../protocol/kinds.ts";
import type { SamplePage } from "../store/store.ts";
import type { StoredPage } from "../store/tier-store.ts";
import { inOrder } from "./sample-order.ts";

const COMPACT_MS = 15 * 60_000;

export interface ReadPage {
  readonly page: StoredPage;
  readonly decoded: DecodedPage;
}

export interface Compaction {
  /** Ids of pages that `compacted` takes the place of. */
  readonly replaced: readonly number[];
  readonly compacted: readonly SamplePage[];
}

/** Joins the pages of each boot that lie in the same quarter of an hour. Samples that are there twice are kept once. */
export function compactPages(pages: readonly ReadPage[]): Compaction {
  const groups = new Map<string, ReadPage[]>();
  for (const read of pages) {
    const quarter = Math.floor(read.page.from / COMPACT_MS);
    if (Math.floor(read.page.to / COMPACT_MS) > quarter + 1) continue;
    const key = `${read.page.boot}\n${quarter}`;
    const group = groups.get(key);
    if (group) group.push(read);
    else groups.set(key, [read]);
  }
  const joined = [...groups.values()].filter((group) => group.length > 1);
  return { replaced: joined.flatMap((group) => group.map(({ page }) => page.id)), compacted: joined.map(join) };
}

function join(group: readonly ReadPage[]): SamplePage {
  const parts = inOrder(group.map(({ decoded }) => decoded));
  const count = parts.reduce((sum, { samples }) => sum + samples.length, 0);
  const gather = (values: (chunk: DecodedPage) => Float64Array | undefined, into: Float64Array): Float64Array => {
    let at = 0;
    for (const { chunk, samples } of parts) {
      const from = values(chunk);
      for (const i of samples) into[at++] = from?.[i] ?? 0;
    }
    return into;
  };
  const times = gather(({ times }) => times, new Float64Array(count));
  const resources = new Map<string, PageResource>();
  const columns = new Map<DecodedPage, Map<string, Float64Array>>();
  for (const { decoded } of group) {
    for (const resource of decoded.resources) resources.set(resourceKey(resource), resource);
    columns.set(decoded, new Map(decoded.columns.map((column) => [`${resourceKey(column.resource)}\n${column.column}`, column.values])));
  }
  const slots = [...resources.values()].flatMap((resource) =>
    columnsOf(resource.kind).map(({ name }) => `${resourceKey(resource)}\n${name}`),
  );
  const bytes = encodePage({
    resources: [...resources.values()],
    times,
    seqs: gather(({ seqs }) => seqs, new Float64Array(count)),
    read: (column, into) => void gather((chunk) => columns.get(chunk)?.get(slots[column] ?? ""), into),
  });
  const { environment, service, instance, boot } = (group[0] as ReadPage).page;
  return {
    environment,
    service,
    instance,
    boot,
    from: times[0] as number,
    to: times[count - 1] as number,
    lastSeq: group.reduce((most, { page }) => Math.max(most, page.lastSeq), 0),
    samples: count,
    bytes,
  };
}
