/** What instances last said before a moment, of those that are silent around it. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { PageError } from "../../core/page.ts";
import { cutLast } from "../../core/replay-cut.ts";
import { LAST_KNOWN_MS, type FramedPage } from "../../core/replay-samples.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";

export interface LastSamplesParts {
  readonly store: Pick<Store, "listPages">;
  readonly log: Log;
}

export interface LastSamplesQuery {
  readonly environment: string;
  readonly at: number;
  /** Keys: service/instance. */
  readonly instances: readonly string[];
}

/** The page with the last sample may be damaged, or end with one that came later: the one before it is looked at, too. */
const PAGES_LOOKED_AT = 2;

/** One page with one sample for each that was heard within 48 hours. Reads only what is stored: a minute of silence is always stored. */
export async function readLastSamples({ store, log }: LastSamplesParts, query: LastSamplesQuery): Promise<FramedPage[]> {
  const { environment, at } = query;
  const found: FramedPage[] = [];
  for (const key of query.instances) {
    const slash = key.indexOf("/");
    const [service, instance] = [key.slice(0, slash), key.slice(slash + 1)];
    const window = { from: Math.max(0, at - LAST_KNOWN_MS), to: at };
    const pages = await store.listPages({ environment, service, instance, ...window, newestFirst: true, limit: PAGES_LOOKED_AT });
    for (const page of pages) {
      await nextTurn();
      const bytes = lastOf(log, page, at);
      if (bytes === null) continue;
      found.push({ key, boot: page.boot, bytes });
      break;
    }
  }
  return found;
}

function lastOf(log: Log, page: { readonly bytes: Uint8Array; readonly from: number }, at: number): Uint8Array | null {
  try {
    return cutLast(page.bytes, at);
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    log.error({ err: error, from: page.from }, "a page of samples is damaged and was left out");
    return null;
  }
}
