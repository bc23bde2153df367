import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { AgentDown } from "../../protocol/agent-down.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { AGENT_SUBPROTOCOL } from "../../protocol/version.ts";
import type { AgentGrant, SocketAuth } from "../auth/principal.ts";
import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../clock.ts";
import type { ErrorCode, ProblemExtras } from "../errors.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { SampleSink, SampleSource } from "../history/sink.ts";
import type { Log } from "../log.ts";
import { instanceKey, type PolicyFeed } from "../policy/feed.ts";
import type { Store } from "../store/store.ts";
import type { AgentGatewayParts } from "./agent-gateway-parts.ts";
import { AgentRegistry, LANES, type AgentLinks } from "./agent-registry.ts";
import { AgentSession } from "./agent-session.ts";
import { Cadence } from "./cadence.ts";
import { createEventCommitter } from "./event-committer.ts";
import { Handshakes } from "./handshakes.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { allClosed, frameText, socketOptions } from "./peer.ts";
import { PolicyFanout } from "./policy-fanout.ts";
import { offersSubprotocol, refuseUpgrade } from "./refuse-upgrade.ts";
import { PushProbe, type PushPath } from "./push-probe.ts";
import { RevokedTokens } from "./revoked-tokens.ts";

export interface AgentCaps {
  /** Sockets one token may have open. */
  readonly agentsPerToken: number;
  /** Resources that all agents of one token may declare together. */
  readonly resourcesPerToken: number;
  /** Instances an environment may know of, connected or not: an agent that makes up names stops here. */
  readonly instancesPerEnvironment: number;
}

const CAPS: AgentCaps = { agentsPerToken: 20_000, resourcesPerToken: 1_000_000, instancesPerEnvironment: 50_000 };
const TICK_MS = 1_000;
/** A tick later than this was a standstill, not load. */
const STANDSTILL_MS = 2_000;

export interface AgentGatewayOptions {
  readonly store: Pick<Store, "appendAgentEvents" | "lastEventSeq" | "lastFrameSeq">;
  readonly fleet: LiveFleet;
  readonly feed: PolicyFeed;
  readonly sink: SampleSink;
  readonly auth: Pick<SocketAuth, "agent">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  readonly caps?: Partial<AgentCaps>;
}

export interface AgentGateway {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly links: AgentLinks;
  readonly path: PushPath;
  /**
   * Says goodbye with a window to come back in, commits and acknowledges what has arrived, closes every socket.
   * Agents do not count as left by it. Resolves within about three seconds plus one write.
   */
  stop(reconnectAfterMs?: readonly [number, number]): Promise<void>;
}

