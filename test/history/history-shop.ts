/** An embedded store on disk with a history whose clock is moved by hand, and samples as agents send them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeResources } from "../../core/fleet.ts";
import { DEFAULT_RETENTION, type Retention } from "../../core/tiers.ts";
import { createHistory, type History } from "../../server/history/history.ts";
import { createTiers, type Tiers } from "../../server/history/tiers.ts";
import { createLog } from "../../server/log.ts";
import { openStore, type OpenStoreOptions } from "../../server/store/open-store.ts";
import type { LoggedEventIn, Store } from "../../server/store/store.ts";
import { FakeClock, turnedUntil } from "../support/fake-clock.ts";
import { openTestStore } from "../support/test-store.ts";

export const HOUR = 3_600_000;
export const START = 1_790_000_400_000 - (1_790_000_400_000 % (96 * HOUR));
export const resources = placeResources([
  { id: 0, kind: "server", name: "http" },
  { id: 1, kind: "breaker", name: "payments" },
]);
export const SLOTS = 5 + 11;

export interface Sampled {
  readonly requests?: number;
  readonly inFlight?: number;
  readonly p99Us?: number;
  readonly state?: number;
}

export interface Shop {
  readonly store: Store;
  readonly history: History;
  readonly tiers: Tiers;
  readonly clock: FakeClock;
  readonly events: LoggedEventIn[];
  damaged: number;
  /** One sample; sequences follow from the time. */
  sample(at: number, values: Sampled, who?: { instance?: string; boot?: string }): void;
  /** Everything in memory to disk, and all jobs until they have nothing to do. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export async function openShop({
  retention = DEFAULT_RETENTION,
  options,
}: { retention?: Retention; options?: OpenStoreOptions } = {}): Promise<Shop> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-history-"));
  const log = createLog("silent");
  const { store } = options ? await openStore(options) : await openTestStore(dataDir);
  const clock = new FakeClock(START);
  const history = createHistory({ store, clock, log });
  const events: LoggedEventIn[] = [];
  const shop: Shop = {
    store,
    history,
    clock,
    events,
    damaged: 0,
    tiers: createTiers({
      store,
      held: () => history.held(),
      clock,
      log,
      retention,
      holder: "console-a",
      committed: (committed) => void events.push(...committed),
      damaged: (pages) => (shop.damaged += pages),
    }),
    sample(at, { requests, inFlight, p99Us, state }, { instance = "orders-1", boot = "b1" } = {}) {
      const row = new Float64Array(SLOTS);
      const put = (slot: number, value: number | undefined): void => void (row[slot] = value === undefined ? 0 : value + 1);
      put(0, requests);
      put(2, inFlight);
      put(4, p99Us);
      put(5, state);
      const source = { environment: "production", service: "orders", instance, boot };
      history.append(source, { seq: Math.floor((at - START) / 100) + 10_000_000, at, row, slots: SLOTS, resources });
    },
    async settle() {
      await history.flush();
      // The runner rests between units on the clock that stands still here.
      await turnedUntil(shop.tiers.runner.runNow(), clock);
    },
    async stop() {
      await history.close();
      await shop.tiers.runner.stop();
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return shop;
}
