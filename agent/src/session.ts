/** One console at a time: hello and welcome, then policy in, telemetry out. Survives the link; starts anew with each welcome. */
import type { AgentDown, Welcome } from "../../protocol/agent-down.ts";
import type { Hello } from "../../protocol/agent-up.ts";
import { CLOSE } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import type { Journal } from "./journal.ts";
import { Inbox } from "./link/inbox.ts";
import type { Link, SessionHandlers } from "./link/link.ts";
import type { Socket } from "./link/socket.ts";
import type { PolicyKeeper } from "./policy/policy-keeper.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";

type HelloFacts = Omit<Hello, "t" | "v" | "now" | "policy">;

export interface SessionParts {
  readonly hello: HelloFacts;
  readonly wallNow: () => number;
  readonly journal: Journal;
  readonly policy: PolicyKeeper;
  readonly telemetry: Telemetry;
  /** The link this session rides on; known only once both exist. */
  readonly link: () => Link;
  /** The link to a greeted console came up or went down. */
  readonly linked: (connected: boolean) => void;
}

export class Session implements SessionHandlers {
  environment: string | null = null;
  readonly #parts: SessionParts;
  #socket: Socket | null = null;
  #inbox: Inbox;
  #greeted = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#inbox = this.#newInbox();
  }

  opened(socket: Socket): void {
    this.#socket = socket;
    this.#greeted = false;
    this.#inbox = this.#newInbox();
    const { held } = this.#parts.policy;
    const hello: Hello = {
      t: "hello",
      v: PROTOCOL_VERSION,
      ...this.#parts.hello,
      now: this.#parts.wallNow(),
      policy: { revision: held.revision, digest: held.known ? held.digest : 0 },
    };
    socket.sendText(JSON.stringify(hello));
  }

  text(message: string): void {
    this.#inbox.text(message);
  }

  binary(): void {
    this.#inbox.unreadable("the console sent a binary frame");
  }

  closed(): void {
    const greeted = this.#greeted;
    this.#socket = null;
    this.#greeted = false;
    this.environment = null;
    this.#parts.policy.disconnected();
    this.#parts.telemetry.disconnected();
    if (greeted) this.#parts.linked(false);
  }

  #newInbox(): Inbox {
    return new Inbox(
      {
        message: (message) => this.#message(message),
        unknown: (message) => {
          if (this.#greeted) this.#parts.policy.malformed(message);
        },
        hopeless: () => this.#parts.link().giveUp(CLOSE.badMessage.code, "what arrives cannot be read"),
      },
      this.#parts.journal,
    );
  }

  #message(message: AgentDown): void {
    const socket = this.#socket;
    if (socket === null) return;
    if (message.t === "goodbye") {
      this.#parts.link().goodbye(message.reconnectAfterMs);
      return;
    }
    if (!this.#greeted) {
      if (message.t === "welcome") this.#welcome(message, socket);
      else this.#inbox.unreadable("the console spoke before its welcome");
      return;
    }
    this.#afterWelcome(message, socket);
  }

  #welcome(welcome: Welcome, socket: Socket): void {
    const link = this.#parts.link();
    if (welcome.v !== PROTOCOL_VERSION) {
      link.giveUp(CLOSE.versionUnsupported.code, `this agent speaks version ${PROTOCOL_VERSION}`);
      return;
    }
    this.#greeted = true;
    this.environment = welcome.environment;
    link.greeted();
    this.#parts.telemetry.connected(socket, welcome);
    this.#parts.linked(true);
  }

  #afterWelcome(message: Exclude<AgentDown, { t: "goodbye" }>, socket: Socket): void {
    const { policy, telemetry, journal } = this.#parts;
    switch (message.t) {
      case "ack":
        telemetry.acknowledged(message);
        return;
      case "intent":
      case "put":
      case "del":
      case "commit":
      case "renew":
        policy.handle(message, socket);
        return;
      case "probe":
        socket.sendText(JSON.stringify({ t: "probe-ack", id: message.id }));
        return;
      case "slow-down":
        telemetry.setCadence(Math.max(LIMITS.sampleIntervalMs, message.sampleMs));
        return;
      case "refused":
        if (message.of === "events") telemetry.eventsRefused();
        journal.once(`refused ${message.code}`, "warn", `the console refused ${message.of}: ${message.message} (${message.code})`);
        return;
      case "welcome":
        this.#inbox.unreadable("the console said welcome twice");
        return;
    }
  }
}
