/** In-memory stand-ins for the doors between rooms of the server, for tests of the rooms on the other side. */
import type { AgentGrant, Principal, SocketAuth } from "../../server/auth/principal.ts";
import type { GatewayMetrics } from "../../server/gateway/metrics.ts";
import type { SampleSink, SampleSource } from "../../server/history/sink.ts";
import { instanceKey, type AgentIdentity, type PolicyChange, type PolicyFeed, type PolicyItem } from "../../server/policy/feed.ts";

type Answer = Parameters<PolicyFeed["answered"]>[1];

export class FakePolicyFeed implements PolicyFeed {
  readonly sentTo: { readonly revision: number; readonly keys: readonly string[] }[] = [];
  readonly answers: { readonly key: string; readonly answer: Answer }[] = [];
  readonly lostAgents: string[] = [];
  readonly #items = new Map<string, PolicyItem>();
  readonly #listeners = new Set<(change: PolicyChange) => void>();
  readonly #affects: (agent: AgentIdentity) => boolean;
  #revision = 0;

  constructor(affects: (agent: AgentIdentity) => boolean = () => true) {
    this.#affects = affects;
  }

  /** Puts an item in force and tells everyone. */
  put(id: string, options: { readonly key?: string; readonly position?: string; readonly expiresAt?: number | null } = {}): PolicyItem {
    const item: PolicyItem = {
      id,
      kind: "switch",
      key: options.key ?? "recommendations",
      revision: ++this.#revision,
      expiresAt: options.expiresAt ?? null,
      body: { position: options.position ?? "off" },
    };
    this.#items.set(id, item);
    this.#tell({ puts: [item], dels: [] });
    return item;
  }

  end(id: string): void {
    this.#items.delete(id);
    this.#revision++;
    this.#tell({ puts: [], dels: [id] });
  }

  revision(): number {
    return this.#revision;
  }

  itemsFor(agent: AgentIdentity): readonly PolicyItem[] {
    return this.#affects(agent) ? [...this.#items.values()] : [];
  }

  subscribe(listener: (change: PolicyChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  sent(change: PolicyChange, keys: readonly string[]): void {
    this.sentTo.push({ revision: change.revision, keys });
  }

  answered(agent: AgentIdentity, answer: Answer): void {
    this.answers.push({ key: instanceKey(agent), answer });
  }

  lost(agent: AgentIdentity): void {
    this.lostAgents.push(instanceKey(agent));
  }

  #tell(step: Pick<PolicyChange, "puts" | "dels">): void {
    for (const listener of this.#listeners)
      listener({ environment: "production", revision: this.#revision, affects: this.#affects, ...step });
  }
}

export interface TakenSample {
  readonly source: SampleSource;
  readonly seq: number;
  readonly at: number;
  readonly row: readonly number[];
}

export class FakeSampleSink implements SampleSink {
  readonly samples: TakenSample[] = [];
  readonly #listeners = new Set<(source: SampleSource, seq: number) => void>();

  append(source: SampleSource, sample: Parameters<SampleSink["append"]>[1]): void {
    this.samples.push({ source, seq: sample.seq, at: sample.at, row: Array.from(sample.row.subarray(0, sample.slots)) });
  }

  onCommitted(listener: (source: SampleSource, seq: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  commit(source: SampleSource, seq: number): void {
    for (const listener of this.#listeners) listener(source, seq);
  }
}

export class FakeSocketAuth implements SocketAuth {
  readonly grants = new Map<string, AgentGrant>();
  readonly tickets = new Map<string, Principal>();
  readonly ended = new Set<string>();
  /** Set to make every check wait. */
  gate: Promise<void> | null = null;
  failing = false;

  async agent(authorization: string | undefined): Promise<AgentGrant | null> {
    await this.#wait();
    return this.grants.get(authorization ?? "") ?? null;
  }

  async redeemTicket(ticket: string): Promise<Principal | null> {
    await this.#wait();
    const principal = this.tickets.get(ticket) ?? null;
    this.tickets.delete(ticket);
    return principal;
  }

  async stillValid(principal: Principal): Promise<boolean> {
    await this.#wait();
    return !this.ended.has(principal.kind === "user" ? principal.sessionId : principal.id);
  }

  async #wait(): Promise<void> {
    if (this.gate) await this.gate;
    if (this.failing) throw new Error("auth fails on purpose");
  }
}

/** Remembers what was counted. */
export class FakeMetrics implements GatewayMetrics {
  agents = 0;
  browsers = 0;
  frames = 0;
  events = 0;
  pushes = 0;
  readonly dropped: Record<string, number> = {};
  readonly evicted: string[] = [];
  readonly rejected: number[] = [];

  setAgents(count: number): void {
    this.agents = count;
  }
  setBrowsers(count: number): void {
    this.browsers = count;
  }
  setLagMs(): void {}
  countFrame(): void {
    this.frames++;
  }
  countEvents(committed: number): void {
    this.events += committed;
  }
  countDropped(what: string, count: number): void {
    this.dropped[what] = (this.dropped[what] ?? 0) + count;
  }
  countEvicted(socket: string, reason: string): void {
    this.evicted.push(`${socket}:${reason}`);
  }
  countHandshakeRejected(_socket: string, status: number): void {
    this.rejected.push(status);
  }
  observePush(): void {
    this.pushes++;
  }
  observePolicyAck(): void {}
}
