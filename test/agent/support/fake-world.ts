/** Time and network in the hands of a test. */
import type { AgentConfig } from "../../../agent/src/options.ts";
import type { Socket, SocketHandlers, SocketTarget } from "../../../agent/src/link/socket.ts";
import type { Runtime, Timer } from "../../../agent/src/runtime.ts";
import type { AgentDown } from "../../../protocol/agent-down.ts";
import { agentUp, type AgentUp } from "../../../protocol/agent-up.ts";

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly call: () => void;
}

export class FakeSocket implements Socket {
  readonly target: SocketTarget;
  readonly handlers: SocketHandlers;
  readonly texts: string[] = [];
  readonly frames: Uint8Array[] = [];
  pings = 0;
  buffered = 0;
  closedWith: number | null = null;
  terminated = false;

  constructor(target: SocketTarget, handlers: SocketHandlers) {
    this.target = target;
    this.handlers = handlers;
  }

  sendText(message: string): void {
    this.texts.push(message);
  }
  sendBytes(bytes: Uint8Array): void {
    this.frames.push(bytes);
  }
  ping(): void {
    this.pings++;
  }
  close(code: number): void {
    this.closedWith = code;
  }
  terminate(): void {
    this.terminated = true;
    this.handlers.closed(1006, "");
  }

  messages(): AgentUp[] {
    return this.texts.map((text) => agentUp.parse(JSON.parse(text)));
  }

  say(message: AgentDown | readonly AgentDown[]): void {
    this.handlers.heard();
    this.handlers.text(JSON.stringify(message));
  }

  /** Opens and greets. */
  greet(sequences: { readonly events?: number; readonly frames?: number } = {}): void {
    this.handlers.opened();
    this.say({
      t: "welcome",
      v: 1,
      now: 0,
      session: "s1",
      environment: "test",
      sampleMs: 1000,
      eventsAcked: sequences.events ?? 0,
      framesAcked: sequences.frames ?? 0,
    });
  }
}

export class FakeWorld implements Runtime {
  mono = 0;
  wall = 1_700_000_000_000;
  chance = 0.5;
  readonly sockets: FakeSocket[] = [];
  #pending: Pending[] = [];
  #order = 0;

  wallNow(): number {
    return this.wall;
  }
  monoNow(): number {
    return this.mono;
  }
  random(): number {
    return this.chance;
  }
  readonly openSocket = (target: SocketTarget, handlers: SocketHandlers): FakeSocket => {
    const socket = new FakeSocket(target, handlers);
    this.sockets.push(socket);
    return socket;
  };

  after(ms: number, call: () => void): Timer {
    const pending: Pending = { at: this.mono + ms, order: this.#order++, call };
    this.#pending.push(pending);
    return { cancel: () => void (this.#pending = this.#pending.filter((other) => other !== pending)) };
  }

  holdFor(ms: number, call: () => void): Timer {
    return this.after(ms, call);
  }

  get timers(): number {
    return this.#pending.length;
  }

  /** Lets time pass: everything due runs in order. */
  pass(ms: number): void {
    const end = this.mono + ms;
    for (;;) {
      const next = this.#pending.filter((pending) => pending.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.#pending = this.#pending.filter((other) => other !== next);
      this.wall += Math.max(0, next.at - this.mono);
      this.mono = Math.max(this.mono, next.at);
      next.call();
    }
    this.wall += end - this.mono;
    this.mono = end;
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (last === undefined) throw new Error("no socket was opened");
    return last;
  }
}

export function configFor(extra: Partial<AgentConfig> = {}): AgentConfig {
  return {
    url: "ws://127.0.0.1:1/agent/v1",
    token: "hfa_test",
    service: "orders",
    instance: "orders-1",
    version: undefined,
    labels: undefined,
    policyFile: undefined,
    log: () => undefined,
    ...extra,
  };
}
