/** The newest reading of every resource, for whoever asks between two samples. */
import { columnsOf, type Reading } from "../../../protocol/kinds.ts";
import type { ViewedReading } from "../view.ts";
import type { ResourceTable } from "./resource-table.ts";

/** Reads the row of the newest sample; no resource is asked again. */
export function* readingsOf(table: ResourceTable): Generator<ViewedReading> {
  for (const { declaration, offset, reader } of table.all()) {
    if (reader === null) continue;
    const { kind, name, target, source } = declaration;
    const columns = (): Reading => {
      const reading: Record<string, number> = {};
      columnsOf(kind).forEach((column, i) => {
        const slot = table.row[offset + i] ?? 0;
        if (slot > 0) reading[column.name] = slot - 1;
      });
      return reading;
    };
    yield { kind, name, target, source, columns };
  }
}
