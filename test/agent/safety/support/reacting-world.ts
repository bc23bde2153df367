/** A world whose network answers by itself: each socket is treated a millisecond after it was opened. */
import type { SocketHandlers, SocketTarget } from "../../../../agent/src/link/socket.ts";
import { columnsOf } from "../../../../protocol/kinds.ts";
import { FrameDecoder } from "../../../../protocol/frame.ts";
import { FakeSocket, FakeWorld } from "../../support/fake-world.ts";

export class ReactingWorld extends FakeWorld {
  /** When each socket was opened. */
  readonly openedAt: number[] = [];
  treat: (socket: FakeSocket) => void;

  constructor(treat: (socket: FakeSocket) => void) {
    super();
    this.treat = treat;
  }

  override readonly openSocket = (target: SocketTarget, handlers: SocketHandlers): FakeSocket => {
    const socket = new FakeSocket(target, handlers);
    this.sockets.push(socket);
    this.openedAt.push(this.mono);
    this.after(1, () => this.treat(socket));
    return socket;
  };

  /** The shortest time between two attempts. */
  get shortestPauseMs(): number {
    return Math.min(...this.openedAt.slice(1).map((at, i) => at - (this.openedAt[i] ?? 0)));
  }
}

interface SeenFrame {
  readonly seq: number;
  readonly at: number;
  readonly live: boolean;
}

/** Frames as the console reads them. @throws when one cannot be decoded. */
export function framesOf(socket: FakeSocket): SeenFrame[] {
  const decoder = new FrameDecoder();
  return socket.frames.map((frame) => {
    const { seq, at, kind } = decoder.decode(frame);
    return { seq, at, live: kind === 1 };
  });
}

/** Columns of a resource in the newest live sample; null when unknown. */
export function latestOf(socket: FakeSocket, name: string): Record<string, number | null> {
  const decoder = new FrameDecoder();
  for (const frame of socket.frames) decoder.decode(frame);
  let offset = 0;
  for (const resource of socket.messages().flatMap((message) => (message.t === "declare" ? message.resources : []))) {
    const columns = columnsOf(resource.kind);
    if (resource.name === name) {
      return Object.fromEntries(
        columns.map((column, i) => {
          const slot = decoder.live.row[offset + i] ?? 0;
          return [column.name, slot === 0 ? null : slot - 1];
        }),
      );
    }
    offset += columns.length;
  }
  throw new Error(`no resource ${name}`);
}

/** What the console learns of events on one connection. */
export function eventsOf(socket: FakeSocket): { readonly seqs: readonly number[]; readonly dropped: number; readonly messages: number } {
  const all = socket.messages().flatMap((message) => (message.t === "events" ? [message] : []));
  return {
    seqs: all.flatMap(({ events }) => events.map(({ seq }) => seq)),
    dropped: all.reduce((sum, message) => sum + message.dropped, 0),
    messages: all.length,
  };
}
