/** A part of a page as a page of its own: what a short window needs of an hour. */
import { columnsOf } from "../protocol/kinds.ts";
import { encodePage, type DecodedPage, type PageResource } from "./page.ts";

/** The samples of a window, ends included; null when there are none. Samples lie in order of time. */
export function packWindow(page: DecodedPage, { from, to }: { readonly from: number; readonly to: number }): Uint8Array | null {
  const { times, seqs, resources } = page;
  const first = times.findIndex((at) => at >= from);
  let end = times.length;
  while (end > 0 && (times[end - 1] as number) > to) end--;
  if (first < 0 || end <= first) return null;
  const known = columnsByPlace(page);
  return encodePage({
    resources,
    times: times.slice(first, end),
    seqs: seqs.slice(first, end),
    read: (column, into) => {
      const values = known.get(column);
      if (values) into.set(values.subarray(first, end));
      else into.fill(0, 0, end - first);
    },
  });
}

/** The columns that were known, counted over all resources in order. */
function columnsByPlace({ resources, columns }: DecodedPage): ReadonlyMap<number, Float64Array> {
  const starts = new Map<PageResource, number>();
  let next = 0;
  for (const resource of resources) {
    starts.set(resource, next);
    next += columnsOf(resource.kind).length;
  }
  return new Map(
    columns.map(({ resource, column, values }) => {
      const index = columnsOf(resource.kind).findIndex(({ name }) => name === column);
      return [(starts.get(resource) ?? 0) + index, values];
    }),
  );
}
