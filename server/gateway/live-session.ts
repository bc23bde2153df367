import type { WebSocket } from "ws";
import type { CloseName } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { liveUp, type LoggedEvent, type Scope } from "../../protocol/live.ts";
import type { Principal } from "../auth/principal.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { encodeEvents, encodeLive, eventsInScope } from "./live-codec.ts";
import type { LiveHub, LiveViewer } from "./live-hub.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { bytesOf, closePeer, sendText } from "./peer.ts";
import { RateGate } from "./rate-gate.ts";
import { readMessage } from "./read-message.ts";

/** Events after `since`, oldest first; `complete` is false when there are more than may be sent again. `missed`: how many there are. */
export interface MissedEvents {
  readonly events: readonly LoggedEvent[];
  readonly complete: boolean;
  readonly missed: number;
}

export interface LiveSessionParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  readonly hub: (environment: string) => LiveHub;
  /** Highest event id on disk. */
  readonly lastEvent: (environment: string) => Promise<number>;
  readonly eventsAfter: (environment: string, since: number, last: number) => Promise<MissedEvents>;
  /** Called once. */
  readonly ended: (session: LiveSession) => void;
}

/** More than this unread: values are left out until it has drained. */
const BEHIND_BYTES = 64 * 1024;
const DRAINED_BYTES = 16 * 1024;
const BACKLOG = 1_000;
/** Behind for this long without ever draining: cut. */
const BEHIND_MOST_MS = 60_000;
const MESSAGES_PER_SECOND = 5;

type Phase = "silent" | "loading" | "live" | "closed";

/** One browser's socket. */
export class LiveSession implements LiveViewer {
  readonly principal: Principal;
  readonly #socket: WebSocket;
  readonly #parts: LiveSessionParts;
  readonly #rate: RateGate;
  readonly #connectedAt: number;
  #heardAt: number;
  #pingedAt: number;
  #phase: Phase = "silent";
  #subscription = 0;
  #scope: Scope = { environment: "" };
  #hub: LiveHub | null = null;
  /** Events that wait for the socket or for the subscription, oldest first. */
  #backlog: LoggedEvent[] = [];
  #missed = 0;
  /** Just after a subscription: events that were part of it and may come a second time. */
  #told: ((event: LoggedEvent) => boolean) | null = null;
  #behindSince: number | null = null;
  /** Bytes of a snapshot that may still be on their way, on top of what a reader in time may leave unread. */
  #allowance = 0;
  #owedPolicy: Buffer | null = null;

