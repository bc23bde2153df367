/** The memory of this process: `observe(process, ...)`. The garbage collector is watched only while somebody asked for this. */
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { indexesOf } from "../telemetry/columns.ts";
import { hasFunctions, hasNumbers, type Adapter } from "./adapter.ts";

const COLUMN = indexesOf("runtime");

interface GcTimes {
  getEntries(): readonly { readonly duration: number }[];
}

export const nodeRuntime: Adapter = {
  kind: "runtime",
  source: "node",
  counts: [COLUMN.gcCount, COLUMN.gcUs],

  recognises: (thing): thing is object => hasFunctions(thing, "memoryUsage", "cpuUsage", "hrtime") && hasNumbers(thing, "pid"),

  settings: () => ({}),

  attach: (_process, { guard, sink }) => {
    let longestMs = 0;
    const watch = guard.wrap((list: GcTimes) => {
      for (const { duration } of list.getEntries()) {
        sink.count(COLUMN.gcCount);
        sink.count(COLUMN.gcUs, duration * 1000);
        longestMs = Math.max(longestMs, duration);
      }
    });
    const observer = new PerformanceObserver((list) => watch(list));
    observer.observe({ entryTypes: ["gc"] });
    return {
      read: (_thing, cells) => {
        const heap = getHeapStatistics();
        cells[COLUMN.heapTotalKb] = heap.total_heap_size / 1024;
        cells[COLUMN.heapLimitKb] = heap.heap_size_limit / 1024;
        cells[COLUMN.externalKb] = heap.external_memory / 1024;
        cells[COLUMN.gcMaxUs] = longestMs * 1000;
        longestMs = 0;
      },
      release: () => observer.disconnect(),
    };
  },
};
