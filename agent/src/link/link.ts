/**
 * The link to the console: one state machine, one timer. It connects, greets, keeps watch over the peer, and comes back after
 * whatever ended it. What travels over it is the business of the session.
 */
import { CLOSE } from "../../../protocol/close-codes.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { describeError, type Journal } from "../journal.ts";
import type { Runtime, Timer } from "../runtime.ts";
import type { LinkState } from "../types.ts";
import { retryAfterMs, waitAfter, type LinkEnd } from "./back-off.ts";
import type { Socket, SocketHandlers } from "./socket.ts";

const HANDSHAKE_MS = 10_000;
/** How often silence is judged. A dead peer is found within `deadAfterMs` and one such beat. */
const BEAT_MS = 5_000;
const DEAD_AFTER_MS = LIMITS.deadPeerMs - BEAT_MS;
const ABNORMAL = 1006;
const NORMAL = 1000;

export interface SessionHandlers {
  /** The socket is open: say hello. */
  opened(socket: Socket): void;
  text(message: string): void;
  binary(): void;
  /** After a welcome only: the link is gone. */
  closed(): void;
}

export interface LinkParts {
  readonly url: string;
  readonly token: string;
  readonly runtime: Runtime;
  readonly journal: Journal;
  readonly session: SessionHandlers;
}

export class Link {
  state: LinkState = "idle";
  /** Why the link is not up; null while it is. */
  problem: string | null = null;
  /** Links made after the first. */
  reconnects = 0;
  readonly #parts: LinkParts;
  #timer: Timer | null = null;
  #socket: Socket | null = null;
  /** Attempts, so that a late callback of an old socket is recognised. */
  #attempt = 0;
  #failures = 0;
  #greetings = 0;
  #greetedAt = 0;
  #heardAt = 0;
  #beatDueAt = 0;
  #window: readonly [number, number] | null = null;
  #refusal: { readonly status: number; readonly retryAfterMs: number | null } | null = null;
  #onStopped: (() => void) | null = null;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.state === "idle") this.#connect();
  }

  /** The console answered hello. */
  greeted(): void {
    if (this.state !== "greeting") return;
    this.state = "open";
    this.problem = null;
    this.#greetedAt = this.#parts.runtime.monoNow();
    if (++this.#greetings > 1) this.reconnects++;
    this.#beat();
  }

  /** The console will close: when to come back. */
  goodbye(window: readonly [number, number]): void {
    this.#window = window;
  }

  /** Ends this connection with a close code of ours; the link comes back. */
  giveUp(code: number, reason: string): void {
    this.#socket?.close(code, reason);
    this.#arm(BEAT_MS, () => this.#socket?.terminate());
  }

  /** Ends the link for good. `done` is called when the socket is gone. */
  stop(done: () => void): void {
    const socket = this.#socket;
    this.#timer?.cancel();
    this.state = "stopped";
    this.problem = "closed by the host";
    if (socket === null) {
      done();
      return;
    }
    this.#onStopped = done;
    socket.close(NORMAL, "closing");
  }

  /** Drops the socket without waiting for anything. */
  terminate(): void {
    this.#socket?.terminate();
  }

  #connect(): void {
    const attempt = ++this.#attempt;
    const current = (): boolean => attempt === this.#attempt;
    this.state = "connecting";
    this.#window = null;
    this.#refusal = null;
    const { runtime, session } = this.#parts;
    const handlers: SocketHandlers = {
      opened: () => {
        if (!current() || this.state !== "connecting" || this.#socket === null) return;
        this.state = "greeting";
        this.#heardAt = runtime.monoNow();
        this.#arm(HANDSHAKE_MS, () => this.#expired("the console did not answer hello"));
        session.opened(this.#socket);
      },
      text: (message) => {
        if (current() && this.#listening()) session.text(message);
      },
      binary: () => {
        if (current() && this.#listening()) session.binary();
      },
      heard: () => {
        if (current()) this.#heardAt = runtime.monoNow();
      },
      refused: (status, retryAfter) => {
        if (current()) this.#refusal = { status, retryAfterMs: retryAfterMs(retryAfter, runtime.wallNow()) };
      },
      closed: (code) => {
        if (current()) this.#closed(code);
      },
    };
    // The socket has a deadline of its own; this one is for a socket that never calls back.
    this.#arm(HANDSHAKE_MS + BEAT_MS, () => this.#expired("the console did not answer"));
    try {
      this.#socket = runtime.openSocket({ url: this.#parts.url, token: this.#parts.token, handshakeTimeoutMs: HANDSHAKE_MS }, handlers);
    } catch (error) {
      this.#parts.journal.once("open socket", "error", `the console cannot be reached: ${describeError(error)}`);
      this.#closed(ABNORMAL);
    }
  }

  #listening(): boolean {
    return this.state === "greeting" || this.state === "open";
  }

  #beat(): void {
    const { runtime } = this.#parts;
    this.#beatDueAt = runtime.monoNow() + BEAT_MS;
    this.#arm(BEAT_MS, () => {
      const now = runtime.monoNow();
      // Our own loop was blocked: what the console sent meanwhile has not been read yet.
      const late = now - this.#beatDueAt >= BEAT_MS;
      if (!late && now - this.#heardAt >= DEAD_AFTER_MS) {
        this.#expired("the console fell silent");
        return;
      }
      if (now - this.#heardAt >= BEAT_MS / 2) this.#socket?.ping();
      this.#beat();
    });
  }

  #expired(why: string): void {
    const socket = this.#socket;
    this.#closed(CLOSE.deadPeer.code, why);
    socket?.terminate();
  }

  #closed(code: number, why?: string): void {
    const wasOpen = this.state === "open";
    const stopped = this.state === "stopped";
    this.#attempt++;
    this.#socket = null;
    this.#timer?.cancel();
    if (!stopped) this.state = "waiting";
    if (wasOpen || stopped) this.#parts.session.closed();
    if (stopped) {
      const done = this.#onStopped;
      this.#onStopped = null;
      done?.();
      return;
    }
    if (wasOpen && this.#parts.runtime.monoNow() - this.#greetedAt >= LIMITS.stableLinkMs) this.#failures = 0;
    const end: LinkEnd = {
      code,
      status: this.#refusal?.status ?? null,
      retryAfterMs: this.#refusal?.retryAfterMs ?? null,
      window: this.#window,
    };
    const wait = waitAfter(end, this.#failures, () => this.#parts.runtime.random());
    this.#failures++;
    this.problem = why ?? wait.reason;
    if (wait.delayMs === null) {
      this.state = "stopped";
      this.#parts.journal.once(`fatal ${code}`, "error", `the link to the console is given up until a restart: ${wait.reason}`);
      return;
    }
    if (end.status === 401 || end.status === 403 || code === CLOSE.unauthorized.code || code === CLOSE.forbidden.code) {
      this.#parts.journal.once(`refused ${end.status ?? code}`, "warn", `the console refuses this agent: ${wait.reason}`);
    }
    this.#arm(wait.delayMs, () => this.#connect());
  }

  #arm(ms: number, call: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#parts.runtime.after(ms, call);
  }
}
