import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { LIMITS } from "../../protocol/limits.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import { LIVE_SUBPROTOCOL } from "../../protocol/version.ts";
import type { Principal, SocketAuth } from "../auth/principal.ts";
import type { Bus } from "../bus/bus.ts";
import type { Clock, Timer } from "../clock.ts";
import type { ErrorCode, ProblemExtras } from "../errors.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { Handshakes } from "./handshakes.ts";
import { encodeLive } from "./live-codec.ts";
import { LiveHub } from "./live-hub.ts";
import { LiveSession, type LiveSessionParts, type MissedEvents } from "./live-session.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { allClosed, socketOptions } from "./peer.ts";
import { offersSubprotocol, refuseUpgrade } from "./refuse-upgrade.ts";
import { RevokedTokens } from "./revoked-tokens.ts";

export interface LiveGatewayOptions {
  readonly store: Pick<Store, "listEvents" | "lastEventId" | "countEvents">;
  readonly fleet: LiveFleet;
  readonly auth: Pick<SocketAuth, "redeemTicket" | "stillValid">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  /** Origins that may connect, exactly as a browser sends them: `https://console.example.com`. */
  readonly origins: readonly string[];
}

export interface LiveGateway {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Browsers connected now. */
  readonly viewers: number;
  /** Closes every socket with going_away; resolves within about three seconds. */
  stop(): Promise<void>;
}

const FLUSH_MS = 250;
const BEAT_MS = 1_000;
const STANDSTILL_MS = 2_000;
const RECHECK_MS = 3_000;
/** Receipts of one flip are told at most this often. */
const RECEIPTS_EVERY_MS = 200;
const RESUME_MOST = 1_000;
const RESUME_PAGE = 500;
/** More were missed than this: their number is said by the ids alone. */
const COUNTED_MOST = 100_000;

