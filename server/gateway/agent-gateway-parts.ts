import type { AgentDown } from "../../protocol/agent-down.ts";
import type { CloseName } from "../../protocol/close-codes.ts";
import type { AgentGrant } from "../auth/principal.ts";
import type { Clock } from "../clock.ts";
import type { GroupCommit } from "../fleet/group-commit.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { SampleSink, SampleSource } from "../history/sink.ts";
import type { Log } from "../log.ts";
import type { PolicyFeed } from "../policy/feed.ts";
import type { EventEntry } from "./event-committer.ts";
import type { GatewayMetrics } from "./metrics.ts";
import type { PolicyTarget } from "./policy-fanout.ts";

/** A connected agent as the gateway sees it. */
export interface AgentPeer extends PolicyTarget {
  readonly grant: AgentGrant;
  readonly agent: SampleSource;
  /** Resources declared on this connection. */
  readonly resources: number;
  tell(message: AgentDown): void;
  /** @param silently another connection of the same instance goes on, or the console stops: nobody left. */
  close(name: CloseName, reason: string, silently?: boolean): void;
  /** Called every second; `now` is monotonic. */
  tick(now: number): void;
  /** The event loop stood still for so long: the silence was ours. */
  forgive(ms: number): void;
}

/** What a session needs from the house around it. */
export interface AgentGatewayParts {
  readonly fleet: LiveFleet;
  readonly feed: PolicyFeed;
  readonly sink: Pick<SampleSink, "append">;
  readonly committer: GroupCommit<EventEntry>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  readonly nextTxn: () => number;
  readonly newSessionId: () => string;
  /** The cadence in force. */
  readonly sampleMs: () => number;
  /** Null to go on, or why the token may not have this instance too. */
  readonly admit: (peer: AgentPeer, source: SampleSource) => string | null;
  /** Highest sequences of this boot on disk; zero while the database cannot say, for a repeat is harmless. */
  readonly committedSoFar: (source: SampleSource) => Promise<{ events: number; frames: number }>;
  /** How many more resources the peer's token may declare. */
  readonly resourceAllowance: (peer: AgentPeer) => number;
  /** So many resources were declared. */
  readonly resourcesGrew: (peer: AgentPeer, by: number) => void;
  /** A greeting was accepted: an older connection of the same instance goes. */
  readonly taken: (peer: AgentPeer, key: string) => void;
  readonly opened: (peer: AgentPeer) => void;
  /** It answered a probe. */
  readonly probed: (peer: AgentPeer, id: string) => void;
  /** Called once for every peer. `source` is null when it never got as far. */
  readonly ended: (peer: AgentPeer, source: SampleSource | null) => void;
}
