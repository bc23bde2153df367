import type { RawData, ServerOptions, WebSocket } from "ws";
import { CLOSE, type CloseName } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";

/** A closing handshake that is not answered is cut after this. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Options of both socket servers, so that neither can be made to buffer or inflate without bounds. */
export function socketOptions(maxPayload: number, subprotocol: string): ServerOptions {
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    maxFragments: LIMITS.maxFragments,
    maxBufferedChunks: LIMITS.maxBufferedChunks,
    closeTimeout: CLOSE_TIMEOUT_MS,
    handleProtocols: (offers) => (offers.has(subprotocol) ? subprotocol : false),
  };
  return options;
}

/** Sends a frame of text; shared frames come as a Buffer of UTF-8. Failures end in a close event. */
export function sendText(socket: WebSocket, frame: string | Buffer): void {
  socket.send(frame, { binary: false }, ignoreFailure);
}

/**
 * A whole text message as RFC 6455 frames it for a client: unmasked, so the same bytes do for everyone. Written to the stream beneath
 * a socket it costs half of what framing it for each of ten thousand does.
 */
export function frameText(text: string): Buffer {
  const payload = Buffer.byteLength(text);
  const head = payload < 126 ? 2 : payload < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + payload);
  frame[0] = 0x81;
  if (head === 2) frame[1] = payload;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(payload, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(payload), 2);
  }
  frame.write(text, head);
  return frame;
}

/** Closes with a code of the table. A peer that does not read is cut off, for it would not see the closing frame either. */
export function closePeer(socket: WebSocket, name: CloseName, reason: string): void {
  const close = CLOSE[name];
  socket.close(close.code, shortReason(reason === "" ? close.name : reason));
  if (name === "slowConsumer" || name === "deadPeer") socket.terminate();
}

/** Bytes of a message. */
export function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** A close reason has at most 123 bytes. */
function shortReason(reason: string): string {
  let short = reason.slice(0, 123);
  while (Buffer.byteLength(short) > 123) short = short.slice(0, -1);
  return short;
}

/** For writes whose failure is followed by a close event. */
export function ignoreFailure(): void {
  // Nothing to do.
}

/** Waits for closing handshakes, then cuts what is left. In real time: the sockets are real, whatever clock decides about them. */
export async function allClosed(sockets: ReadonlySet<WebSocket>): Promise<void> {
  if (sockets.size === 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
      resolve();
    }, CLOSE_TIMEOUT_MS + 1_000);
    for (const socket of sockets)
      socket.once("close", () => {
        if (sockets.size > 0) return;
        clearTimeout(timer);
        resolve();
      });
  });
}
