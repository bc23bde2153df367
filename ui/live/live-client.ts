/** The browser's end of the live socket: one connection, one timer, full jitter, silence noticed within 3 s. No React here. */
import type { LiveUp } from "../../protocol/live.ts";
import { LIVE_PATH, LIVE_SUBPROTOCOL } from "../../protocol/version.ts";
import type { LiveStore } from "./live-store.ts";

/** The console beats every second; three missed beats are a lost link. */
export const SILENCE_MS = 3000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 10_000;
const ALIVE_MS = 10_000;
const CLOSE_UNAUTHORIZED = 4401;
/** A picture that comes late may be the fault of a clock that was set: it is compared anew this often. */
const COMPARE_MS = 15_000;

/** What lets a socket in, and the console's clock when it was given out. */
export interface Ticket {
  readonly ticket: string;
  readonly now: number;
}

export interface LiveClientOptions {
  readonly store: LiveStore;
  /** Takes each word of the console, as it came. */
  readonly hear: (text: string) => void;
  readonly environment: string;
  /** A one-use ticket. Rejects when the session is over. */
  readonly ticket: () => Promise<Ticket>;
  /** The session is over: go and sign in. */
  readonly signedOut: () => void;
  readonly origin: string;
  readonly random?: () => number;
  readonly clock?: () => number;
}

/** Thrown by `ticket` when the console says that nobody is signed in. */
export class SignedOut extends Error {
  override readonly name = "SignedOut";
}

/** Starts the connection; the returned function ends it for good. */
export function startLiveClient(options: LiveClientOptions): () => void {
  const { store } = options;
  const random = options.random ?? Math.random;
  const clock = options.clock ?? Date.now;
  let socket: WebSocket | undefined;
  let ended = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watch: ReturnType<typeof setInterval> | undefined;
  let heardAt = 0;
  let aliveAt = 0;
  let comparedAt = 0;

  const send = (message: LiveUp): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };

  function again(): void {
    if (ended) return;
    attempt++;
    store.setConnection({ state: store.connection.now === 0 ? "connecting" : "lost", attempt });
    clearTimeout(timer);
    timer = setTimeout(() => void connect(), random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt));
  }

  function drop(): void {
    clearInterval(watch);
    const old = socket;
    socket = undefined;
    if (old) {
      old.onclose = null;
      old.onmessage = null;
      old.onerror = null;
      old.close();
    }
  }

  async function connect(): Promise<void> {
    let ticket: string;
    try {
      const given = await options.ticket();
      ticket = given.ticket;
      store.compareClocks(given.now);
    } catch (error) {
      if (error instanceof SignedOut) options.signedOut();
      else again();
      return;
    }
    if (ended) return;
    const opened = new WebSocket(
      `${options.origin.replace(/^http/, "ws")}${LIVE_PATH}?ticket=${encodeURIComponent(ticket)}`,
      LIVE_SUBPROTOCOL,
    );
    socket = opened;
    heardAt = clock();
    opened.onopen = () => {
      aliveAt = clock();
      send({
        t: "subscribe",
        scope: { environment: options.environment },
        ...(store.connection.now > 0 ? { sinceEvent: store.lastEvent } : {}),
      });
    };
    opened.onmessage = (message: MessageEvent<string>) => {
      heardAt = clock();
      attempt = 0;
      options.hear(message.data);
    };
    opened.onclose = (event) => {
      drop();
      if (event.code === CLOSE_UNAUTHORIZED) options.signedOut();
      else again();
    };
    clearInterval(watch);
    watch = setInterval(() => {
      const now = clock();
      if (now - heardAt > SILENCE_MS && store.connection.state === "live") store.setConnection({ state: "lost" });
      if (store.connection.state === "lost" && now - heardAt <= SILENCE_MS && now - comparedAt > COMPARE_MS) {
        comparedAt = now;
        void options.ticket().then(
          (given) => store.compareClocks(given.now),
          () => undefined,
        );
      }
      if (now - heardAt > SILENCE_MS * 3) {
        drop();
        again();
      } else if (now - aliveAt > ALIVE_MS) {
        aliveAt = now;
        send({ t: "alive" });
      }
    }, 500);
  }

  void connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    drop();
  };
}
