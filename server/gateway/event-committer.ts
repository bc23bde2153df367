import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../clock.ts";
import { GroupCommit } from "../fleet/group-commit.ts";
import type { Log } from "../log.ts";
import type { AgentEventBatch, Store } from "../store/store.ts";
import type { GatewayMetrics } from "./metrics.ts";

/** Events of one message on their way to disk, and what to do then. */
export interface EventEntry {
  readonly batch: AgentEventBatch;
  /** They are on disk. */
  readonly committed: () => void;
  /** They cannot be written, though others can; nothing was acknowledged. */
  readonly refused: () => void;
}

export interface EventCommitterOptions {
  readonly store: Pick<Store, "appendAgentEvents">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
}

/** Messages written together at most: 100 messages of 100 events are one transaction of 10,000 rows. */
const MAX_GROUP = 100;

/** Commits events of all agents in groups; acknowledges after the commit; then tells the bus. In this order. */
export function createEventCommitter({ store, bus, clock, log, metrics }: EventCommitterOptions): GroupCommit<EventEntry> {
  return new GroupCommit<EventEntry>({
    maxGroup: MAX_GROUP,
    clock,
    write: async (group) => {
      const logged = await store.appendAgentEvents(group.map((entry) => entry.batch));
      for (const entry of group) entry.committed();
      metrics.countEvents(logged.length);
      for (const environment of new Set(logged.map((event) => event.environment)))
        bus.publish({ type: "events", environment, events: logged.filter((event) => event.environment === environment) });
    },
    poisoned: (entry, error) => {
      const { service, instance, boot } = entry.batch;
      log.error({ err: error, service, instance, boot }, "events of an agent cannot be written");
      entry.refused();
    },
    failed: (error, retryInMs) => log.error({ err: error, retryInMs }, "events of agents wait for the database"),
  });
}
