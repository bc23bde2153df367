/** The sockets of a console on a real port, with fakes behind them, and bare clients that speak the wire by hand. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, type ClientOptions } from "ws";
import type { AgentDown } from "../../protocol/agent-down.ts";
import type { LiveDown } from "../../protocol/live.ts";
import { AGENT_PATH, AGENT_SUBPROTOCOL, LIVE_PATH, LIVE_SUBPROTOCOL } from "../../protocol/version.ts";
import type { Clock } from "../../server/clock.ts";
import { createInProcessBus } from "../../server/bus/in-process-bus.ts";
import { createLiveFleet } from "../../server/fleet/create-live-fleet.ts";
import { createAgentGateway, type AgentCaps } from "../../server/gateway/agent-gateway.ts";
import { createLiveGateway } from "../../server/gateway/live-gateway.ts";
import { createUpgradeRouter } from "../../server/gateway/upgrade-router.ts";
import { createLog } from "../../server/log.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeMetrics, FakePolicyFeed, FakeSampleSink, FakeSocketAuth } from "./fake-ports.ts";
import { FakeStore } from "./fake-store.ts";

export const ORIGIN = "https://console.example.com";
export const TOKEN = "Bearer hfa_good";

export interface TestConsoleOptions<C extends Clock = FakeClock> {
  readonly store?: FakeStore;
  readonly feed?: FakePolicyFeed;
  readonly clock?: C;
  readonly caps?: Partial<AgentCaps>;
}

export type TestConsole<C extends Clock = FakeClock> = Awaited<ReturnType<typeof startTestConsole<C>>>;

export async function startTestConsole<C extends Clock = FakeClock>(options: TestConsoleOptions<C> = {}) {
  const log = createLog("silent");
  const clock = options.clock ?? (new FakeClock() as Clock as C);
  const store = options.store ?? new FakeStore();
  const feed = options.feed ?? new FakePolicyFeed();
  const sink = new FakeSampleSink();
  const auth = new FakeSocketAuth();
  const metrics = new FakeMetrics();
  const bus = createInProcessBus(log);
  auth.grants.set(TOKEN, { tokenId: "t1", environment: "production", services: [] });
  auth.grants.set("Bearer hfa_search", { tokenId: "t2", environment: "production", services: ["search"] });
  const fleet = await createLiveFleet({ store, bus, clock, log });
  const agents = createAgentGateway({
    store,
    fleet,
    feed,
    sink,
    auth,
    bus,
    clock,
    log,
    metrics,
    ...(options.caps ? { caps: options.caps } : {}),
  });
  const browsers = createLiveGateway({ store, fleet, auth, bus, clock, log, metrics, origins: [ORIGIN] });
  const server = createServer((_request, response) => response.end());
  createUpgradeRouter({ agents, browsers, metrics }).attach(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  let tickets = 0;
  const clients: TestClient<unknown>[] = [];
  const track = <M>(client: TestClient<M>): TestClient<M> => {
    clients.push(client);
    return client;
  };

  return {
    log,
    clock,
    store,
    feed,
    sink,
    auth,
    metrics,
    bus,
    fleet,
    agents,
    browsers,
    port,
    /** A bare agent socket: nothing is said yet. */
    agent: (open: OpenOptions = {}) =>
      track(new TestClient<AgentDown>(port, { path: AGENT_PATH, protocol: AGENT_SUBPROTOCOL, headers: { authorization: TOKEN }, ...open })),
    /** A bare browser socket with a fresh ticket. */
    browser: (open: OpenOptions & { readonly sessionId?: string } = {}) => {
      const ticket = `ticket-${++tickets}`;
      auth.tickets.set(ticket, { kind: "user", id: "u1", name: "Ada", role: "viewer", sessionId: open.sessionId ?? "s1" });
      return track(
        new TestClient<LiveDown>(port, {
          path: `${LIVE_PATH}?ticket=${ticket}`,
          protocol: LIVE_SUBPROTOCOL,
          headers: { origin: ORIGIN },
          ...open,
        }),
      );
    },
    async stop() {
      for (const client of clients) client.socket.terminate();
      await Promise.all([agents.stop(), browsers.stop()]);
      await fleet.stop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface OpenOptions {
  readonly path?: string;
  readonly protocol?: string | null;
  readonly headers?: Record<string, string>;
  /** False: does not answer pings. */
  readonly autoPong?: boolean;
}

/** A socket whose messages are kept in order. */
export class TestClient<M> {
  readonly socket: WebSocket;
  readonly messages: M[] = [];
  /** Each text frame as it came. */
  readonly frames: string[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** The answer instead of 101. */
  readonly refused: Promise<{
    readonly status: number;
    readonly body: Record<string, unknown>;
    readonly headers: IncomingMessage["headers"];
  }>;

  constructor(port: number, open: OpenOptions) {
    const options: ClientOptions = { headers: open.headers ?? {}, perMessageDeflate: false, autoPong: open.autoPong ?? true };
    const url = `ws://127.0.0.1:${port}${open.path ?? "/"}`;
    this.socket = open.protocol ? new WebSocket(url, [open.protocol], options) : new WebSocket(url, options);
    this.socket.on("error", () => undefined);
    this.socket.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      this.frames.push(text);
      const parsed = JSON.parse(text) as M | M[];
      this.messages.push(...(Array.isArray(parsed) ? parsed : [parsed]));
    });
    this.opened = new Promise((resolve) => this.socket.once("open", () => resolve()));
    this.closed = new Promise((resolve) => this.socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() })));
    this.refused = new Promise((resolve) =>
      this.socket.once("unexpected-response", (_request, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          this.socket.terminate();
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
            headers: response.headers,
          });
        });
      }),
    );
  }

  say(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The first message from `from` on that fits; waits for it. */
  async next<T extends M>(fits: (message: M) => message is T, from?: number): Promise<T>;
  async next(fits: (message: M) => boolean, from?: number): Promise<M>;
  async next(fits: (message: M) => boolean, from = 0): Promise<M> {
    return eventually(() => this.messages.slice(from).find(fits));
  }
}

