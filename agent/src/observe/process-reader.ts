/** The process the agent lives in: event loop, memory, processor. */
import { monitorEventLoopDelay, performance, type IntervalHistogram } from "node:perf_hooks";
import { indexesOf, type Cells } from "../telemetry/columns.ts";
import type { Reader } from "../telemetry/resource-table.ts";

const COLUMN = indexesOf("process");
const RESOLUTION_MS = 20;

export class ProcessReader implements Reader {
  readonly #delay: IntervalHistogram;
  readonly #now: () => number;
  #loop = performance.eventLoopUtilization();
  #cpu = process.cpuUsage();
  #at: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#at = now();
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delay.enable();
  }

  read(cells: Cells): boolean {
    const now = this.#now();
    const loop = performance.eventLoopUtilization();
    const cpu = process.cpuUsage();
    const memory = process.memoryUsage();
    const elapsed = now - this.#at;
    cells[COLUMN.eluPermille] = performance.eventLoopUtilization(loop, this.#loop).utilization * 1000;
    // The histogram counts the resolution itself as delay.
    cells[COLUMN.loopP99Us] = this.#delay.count === 0 ? NaN : Math.max(0, this.#delay.percentile(99) / 1000 - RESOLUTION_MS * 1000);
    cells[COLUMN.rssKb] = memory.rss / 1024;
    cells[COLUMN.heapUsedKb] = memory.heapUsed / 1024;
    const usedUs = cpu.user - this.#cpu.user + cpu.system - this.#cpu.system;
    cells[COLUMN.cpuPermille] = elapsed > 0 ? usedUs / elapsed : NaN;
    this.#delay.reset();
    this.#loop = loop;
    this.#cpu = cpu;
    this.#at = now;
    return true;
  }

  stop(): void {
    this.#delay.disable();
  }
}
