/** A console small enough to read: checks every message against the real schemas, decodes every frame, says what a test tells it to say. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import type { AgentDown, Welcome } from "../../../protocol/agent-down.ts";
import {
  agentUp,
  type AgentEvent,
  type AgentUp,
  type Hello,
  type ResourceDeclaration,
  type SwitchDeclaration,
} from "../../../protocol/agent-up.ts";
import { FrameDecoder } from "../../../protocol/frame.ts";
import { columnsOf } from "../../../protocol/kinds.ts";
import { AGENT_PATH, AGENT_SUBPROTOCOL, PROTOCOL_VERSION } from "../../../protocol/version.ts";
import { until } from "./until.ts";

interface Sample {
  readonly kind: "live" | "backfill";
  readonly key: boolean;
  readonly seq: number;
  readonly at: number;
  readonly row: readonly number[];
}

export interface ConsoleLink {
  readonly socket: WebSocket;
  readonly token: string | undefined;
  hello: Hello | null;
  readonly messages: AgentUp[];
  readonly resources: ResourceDeclaration[];
  readonly switches: Map<string, SwitchDeclaration>;
  readonly retired: Set<number>;
  readonly events: AgentEvent[];
  readonly samples: Sample[];
  dropped: number;
  /** Order of arrival: message types, and "frame:live" / "frame:backfill". */
  readonly order: string[];
  say(message: AgentDown | readonly AgentDown[]): void;
}

export interface FakeConsoleOptions {
  /** Answer hello with a welcome. Default true. */
  readonly greet?: boolean;
  /** Acknowledge events as they come. Default true. */
  readonly acknowledge?: boolean;
  readonly welcome?: (link: ConsoleLink) => Partial<Welcome>;
  /** Answer the upgrade with this status instead of 101. */
  readonly refuse?: { readonly status: number; readonly headers?: Record<string, string> };
  readonly port?: number;
}

export interface FakeConsole {
  readonly url: string;
  readonly port: number;
  readonly links: ConsoleLink[];
  /** Things an agent must never do: messages that fail the schema, frames that do not decode. */
  readonly violations: string[];
  options: FakeConsoleOptions;
  /** The newest link, once it is greeted. */
  link(): Promise<ConsoleLink>;
  close(): Promise<void>;
}

export async function startFakeConsole(options: FakeConsoleOptions = {}): Promise<FakeConsole> {
  const http: Server = createServer((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: () => AGENT_SUBPROTOCOL,
    perMessageDeflate: false,
    maxPayload: 256 * 1024,
  });
  const links: ConsoleLink[] = [];
  const violations: string[] = [];
  const self: FakeConsole = {
    url: "",
    port: 0,
    links,
    violations,
    options,
    link: () => until("an agent is greeted", () => links.filter((link) => link.hello !== null && link.order.includes("status")).at(-1)),
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
  http.on("upgrade", (request, socket, head) => {
    const { refuse } = self.options;
    if (refuse !== undefined || request.url !== AGENT_PATH) {
      const headers = Object.entries(refuse?.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${refuse?.status ?? 404} Refused\r\nContent-Length: 0\r\nConnection: close\r\n${headers.join("")}\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => accept(self, accepted, request.headers.authorization));
  });
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return Object.assign(self, { port, url: `http://127.0.0.1:${port}` });
}

function accept(self: FakeConsole, socket: WebSocket, authorization: string | undefined): void {
  const link: ConsoleLink = {
    socket,
    token: authorization?.replace(/^Bearer /, ""),
    hello: null,
    messages: [],
    resources: [],
    switches: new Map(),
    retired: new Set(),
    events: [],
    samples: [],
    dropped: 0,
    order: [],
    say: (message) => socket.send(JSON.stringify(message)),
  };
  self.links.push(link);
  const decoder = new FrameDecoder();
  socket.on("error", () => undefined);
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    try {
      if (isBinary) frame(link, decoder, data);
      else text(self, link, data.toString("utf8"));
    } catch (error) {
      self.violations.push(String(error));
    }
  });
}

function text(self: FakeConsole, link: ConsoleLink, raw: string): void {
  const message = agentUp.parse(JSON.parse(raw));
  link.messages.push(message);
  link.order.push(message.t);
  if (link.hello === null && message.t !== "hello") throw new Error(`${message.t} before hello`);
  switch (message.t) {
    case "hello":
      link.hello = message;
      if (self.options.greet !== false) {
        link.say({
          t: "welcome",
          v: PROTOCOL_VERSION,
          now: Date.now(),
          session: "s1",
          environment: "test",
          sampleMs: 1000,
          eventsAcked: 0,
          framesAcked: 0,
          ...self.options.welcome?.(link),
        });
      }
      return;
    case "declare":
      for (const resource of message.resources) {
        if (resource.id > link.resources.length) throw new Error(`resource id ${resource.id} is not dense`);
        link.resources[resource.id] = resource;
      }
      for (const declared of message.switches) link.switches.set(declared.key, declared);
      for (const id of message.retired) link.retired.add(id);
      return;
    case "events":
      link.dropped += message.dropped;
      link.events.push(...message.events);
      if (self.options.acknowledge !== false) link.say({ t: "ack", events: message.events.at(-1)?.seq ?? 0 });
      return;
    default:
      return;
  }
}

function frame(link: ConsoleLink, decoder: FrameDecoder, data: Buffer): void {
  const slots = link.resources.reduce((sum, resource) => sum + columnsOf(resource.kind).length, 0);
  const header = decoder.decode(data, slots);
  const kind = header.kind === 1 ? "live" : "backfill";
  link.order.push(`frame:${kind}`);
  const { row } = kind === "live" ? decoder.live : decoder.backfill;
  link.samples.push({
    kind,
    key: ((data[0] ?? 0) & 0x10) !== 0,
    seq: header.seq,
    at: header.at,
    row: Array.from(row.subarray(0, header.slots)),
  });
}

/** Values of a resource in a sample by column name; null when unknown. */
function valuesOf(link: ConsoleLink, name: string, sample: Sample): Record<string, number | null> {
  let offset = 0;
  for (const resource of link.resources) {
    const columns = columnsOf(resource.kind);
    if (resource.name === name && !link.retired.has(resource.id)) {
      return Object.fromEntries(
        columns.map((column, i) => [column.name, (sample.row[offset + i] ?? 0) === 0 ? null : (sample.row[offset + i] ?? 0) - 1]),
      );
    }
    offset += columns.length;
  }
  throw new Error(`no resource ${name}`);
}

/** Waits for a live sample in which the resource looks as wanted. */
export function sampleWhere(
  link: ConsoleLink,
  name: string,
  wanted: (values: Record<string, number | null>) => boolean,
): Promise<Record<string, number | null>> {
  return until(`${name} looks as wanted`, () => {
    const last = link.samples.filter((sample) => sample.kind === "live").at(-1);
    if (last === undefined || !link.resources.some((resource) => resource.name === name)) return null;
    const values = valuesOf(link, name, last);
    return wanted(values) ? values : null;
  });
}