  constructor(socket: WebSocket, principal: Principal, parts: LiveSessionParts) {
    this.#socket = socket;
    this.principal = principal;
    this.#parts = parts;
    const now = parts.clock.monotonic();
    this.#connectedAt = this.#heardAt = this.#pingedAt = now;
    this.#rate = new RateGate(MESSAGES_PER_SECOND, now);
    socket.on("message", (data, isBinary) => this.#received(bytesOf(data), isBinary));
    socket.on("ping", () => (this.#heardAt = parts.clock.monotonic()));
    socket.on("pong", () => (this.#heardAt = parts.clock.monotonic()));
    socket.on("error", (error) => parts.log.debug({ err: error }, "a browser's socket failed"));
    socket.on("close", () => this.#ended());
  }

  get scope(): Scope {
    return this.#scope;
  }

  close(name: CloseName, reason: string): void {
    if (this.#phase === "closed") return;
    this.#parts.metrics.countEvicted("browser", name);
    closePeer(this.#socket, name, reason);
    this.#ended();
  }

  /** Every second. */
  heartbeat(now: number): void {
    if (this.#phase === "closed") return;
    if (now - this.#heardAt >= LIMITS.deadPeerMs) {
      this.close("deadPeer", "");
      return;
    }
    if (this.#phase === "silent" && now - this.#connectedAt >= LIMITS.helloDeadlineMs) {
      this.close("helloTimeout", "no subscribe");
      return;
    }
    if (this.#behindSince !== null && now - this.#behindSince >= BEHIND_MOST_MS) {
      this.close("slowConsumer", "");
      return;
    }
    if (now - this.#pingedAt < LIMITS.heartbeatMs) return;
    this.#pingedAt = now;
    this.#socket.ping(undefined, undefined, ignore);
  }

  /** The loop stood still: the silence was ours. */
  forgive(ms: number): void {
    this.#heardAt += ms;
  }

  state(frame: Buffer, instances: number): void {
    if (this.#phase !== "live") return;
    if (this.#keepsUp()) this.#send(frame);
    else this.#parts.metrics.countDropped("browser-deltas", instances);
  }

  events(frame: Buffer, events: readonly LoggedEvent[]): void {
    const told = this.#told;
    if (this.#phase === "live" && told && events.some(told)) {
      const fresh = events.filter((event) => !told(event));
      if (fresh.length > 0) this.#take(encodeEvents(fresh, this.#parts.clock.now()), fresh);
    } else this.#take(frame, events);
  }

  #take(frame: Buffer, events: readonly LoggedEvent[]): void {
    if (this.#phase === "live" && this.#keepsUp()) {
      this.#send(frame);
      return;
    }
    if (this.#phase === "silent" || this.#phase === "closed") return;
    this.#backlog.push(...events);
    const over = this.#backlog.length - BACKLOG;
    if (over <= 0) return;
    this.#backlog.splice(0, over);
    this.#missed += over;
    this.#parts.metrics.countDropped("browser-events", over);
  }

  policy(frame: Buffer): void {
    if (this.#phase === "live" && this.#keepsUp()) this.#send(frame);
    else this.#owedPolicy = frame;
  }

  beat(frame: Buffer): void {
    if (this.#phase === "live" && this.#keepsUp()) this.#send(frame);
  }

  restart(): void {
    if (this.#phase !== "live") return;
    if (this.#keepsUp()) this.#snapshot(this.#hub?.lastEvent ?? 0);
  }

  tick(): void {
    if (this.#phase !== "live") return;
    this.#told = null;
    const buffered = this.#socket.bufferedAmount;
    if (buffered <= DRAINED_BYTES) this.#allowance = 0;
    if (buffered > LIMITS.maxBuffered + this.#allowance) {
      this.close("slowConsumer", "");
      return;
    }
    if (this.#behindSince !== null && buffered <= DRAINED_BYTES) this.#catchUp();
  }

  #keepsUp(): boolean {
    if (this.#behindSince !== null) return false;
    if (this.#socket.bufferedAmount <= BEHIND_BYTES + this.#allowance) return true;
    this.#behindSince = this.#parts.clock.monotonic();
    return false;
  }

  #catchUp(): void {
    const { clock } = this.#parts;
    this.#behindSince = null;
    this.#send(encodeLive({ t: "resync", now: clock.now(), missed: this.#missed, reason: "slow" }));
    this.#missed = 0;
    const first = this.#backlog[0];
    this.#snapshot(first ? first.id - 1 : (this.#hub?.lastEvent ?? 0));
    this.#sendBacklog();
  }

  #snapshot(lastEvent: number): void {
    const frame = this.#hub?.snapshot(this.#scope, lastEvent);
    if (!frame) return;
    this.#allowance += frame.length;
    this.#send(frame);
  }

  #sendBacklog(): void {
    if (this.#backlog.length > 0) this.#send(encodeEvents(this.#backlog, this.#parts.clock.now()));
    this.#backlog = [];
    if (this.#owedPolicy) this.#send(this.#owedPolicy);
    this.#owedPolicy = null;
  }

  #send(frame: Buffer): void {
    if (this.#phase !== "closed") sendText(this.#socket, frame);
  }

  #received(bytes: Buffer, isBinary: boolean): void {
    if (this.#phase === "closed") return;
    this.#heardAt = this.#parts.clock.monotonic();
    if (isBinary) {
      this.close("badMessage", "text frames only");
      return;
    }
    if (this.#rate.take(1, this.#heardAt) !== "ok") {
      this.close("rateLimited", "too many messages");
      return;
    }
    const read = readMessage(bytes.toString("utf8"), liveUp);
    if ("close" in read) {
      this.close(read.close, read.reason);
      return;
    }
    if (read.message.t === "alive") return;
    const { scope, sinceEvent } = read.message;
    this.#subscribe(scope, sinceEvent).catch((error: unknown) => {
      this.#parts.log.error({ err: error }, "a browser could not subscribe");
      this.close("internal", "");
    });
  }

  async #subscribe(scope: Scope, sinceEvent: number | undefined): Promise<void> {
    const { lastEvent, eventsAfter, hub, clock } = this.#parts;
    const subscription = ++this.#subscription;
    this.#hub?.leave(this);
    this.#scope = scope;
    this.#phase = "loading";
    this.#backlog = [];
    this.#missed = 0;
    this.#behindSince = null;
    // From here on events are kept for us, so that none falls between what is read and what is told.
    this.#hub = hub(scope.environment);
    this.#hub.join(this);
    const last = await lastEvent(scope.environment);
    const since = sinceEvent === undefined || sinceEvent > last ? null : await eventsAfter(scope.environment, sinceEvent, last);
    if (subscription !== this.#subscription || this.#isClosed()) return;
    this.#phase = "live";
    this.#hub.readable(last);
    if (sinceEvent !== undefined && since?.complete && this.#missed === 0) this.#resume(sinceEvent, since.events);
    else {
      const missed = Math.max(this.#missed, since?.missed ?? 0);
      if (sinceEvent !== undefined || missed > 0)
        this.#send(encodeLive({ t: "resync", now: clock.now(), missed, reason: since ? "gap" : "restart" }));
      this.#backlog = this.#backlog.filter((event) => event.id > last);
      this.#told = (event) => event.id <= last;
      this.#snapshot(last);
    }
    this.#missed = 0;
    this.#sendBacklog();
  }

  /** Events after `sinceEvent` follow the snapshot: those that were read, then those that came meanwhile. */
  #resume(sinceEvent: number, read: readonly LoggedEvent[]): void {
    const known = new Set(read.map((event) => event.id));
    this.#backlog = [...eventsInScope(this.#scope, read), ...this.#backlog.filter((event) => !known.has(event.id))];
    this.#told = (event) => known.has(event.id);
    this.#snapshot(sinceEvent);
  }

  #isClosed(): boolean {
    return this.#phase === "closed";
  }

  #ended(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#hub?.leave(this);
    this.#hub = null;
    this.#backlog = [];
    this.#parts.ended(this);
  }
}

function ignore(): void {
  // A failed ping is followed by a close event.
}
