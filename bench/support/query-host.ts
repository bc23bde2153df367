/** Asks the history without HTTP and without JSON, bundled as in production: {dataDir, query} -> milliseconds of each turn. */
import { pathToFileURL } from "node:url";
import { DEFAULT_RETENTION } from "../../core/tiers.ts";
import { systemClock } from "../../server/clock.ts";
import { createHistoryReader } from "../../server/history/history-reader.ts";
import type { SeriesQuery } from "../../server/history/series-reader.ts";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";

const WARM = 10;
const TIMES = 60;

process.once("message", (message: unknown) => {
  const { dataDir, worker, query } = message as { readonly dataDir: string; readonly worker: string; readonly query: SeriesQuery };
  void (async () => {
    const log = createLog("error");
    const { store } = await openStore({ dataDir, log, workerUrl: pathToFileURL(worker) });
    const reader = createHistoryReader({ store, held: () => [], clock: systemClock, log, retention: DEFAULT_RETENTION });
    const times: number[] = [];
    for (let turn = -WARM; turn < TIMES; turn++) {
      const started = performance.now();
      await reader.columns(query);
      if (turn >= 0) times.push(performance.now() - started);
    }
    await store.close();
    process.send?.(times);
  })();
});
