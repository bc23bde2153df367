/** The console without its pages in a process of its own that tells its own cost. IPC: "reset" and "read" -> {cpuMs, loopP99Ms, loopMaxMs, rssKb}. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { readConfig } from "../../server/config.ts";
import { startServer } from "../../server/start.ts";

const loop = monitorEventLoopDelay({ resolution: 1 });
loop.enable();
let cpu = process.cpuUsage();

process.on("message", (order: "reset" | "read") => {
  if (order === "reset") {
    loop.reset();
    cpu = process.cpuUsage();
    process.send?.({ reset: true });
    return;
  }
  const used = process.cpuUsage(cpu);
  process.send?.({
    cpuMs: (used.user + used.system) / 1000,
    loopP99Ms: loop.percentile(99) / 1e6,
    loopMaxMs: loop.max / 1e6,
    rssKb: process.memoryUsage.rss() / 1024,
  });
});
process.on("disconnect", () => process.exit(0));
const { url } = await startServer(readConfig());
process.send?.({ url });