/** Resolves when the console has read everything that the client sent so far. */
export function heard(client: TestClient<unknown>): Promise<void> {
  return new Promise((resolve) => client.socket.once("pong", () => resolve()).ping());
}

/** Polls until `probe` gives something; fails with what it saw last. */
export async function eventually<T>(probe: () => T | undefined | null | false, withinMs = 5_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = probe();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`gave up waiting for: ${probe.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A hello that is all right. */
export function hello(overrides: Record<string, unknown> = {}) {
  return {
    t: "hello",
    v: 1,
    service: "catalog",
    instance: "c1",
    boot: "boot1",
    agentVersion: "0.1.0",
    runtime: "node 20",
    now: 1_700_000_000_000,
    startedAt: 1_700_000_000_000,
    policy: { revision: 0, digest: 0 },
    ...overrides,
  };
}

export const BREAKER = { id: 0, kind: "breaker", name: "payments" };
export const POOL = { id: 1, kind: "pool", name: "db" };
export const SWITCH = {
  key: "recommendations",
  title: "Recommendations",
  whatUsersLose: "Personal picks",
  positions: ["on", "off"],
  safeDefault: "on",
  position: "on",
};

export function declaration(overrides: Record<string, unknown> = {}) {
  return { t: "declare", resources: [BREAKER, POOL], switches: [SWITCH], retired: [], ...overrides };
}

/** An agent that is welcome. */
export async function joinAgent(
  console: Pick<TestConsole, "agent" | "clock">,
  overrides: Record<string, unknown> = {},
  open: OpenOptions = {},
) {
  const agent = console.agent(open);
  await agent.opened;
  agent.say(hello({ now: console.clock.now(), ...overrides }));
  await agent.next((message) => message.t === "welcome");
  return agent;
}

export function event(seq: number, overrides: Record<string, unknown> = {}) {
  return { seq, at: 1_700_000_000_000, type: "note", data: {}, ...overrides };
}
