import type { Writable } from "node:stream";
import type { WebSocket } from "ws";
import type { AgentDown } from "../../protocol/agent-down.ts";
import { agentUp, type AgentUp, type Declare, type Hello } from "../../protocol/agent-up.ts";
import type { CloseName } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import type { AgentGrant } from "../auth/principal.ts";
import type { SampleSource } from "../history/sink.ts";
import { instanceKey } from "../policy/feed.ts";
import { AgentClock } from "./agent-clock.ts";
import { AgentDictionary } from "./agent-dictionary.ts";
import type { AgentGatewayParts, AgentPeer } from "./agent-gateway-parts.ts";
import { bytesOf, closePeer, ignoreFailure, sendText } from "./peer.ts";
import { openLink, type OpenLink } from "./open-link.ts";
import type { PolicyAnswer, PolicyLink } from "./policy-link.ts";
import { readMessage } from "./read-message.ts";
import { RateGate } from "./rate-gate.ts";

type Phase =
  | { readonly at: "greeting" }
  /** The greeting is being answered: its sequences are looked up. */
  | { readonly at: "admitting" }
  | { readonly at: "open"; readonly link: OpenLink }
  | { readonly at: "closed" };

/** One socket of one agent, from the upgrade to its end. Whatever arrives, the worst outcome is the end of this socket. */
export class AgentSession implements AgentPeer {
  readonly grant: AgentGrant;
  readonly #socket: WebSocket;
  readonly #stream: Writable;
  readonly #parts: AgentGatewayParts;
  readonly #dictionary = new AgentDictionary();
  readonly #messages: RateGate;
  #phase: Phase = { at: "greeting" };
  #pingedAt: number;
  /** As the agent counts them since its boot. */
  #droppedSamples = 0;
  readonly #connectedAt: number;
  #heardAt: number;

