/** What the HTTP API stands on. */
import type { Auth } from "../auth/auth.ts";
import type { Clock } from "../clock.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { HistoryReader } from "../history/history-reader.ts";
import type { PushPath } from "../gateway/push-probe.ts";
import type { TierReport } from "../history/tier-report.ts";
import type { IncidentService } from "../incidents/incident-service.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { SinkDesk } from "../notify/sink-desk.ts";
import type { PolicyService } from "../policy/policy-service.ts";
import type { Replay } from "../replay/replay.ts";
import type { Store } from "../store/store.ts";

export interface ApiDeps {
  readonly store: Store;
  readonly fleet: Pick<LiveFleet, "fleet" | "switches" | "environments">;
  readonly policy: PolicyService;
  readonly history: HistoryReader & TierReport;
  readonly incidents: IncidentService;
  readonly notifications: SinkDesk;
  readonly replay: Replay;
  readonly path: PushPath;
  readonly auth: Auth;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  /** Origins that browsers may write from. Asked at each request: the port may be known late. */
  readonly origins: () => ReadonlySet<string>;
  /** Of this installation; stored answers are sealed with a key made from it. */
  readonly secret: string;
  /** Different for each start of the process. */
  readonly boot: string;
}
