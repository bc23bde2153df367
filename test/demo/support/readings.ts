/** Reads a resource out of the samples that a fake console received. */
import { columnsOf } from "../../../protocol/kinds.ts";
import type { ConsoleLink } from "../../agent/support/fake-console.ts";

type Sample = ConsoleLink["samples"][number];
type Values = Record<string, number | null>;

/** Of the resource "kind name", by column; null when unknown. */
export function readingIn(link: ConsoleLink, described: string, sample: Sample): Values {
  let offset = 0;
  for (const resource of link.resources) {
    const columns = columnsOf(resource.kind);
    if (`${resource.kind} ${resource.name}` === described && !link.retired.has(resource.id)) {
      return Object.fromEntries(
        columns.map((column, i) => {
          const cell = sample.row[offset + i] ?? 0;
          return [column.name, cell === 0 ? null : cell - 1];
        }),
      );
    }
    offset += columns.length;
  }
  throw new Error(`no resource ${described}`);
}

export function newestReading(link: ConsoleLink, described: string): Values {
  const sample = link.samples.filter((each) => each.kind === "live").at(-1);
  if (sample === undefined) throw new Error(`${link.hello?.instance ?? "an instance"} never sent a sample`);
  return readingIn(link, described, sample);
}
