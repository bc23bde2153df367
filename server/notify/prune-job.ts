/** Old deliveries go: the list is for looking back some days, not an archive. */
import type { Clock } from "../clock.ts";
import type { Job } from "../jobs/job.ts";
import type { Store } from "../store/store.ts";

export const KEPT_MS = 14 * 86_400_000;
const KEPT_MOST = 2_000;
const EVERY_MS = 600_000;

export function createPruneJob({ store, clock }: { readonly store: Pick<Store, "pruneNotifyDeliveries">; readonly clock: Clock }): Job {
  let next = -Infinity;
  return {
    name: "notify-prune",
    begin: () => undefined,
    async step(lease) {
      if (clock.monotonic() < next) return "idle";
      if ((await store.pruneNotifyDeliveries(lease, { before: clock.now() - KEPT_MS, keep: KEPT_MOST })) > 0) return "more";
      next = clock.monotonic() + EVERY_MS;
      return "idle";
    },
  };
}
