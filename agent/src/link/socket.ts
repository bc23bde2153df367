/** A link to a console as the agent sees it. Implemented over `ws`; tests implement it without a network. */
export interface SocketTarget {
  /** Full URL of the agent endpoint, ws: or wss:. */
  readonly url: string;
  readonly token: string;
  readonly handshakeTimeoutMs: number;
}

export interface SocketHandlers {
  opened(): void;
  text(message: string): void;
  /** A binary frame arrived; the console never sends one, so only the fact counts. */
  binary(): void;
  /** A pong, a ping or a message arrived. */
  heard(): void;
  /** The upgrade was answered with an HTTP status. `closed` follows. */
  refused(status: number, retryAfter: string | undefined): void;
  /** Called exactly once, whatever happened before. 1006 when there was no close frame. */
  closed(code: number, reason: string): void;
}

export interface Socket {
  sendText(message: string): void;
  sendBytes(bytes: Uint8Array): void;
  ping(): void;
  close(code: number, reason: string): void;
  /** Drops the connection without a closing handshake. */
  terminate(): void;
  /** Bytes written and not yet taken by the network. */
  readonly buffered: number;
}

/** Never throws; failures arrive through `closed`. */
export type OpenSocket = (target: SocketTarget, handlers: SocketHandlers) => Socket;