/** The browsers' end of the console: `/live/v1`. */
export function createLiveGateway(options: LiveGatewayOptions): LiveGateway {
  const { store, fleet, auth, bus, clock, log, metrics } = options;
  const origins = new Set(options.origins);
  const server = new WebSocketServer(socketOptions(LIMITS.browserMaxPayload, LIVE_SUBPROTOCOL));
  const handshakes = new Handshakes({ clock, log });
  const hubs = new Map<string, LiveHub>();
  const sessions = new Set<LiveSession>();
  const sockets = new Set<WebSocket>();
  const ended = new RevokedTokens(clock);
  const receipts = new Map<string, Timer>();
  const receiptsAgain = new Set<string>();
  let stopping = false;

  function hubOf(environment: string): LiveHub {
    let hub = hubs.get(environment);
    if (!hub) hubs.set(environment, (hub = new LiveHub({ environment, fleet: () => fleet.fleet(environment), clock })));
    return hub;
  }

  async function lastEvent(environment: string): Promise<number> {
    try {
      return await store.lastEventId(environment);
    } catch (error) {
      log.warn({ err: error }, "the database cannot say which event was the last");
      return hubs.get(environment)?.lastEvent ?? 0;
    }
  }

  /** One counter numbers the events of every environment: how far two ids are apart is no count of one. */
  async function missedIn(environment: string, since: number, last: number): Promise<number> {
    const missed = await store.countEvents({ environment, after: since, upTo: last, most: COUNTED_MOST });
    return missed === COUNTED_MOST ? Math.max(missed, last - since) : missed;
  }

  async function eventsAfter(environment: string, since: number, last: number): Promise<MissedEvents> {
    const found: LoggedEvent[] = [];
    let cursor: string | null = null;
    try {
      do {
        const page = await store.listEvents({ environment, limit: RESUME_PAGE, order: "desc", ...(cursor === null ? {} : { cursor }) });
        for (const event of page.items) {
          if (event.id <= since) return { events: found.reverse(), complete: true, missed: found.length };
          if (found.length === RESUME_MOST) return { events: [], complete: false, missed: await missedIn(environment, since, last) };
          found.push(event);
        }
        cursor = page.nextCursor;
      } while (cursor !== null);
      return { events: found.reverse(), complete: true, missed: found.length };
    } catch (error) {
      log.warn({ err: error }, "the database cannot give the events a browser has missed");
      return { events: [], complete: false, missed: last - since };
    }
  }

  const parts: LiveSessionParts = {
    clock,
    log,
    metrics,
    hub: hubOf,
    lastEvent,
    eventsAfter,
    ended: (session) => {
      sessions.delete(session);
      metrics.setBrowsers(sessions.size);
    },
  };

  function tellReceipts(environment: string, flipId: string): void {
    if (receipts.has(flipId)) return void receiptsAgain.add(flipId);
    hubs.get(environment)?.policyMoved(fleet.fleet(environment).revision, flipId);
    receipts.set(
      flipId,
      clock.setTimeout(() => {
        receipts.delete(flipId);
        if (receiptsAgain.delete(flipId)) tellReceipts(environment, flipId);
      }, RECEIPTS_EVERY_MS),
    );
  }

  const closeAll = (matches: (principal: Principal) => boolean): void => {
    for (const session of [...sessions]) if (matches(session.principal)) session.close("unauthorized", "the session has ended");
  };

  const unsubscribeBus = bus.subscribe((message) => {
    switch (message.type) {
      case "events":
        return hubs.get(message.environment)?.eventsCommitted(message.events);
      case "policy":
        return hubs.get(message.environment)?.policyMoved(message.revision, message.flip.id);
      case "receipts": {
        tellReceipts(message.environment, message.flipId);
        return;
      }
      case "token-revoked":
        ended.add(message.tokenId);
        {
          closeAll((principal) => principal.kind === "token" && principal.id === message.tokenId);
          return;
        }
      case "session-ended":
        ended.add(message.sessionId);
        {
          closeAll((principal) => principal.kind === "user" && principal.sessionId === message.sessionId);
          return;
        }
      case "incident":
        // Browsers hear of it by the events it wrote.
        return;
    }
  });
  const unsubscribeFleet = fleet.subscribe((change) => hubs.get(change.environment)?.fleetChanged(change));

  const flusher = clock.setInterval(() => {
    for (const [environment, hub] of hubs) {
      if (!hub.empty) hub.flush();
      else {
        hub.stop();
        hubs.delete(environment);
      }
    }
  }, FLUSH_MS);

  let beatAt = clock.monotonic();
  const beater = clock.setInterval(() => {
    const now = clock.monotonic();
    const late = now - beatAt - BEAT_MS;
    beatAt = now;
    const frame = encodeLive({ t: "beat", now: clock.now() });
    for (const hub of hubs.values()) hub.beat(frame);
    for (const session of [...sessions]) {
      if (late > STANDSTILL_MS) session.forgive(late);
      session.heartbeat(now);
    }
    ended.sweep();
  }, BEAT_MS);

  const rechecker = clock.setInterval(() => void recheck(), RECHECK_MS);

  async function recheck(): Promise<void> {
    const principals = new Map([...sessions].map(({ principal }) => [credentialOf(principal), principal]));
    await Promise.all(
      [...principals].map(async ([credential, principal]) => {
        try {
          if (!(await auth.stillValid(principal))) closeAll((candidate) => credentialOf(candidate) === credential);
        } catch (error) {
          // A database that is away ends nobody's view; what it has revoked itself arrives on the bus.
          log.warn({ err: error }, "a session could not be checked");
        }
      }),
    );
  }

  function accept(socket: WebSocket, principal: Principal): void {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    sessions.add(new LiveSession(socket, principal, parts));
    metrics.setBrowsers(sessions.size);
  }

  function handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const reject = (code: ErrorCode, extras?: ProblemExtras): void =>
      metrics.countHandshakeRejected("browser", refuseUpgrade(socket, code, extras));
    if (stopping) {
      reject("busy", { detail: "The console is stopping.", retryAfterSeconds: 2 });
      return;
    }
    if (!origins.has(request.headers.origin ?? "")) {
      reject("origin_refused");
      return;
    }
    if (!offersSubprotocol(request.headers["sec-websocket-protocol"], LIVE_SUBPROTOCOL)) {
      reject("request_invalid", { detail: `Offer the subprotocol ${LIVE_SUBPROTOCOL}.` });
      return;
    }
    const ticket = new URLSearchParams(request.url?.split("?")[1] ?? "").get("ticket");
    if (!ticket) {
      reject("unauthenticated", { detail: "Get a ticket from POST /api/v1/live-tickets and add it as ?ticket=." });
      return;
    }
    handshakes.run(socket, () => auth.redeemTicket(ticket), {
      reject,
      accept: (principal) => {
        if (!principal || ended.has(credentialOf(principal))) {
          reject("unauthenticated", { detail: "The ticket is unknown, spent or has expired. Get a new one." });
          return;
        }
        if (stopping) {
          reject("busy", { retryAfterSeconds: 2 });
          return;
        }
        server.handleUpgrade(request, socket, head, (accepted) => accept(accepted, principal));
      },
    });
  }

  return {
    handleUpgrade,
    get viewers() {
      return sessions.size;
    },
    async stop() {
      stopping = true;
      for (const timer of [flusher, beater, rechecker, ...receipts.values()]) timer.cancel();
      unsubscribeBus();
      unsubscribeFleet();
      for (const hub of hubs.values()) hub.stop();
      for (const session of [...sessions]) session.close("goingAway", "");
      await allClosed(sockets);
    },
  };
}

/** What a principal's socket hangs on: its session or its token. */
function credentialOf(principal: Principal): string {
  return principal.kind === "user" ? principal.sessionId : principal.id;
}
