/** Servers of node:http, node:https and node:http2: the golden signals, from events alone. An answer of 500 or more is an error. */
import type { Http2Server, ServerHttp2Stream } from "node:http2";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { indexesOf } from "../telemetry/columns.ts";
import { field, hasFunctions, listen, unlisten, type Adapter, type EmitterLike } from "./adapter.ts";

const COLUMN = indexesOf("server");

type HttpServer = (Server | Http2Server) & EmitterLike;

/** What ends with 'close' and then knows its status. */
type Answer = ServerResponse | ServerHttp2Stream;

export const httpServer: Adapter<HttpServer> = {
  kind: "server",
  source: "node",
  counts: [COLUMN.requests, COLUMN.errors],

  recognises: (thing): thing is HttpServer =>
    hasFunctions(thing, "listen", "close", "on", "removeListener", "listenerCount", "getConnections") &&
    (typeof field(thing, "headersTimeout") === "number" || isHttp2(thing)),

  settings: () => ({}),

  attach: (server, { guard, sink, now }) => {
    const startedAt = new WeakMap<Answer, number>();
    let inFlight = 0;
    const ended = guard.wrap((answer: Answer) => {
      const start = startedAt.get(answer);
      if (start === undefined) return;
      startedAt.delete(answer);
      inFlight--;
      const failed = statusOf(answer) >= 500;
      if (failed) sink.count(COLUMN.errors);
      sink.outcome(!failed, now() - start);
    });
    const onClose = function (this: Answer): void {
      ended(this);
    };
    const begun = (answer: Answer): void => {
      sink.count(COLUMN.requests);
      startedAt.set(answer, now());
      inFlight++;
      answer.once("close", onClose);
    };
    // A 'request' listener would switch an HTTP/2 server that has none to the compatibility API; 'stream' changes nothing.
    const byStream = isHttp2(server) && server.listenerCount("request") === 0;
    const listeners: Readonly<Record<string, (...args: never[]) => void>> = byStream
      ? { stream: guard.wrap((stream: ServerHttp2Stream) => begun(stream)) }
      : { request: guard.wrap((_request: IncomingMessage, response: ServerResponse) => begun(response)) };
    listen(server, listeners);
    return {
      read: (_thing, cells) => {
        cells[COLUMN.inFlight] = inFlight;
      },
      detach: (thing) => unlisten(thing, listeners),
    };
  },
};

function isHttp2(thing: object): boolean {
  return hasFunctions(thing, "updateSettings");
}

function statusOf(answer: Answer): number {
  if ("sentHeaders" in answer) return Number((answer.sentHeaders as Record<string, unknown> | undefined)?.[":status"] ?? 0);
  return answer.statusCode;
}