  /** @param link the socket, and the stream it writes to */
  constructor(link: { readonly socket: WebSocket; readonly stream: Writable }, grant: AgentGrant, parts: AgentGatewayParts) {
    const { socket, stream } = link;
    const now = parts.clock.monotonic();
    this.#socket = socket;
    this.#stream = stream;
    this.grant = grant;
    this.#parts = parts;
    this.#connectedAt = this.#heardAt = this.#pingedAt = now;
    this.#messages = new RateGate(LIMITS.agentMessagesPerSecond, now);
    socket.on("message", (data, isBinary) => this.#received(bytesOf(data), isBinary));
    for (const beat of ["ping", "pong"] as const) socket.on(beat, () => (this.#heardAt = parts.clock.monotonic()));
    // What ws itself refuses (framing, size, UTF-8) it closes by itself with the code of the standard.
    socket.on("error", (error) => parts.log.debug({ err: error, key: this.key }, "an agent's socket failed"));
    socket.on("close", (code) => this.#ended(code === 1000 || code === 1001 || code === 1005 ? "goodbye" : "lost"));
  }

  get open(): boolean {
    return this.#phase.at === "open";
  }

  /** `service/instance`; empty before the greeting. */
  get key(): string {
    return this.#phase.at === "open" ? this.#phase.link.key : "";
  }

  get agent(): SampleSource {
    return this.#link().source;
  }

  get policy(): PolicyLink {
    return this.#link().policy;
  }

  get resources(): number {
    return this.#dictionary.resources.length;
  }

  send(frame: string | Buffer): void {
    if (this.#phase.at === "closed") return;
    sendText(this.#socket, frame);
    if (this.#socket.bufferedAmount > LIMITS.maxBuffered) this.close("slowConsumer", "");
  }

  write(framed: Buffer): void {
    if (this.#phase.at === "closed" || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#stream.write(framed);
    if (this.#socket.bufferedAmount > LIMITS.maxBuffered) this.close("slowConsumer", "");
  }

  tell(message: AgentDown): void {
    this.send(JSON.stringify(message));
  }

  close(name: CloseName, reason: string, silently = false): void {
    if (this.#phase.at === "closed") return;
    this.#parts.metrics.countEvicted("agent", name);
    this.#parts.log.info({ key: this.key, tokenId: this.grant.tokenId, close: name, reason }, "closing an agent's socket");
    closePeer(this.#socket, name, reason);
    this.#ended(silently ? "silently" : "lost");
  }

  tick(now: number): void {
    if (this.#phase.at === "closed") return;
    if (now - this.#heardAt >= LIMITS.deadPeerMs) {
      this.close("deadPeer", "");
      return;
    }
    if (this.#phase.at === "greeting" && now - this.#connectedAt >= LIMITS.helloDeadlineMs) {
      this.close("helloTimeout", "");
      return;
    }
    if (this.#phase.at === "admitting" && now - this.#connectedAt >= 2 * LIMITS.helloDeadlineMs) {
      this.close("internal", "the greeting took too long");
      return;
    }
    if (this.grant.expiresAt && this.#parts.clock.now() >= this.grant.expiresAt) {
      this.close("unauthorized", "the token has expired");
      return;
    }
    if (now - this.#pingedAt >= LIMITS.heartbeatMs) {
      this.#pingedAt = now;
      this.#socket.ping(undefined, undefined, ignoreFailure);
    }
    if (this.#phase.at === "open") this.#phase.link.policy.tick();
    if (this.#phase.at === "open" && this.#phase.link.events.stuck(now)) this.close("rateLimited", "events refused for ten seconds");
  }

  forgive(ms: number): void {
    this.#heardAt += ms;
  }

  #link(): OpenLink {
    if (this.#phase.at !== "open") throw new Error("the session is not open");
    return this.#phase.link;
  }

  #ended(how: "goodbye" | "lost" | "silently"): void {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    this.#phase = { at: "closed" };
    this.#parts.ended(this, phase.at === "open" ? phase.link.source : null);
    if (phase.at !== "open" || how === "silently") return;
    phase.link.fleet.closed(how);
    this.#parts.feed.lost(phase.link.source, this.#parts.clock.now());
  }

  #received(bytes: Buffer, isBinary: boolean): void {
    if (this.#phase.at === "closed") return;
    this.#heardAt = this.#parts.clock.monotonic();
    try {
      if (isBinary) this.#frame(bytes);
      else this.#text(bytes.toString("utf8"));
    } catch (error) {
      this.#parts.log.error({ err: error, key: this.key }, "a message of an agent could not be handled");
      this.close("internal", "");
    }
  }

  #bad(reason: string): void {
    this.#parts.metrics.countDropped("refused-messages", 1);
    this.close("badMessage", reason);
  }

  #refuse(of: string, code: string, message: string): void {
    this.#parts.metrics.countDropped("refused-messages", 1);
    this.tell({ t: "refused", of, code, message });
  }

  #text(text: string): void {
    const verdict = this.#messages.take(1, this.#heardAt);
    if (verdict === "persistent") {
      this.close("rateLimited", "too many messages");
      return;
    }
    const read = readMessage(text, agentUp);
    if ("close" in read) {
      if (read.close === "badMessage") this.#bad(read.reason);
      else this.close(read.close, read.reason);
      return;
    }
    const { message } = read;
    const phase = this.#phase;
    if (phase.at === "greeting") {
      if (message.t !== "hello") {
        this.#bad(`${message.t} before hello`);
        return;
      }
      this.#hello(message);
      return;
    }
    if (phase.at !== "open") {
      this.#bad(`${message.t} before welcome`);
      return;
    }
    // Refusing events would leave a hole below the acknowledgement, so their intake decides about them itself.
    if (verdict === "over" && message.t !== "events") {
      this.#refuse(message.t, "rate_limited", "too many messages");
      return;
    }
    this.#message(phase.link, message, verdict === "over");
  }

  #message(link: OpenLink, message: AgentUp, over: boolean): void {
    switch (message.t) {
      case "hello": {
        this.#bad("a second hello");
        return;
      }
      case "declare": {
        this.#declare(link, message);
        return;
      }
      case "events": {
        link.events.take(message, over, this.#heardAt);
        return;
      }
      case "ack":
      case "nack": {
        this.#answered(link, message);
        return;
      }
      case "status":
        this.#parts.metrics.countDropped("agent-samples", Math.max(0, message.droppedSamples - this.#droppedSamples));
        this.#droppedSamples = message.droppedSamples;
        return;
      case "probe-ack":
        this.#parts.probed(this, message.id);
    }
  }

  #hello(hello: Hello): void {
    const { grant } = this;
    if (hello.service.includes("/") || hello.instance.includes("/")) {
      this.#bad("a service or instance name has no slash");
      return;
    }
    if (grant.services.length > 0 && !grant.services.includes(hello.service)) {
      this.close("forbidden", "the token is not for this service");
      return;
    }
    const source: SampleSource = { environment: grant.environment, service: hello.service, instance: hello.instance, boot: hello.boot };
    const refusal = this.#parts.admit(this, source);
    if (refusal) {
      this.close("rateLimited", refusal);
      return;
    }
    this.#phase = { at: "admitting" };
    const clock = new AgentClock(hello.now, this.#parts.clock.now());
    this.#parts
      .committedSoFar(source)
      .then((sequences) => {
        if (this.#phase.at === "admitting") this.#welcome(hello, { source, clock, sequences });
      })
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error, key: instanceKey(source) }, "an agent could not be welcomed");
        this.close("internal", "");
      });
  }

  #welcome(
    hello: Hello,
    { source, clock, sequences }: { source: SampleSource; clock: AgentClock; sequences: { events: number; frames: number } },
  ): void {
    const parts = this.#parts;
    parts.taken(this, instanceKey(source));
    const link = openLink({
      hello,
      source,
      agentClock: clock,
      dictionary: this.#dictionary,
      eventsAcked: sequences.events,
      parts,
      session: {
        send: (frame) => this.send(frame),
        tell: (message) => this.tell(message),
        close: (name, reason) => this.close(name, reason),
        refuse: (of, code, message) => this.#refuse(of, code, message),
      },
    });
    this.#phase = { at: "open", link };
    parts.opened(this);
    this.tell({
      t: "welcome",
      v: PROTOCOL_VERSION,
      now: parts.clock.now(),
      session: parts.newSessionId(),
      environment: source.environment,
      sampleMs: parts.sampleMs(),
      eventsAcked: sequences.events,
      framesAcked: sequences.frames,
    });
    link.policy.start(hello.policy);
  }

  #declare(link: OpenLink, message: Declare): void {
    const before = this.#dictionary.resources.length;
    const problem = this.#dictionary.declare(message, this.#parts.resourceAllowance(this));
    if (problem?.verdict === "bad") {
      this.#bad(problem.reason);
      return;
    }
    if (problem) {
      this.#refuse("declare", problem.code, problem.reason);
      return;
    }
    this.#parts.resourcesGrew(this, this.#dictionary.resources.length - before);
    link.fleet.declared(this.#dictionary.declared, this.#dictionary.switches(), this.#dictionary.policies());
  }

  #answered(link: OpenLink, message: PolicyAnswer): void {
    const outcome = link.policy.answered(message);
    if (!outcome) return;
    link.fleet.policyApplied(outcome.revision);
    if (message.t === "nack")
      this.#parts.log.warn(
        { key: link.key, revision: message.revision, rejected: message.rejected.slice(0, 5) },
        "an agent refused policy",
      );
    if (!outcome.agrees)
      this.#parts.log.warn({ key: link.key, revision: message.revision }, "an agent's policy differs from what it was sent");
  }

  #frame(bytes: Buffer): void {
    const phase = this.#phase;
    if (phase.at !== "open") {
      this.#bad("a sample before welcome");
      return;
    }
    phase.link.samples.take(bytes, this.#heardAt);
  }
}
