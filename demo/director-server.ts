/** The director's HTTP door on loopback: a page with buttons, and the same for scripts. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { LONGEST_SECONDS, type Director } from "./director.ts";
import { FAILURE_NAMES, isFailureName } from "./failures.ts";
import { directorPage } from "./pages/director-page.ts";

export interface DirectorServerOptions {
  readonly director: Director;
  /** Answer of GET /load. */
  readonly load: () => unknown;
  /** Answer of GET /processes. */
  readonly processes: () => unknown;
}

const BODY_LIMIT = 4_096;

export function createDirectorServer(options: DirectorServerOptions): Server {
  return createServer((request, response) => {
    answer(options, request).then(
      ([status, body]) => send(response, status, body),
      () => send(response, 400, { error: 'the body must be empty or {"seconds": 1 to 3600}' }),
    );
  });
}

async function answer(options: DirectorServerOptions, request: IncomingMessage): Promise<[number, unknown]> {
  const { director } = options;
  const [, what, name, more] = (request.url ?? "/").split("?")[0]?.split("/") ?? [];
  const method = request.method ?? "GET";
  if (!isOurs(request)) return [403, { error: "only for this machine: use the director's own address" }];
  if (method === "GET" && name === undefined) {
    if (what === "") return [200, directorPage(director.status())];
    if (what === "failures") return [200, { items: director.status() }];
    if (what === "load") return [200, options.load()];
    if (what === "processes") return [200, options.processes()];
  }
  if (what !== "failures" || name === undefined || more !== undefined)
    return [404, { error: `nothing at ${method} ${request.url ?? "/"}` }];
  if (!isFailureName(name)) return [404, { error: `there is no failure of that name; there are ${FAILURE_NAMES.join(", ")}` }];
  if (method === "POST") director.begin(name, await readSeconds(request));
  else if (method === "DELETE") director.end(name);
  else return [405, { error: "use POST to begin and DELETE to end" }];
  return [200, director.status().find((status) => status.name === name)];
}

/** No other site's page may make things fail, not even by a name that resolves to this machine. */
function isOurs({ headers }: IncomingMessage): boolean {
  const host = headers.host ?? "";
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) return false;
  return headers.origin === undefined || headers.origin === `http://${host}`;
}

/** Undefined when nothing is said. Throws on anything but whole seconds within the limits. */
async function readSeconds(request: IncomingMessage): Promise<number | undefined> {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.length > BODY_LIMIT) throw new Error("too long");
  }
  if (text.trim() === "") return undefined;
  const body: unknown = JSON.parse(text);
  if (typeof body !== "object" || body === null) throw new Error("not an object");
  const seconds: unknown = "seconds" in body ? body.seconds : undefined;
  if (seconds === undefined) return undefined;
  if (typeof seconds !== "number" || !(seconds >= 1 && seconds <= LONGEST_SECONDS)) throw new Error("out of range");
  return seconds;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const type = typeof body === "string" ? "text/html; charset=utf-8" : "application/json";
  response.writeHead(status, { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}
