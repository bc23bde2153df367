/** The process of bundled-console.ts: says {url} when ready; each "use" is answered with what was used since the one before. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { readConfig } from "../../server/config.ts";
import { startServer } from "../../server/start.ts";

export interface ProcessUse {
  readonly seconds: number;
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Delay of the event loop beyond its timer's resolution of 1 ms. */
  readonly loopP99Ms: number;
  readonly loopP999Ms: number;
  readonly loopMaxMs: number;
}

const loop = monitorEventLoopDelay({ resolution: 1 });
const server = await startServer(readConfig());
loop.enable();
let cpu = process.cpuUsage();
let since = performance.now();

process.on("message", () => {
  const used = process.cpuUsage(cpu);
  const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - 1);
  const use: ProcessUse = {
    seconds: (performance.now() - since) / 1000,
    cpuSeconds: (used.user + used.system) / 1e6,
    rssBytes: process.memoryUsage().rss,
    loopP99Ms: ms(loop.percentile(99)),
    loopP999Ms: ms(loop.percentile(99.9)),
    loopMaxMs: ms(loop.max),
  };
  cpu = process.cpuUsage();
  since = performance.now();
  loop.reset();
  process.send?.(use);
});
process.on("disconnect", () => process.exit(0));
process.send?.({ url: server.url });
