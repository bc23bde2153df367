import { describe, expect, it } from "vitest";
import { createNoopAgent } from "../../../agent/src/noop.ts";
import { indexesOf, type Cells } from "../../../agent/src/telemetry/columns.ts";
import { readingsOf } from "../../../agent/src/telemetry/latest-readings.ts";
import { ResourceTable, type Resource } from "../../../agent/src/telemetry/resource-table.ts";
import { viewOf } from "../../../agent/src/view.ts";

const LIMITER = indexesOf("limiter");

function table() {
  const all = new ResourceTable();
  let reads = 0;
  const read = (cells: Cells): boolean => {
    reads++;
    cells[LIMITER.allowed] = 0;
    cells[LIMITER.limit] = 100;
    return true;
  };
  const first = all.add({ kind: "limiter", name: "first", target: "partners", source: "ours" }, { read });
  all.add({ kind: "limiter", name: "second" }, { read });
  return { all, first: first as Resource, reads: () => reads };
}

const seen = (all: ResourceTable) => [...readingsOf(all)].map(({ columns, ...reading }) => ({ ...reading, columns: columns() }));

describe("the readings of an agent", () => {
  it("are those of the newest sample, without what is unknown, and ask no resource again", () => {
    const { all, reads } = table();
    expect(seen(all).map(({ columns }) => columns)).toEqual([{}, {}]);
    all.sample(() => undefined);
    expect(seen(all)).toEqual([
      { kind: "limiter", name: "first", target: "partners", source: "ours", columns: { allowed: 0, limit: 100 } },
      { kind: "limiter", name: "second", target: undefined, source: undefined, columns: { allowed: 0, limit: 100 } },
    ]);
    expect(reads()).toBe(2);
  });

  it("leave out what is retired", () => {
    const { all, first } = table();
    all.sample(() => undefined);
    all.retire(first);
    expect(seen(all).map(({ name }) => name)).toEqual(["second"]);
  });

  it("are none of an agent that does nothing", () => expect(viewOf(createNoopAgent())).toBeNull());
});