/** The agents' end of the console: `/agent/v1`. */
export function createAgentGateway(options: AgentGatewayOptions): AgentGateway {
  const { store, fleet, feed, sink, auth, bus, clock, log, metrics } = options;
  const caps = { ...CAPS, ...options.caps };
  const server = new WebSocketServer(socketOptions(LIMITS.agentMaxPayload, AGENT_SUBPROTOCOL));
  const registry = new AgentRegistry();
  const cadence = new Cadence();
  const revoked = new RevokedTokens(clock);
  const committer = createEventCommitter({ store, bus, clock, log, metrics });
  const sockets = new Set<WebSocket>();
  const handshakes = new Handshakes({ clock, log });
  let stopping = false;
  let txn = 0;
  const nextTxn = (): number => ++txn;

  const path = new PushProbe({ targets: (environment) => registry.in(environment), clock, newId: randomUUID });

  const parts: AgentGatewayParts = {
    fleet,
    feed,
    sink,
    committer,
    clock,
    log,
    metrics,
    nextTxn,
    newSessionId: randomUUID,
    sampleMs: () => cadence.sampleMs,
    admit: (peer, source) => {
      if (registry.usage(peer.grant.tokenId).peers > caps.agentsPerToken) return "this token has as many agents as it may have";
      const known = fleet.fleet(source.environment).instances;
      if (known.size >= caps.instancesPerEnvironment && !known.has(instanceKey(source)))
        return "the environment knows as many instances as it may";
      return null;
    },
    committedSoFar,
    resourceAllowance: (peer) => caps.resourcesPerToken - registry.usage(peer.grant.tokenId).resources,
    resourcesGrew: (peer, by) => registry.grew(peer, by),
    taken: (peer, key) => registry.find(peer.grant.environment, key)?.close("replaced", "", true),
    probed: (peer, id) => path.answered(peer.grant.environment, peer.key, id),
    opened: (peer) => {
      registry.opened(peer);
      metrics.setAgents(registry.connected);
    },
    ended: (peer, source) => {
      registry.left(peer, source ? instanceKey(source) : "");
      metrics.setAgents(registry.connected);
    },
  };

  async function committedSoFar(source: SampleSource): Promise<{ events: number; frames: number }> {
    try {
      const [events, frames] = await Promise.all([store.lastEventSeq(source), store.lastFrameSeq(source)]);
      return { events, frames };
    } catch (error) {
      log.warn({ err: error, key: instanceKey(source) }, "the database cannot say what is committed; the agent will repeat itself");
      return { events: 0, frames: 0 };
    }
  }

  const fanout = new PolicyFanout({ feed, clock, log, metrics, nextTxn, targets: (environment) => registry.in(environment) });

  const uncommit = sink.onCommitted((source, seq) => {
    const peer = registry.find(source.environment, instanceKey(source));
    if (peer?.agent.boot === source.boot) peer.tell({ t: "ack", frames: seq });
  });

  const unsubscribe = bus.subscribe((message) => {
    if (message.type !== "token-revoked") return;
    revoked.add(message.tokenId);
    for (const peer of [...registry.all()]) if (peer.grant.tokenId === message.tokenId) peer.close("unauthorized", "the token was revoked");
  });

  let tickedAt = clock.monotonic();
  const ticker = clock.setInterval(() => {
    const now = clock.monotonic();
    const late = Math.max(0, now - tickedAt - TICK_MS);
    tickedAt = now;
    metrics.setLagMs(late);
    const changed = cadence.tick(late);
    if (late > STANDSTILL_MS) for (const peer of registry.all()) peer.forgive(late);
    if (changed) {
      const reason = cadence.sampleMs > LIMITS.sampleIntervalMs ? "the console is busy" : "the console is well again";
      const frame = frameText(JSON.stringify({ t: "slow-down", sampleMs: cadence.sampleMs, reason } satisfies AgentDown));
      for (const peer of [...registry.all()]) if (peer.open) peer.write(frame);
      log.warn({ sampleMs: cadence.sampleMs, late }, "agents were asked to sample at another rate");
    }
    revoked.sweep();
  }, TICK_MS);
  let lane = 0;
  const caretaker = clock.setInterval(() => {
    lane = (lane + 1) % LANES;
    for (const peer of [...registry.lane(lane)]) peer.tick(clock.monotonic());
  }, TICK_MS / LANES);

  function accept(socket: WebSocket, stream: Duplex, grant: AgentGrant): void {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    const session = new AgentSession({ socket, stream }, grant, parts);
    registry.arrived(session);
  }

  function handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const reject = (code: ErrorCode, extras?: ProblemExtras): void =>
      metrics.countHandshakeRejected("agent", refuseUpgrade(socket, code, extras));
    if (stopping) {
      reject("busy", { detail: "The console is stopping.", retryAfterSeconds: 2 });
      return;
    }
    if (!offersSubprotocol(request.headers["sec-websocket-protocol"], AGENT_SUBPROTOCOL)) {
      reject("request_invalid", { detail: `Offer the subprotocol ${AGENT_SUBPROTOCOL}.` });
      return;
    }
    handshakes.run(socket, () => auth.agent(request.headers.authorization, request.socket.remoteAddress), {
      reject,
      accept: (grant) => {
        if (!grant || revoked.has(grant.tokenId)) {
          reject("unauthenticated", { detail: "Send Authorization: Bearer with a valid agent token (hfa_...)." });
          return;
        }
        if (stopping) {
          reject("busy", { retryAfterSeconds: 2 });
          return;
        }
        server.handleUpgrade(request, socket, head, (accepted) => accept(accepted, socket, grant));
      },
    });
  }

  async function stop(reconnectAfterMs: readonly [number, number] = [1_000, 5_000]): Promise<void> {
    stopping = true;
    ticker.cancel();
    caretaker.cancel();
    fanout.stop();
    for (const peer of registry.all())
      if (peer.open) peer.tell({ t: "goodbye", reason: "the console stops", reconnectAfterMs: [...reconnectAfterMs] });
    await committer.stop();
    uncommit();
    unsubscribe();
    for (const peer of [...registry.all()]) peer.close("goingAway", "", true);
    await allClosed(sockets);
  }

  return { handleUpgrade, links: registry, path, stop };
}
