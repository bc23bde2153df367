import type { LoggedEvent } from "../../protocol/live.ts";
import type {
  AgentEventBatch,
  EventQuery,
  EventSpan,
  KnownInstance,
  KnownSwitch,
  LoggedEventIn,
  NewEvent,
  Page,
  Store,
} from "../../server/store/store.ts";

/** The parts of a store that sockets and the live fleet use. */
export type SocketStore = Pick<
  Store,
  | "appendAgentEvents"
  | "appendEvents"
  | "listEvents"
  | "lastEventSeq"
  | "lastEventId"
  | "countEvents"
  | "lastFrameSeq"
  | "saveInstances"
  | "listInstances"
  | "forgetInstance"
  | "saveSwitches"
  | "listSwitches"
  | "listEnvironments"
  | "currentRevision"
>;

type Method = keyof SocketStore;

/** Keeps everything in memory, keeps the promises of the port (order, no doubles), and can be made to wait or to fail. */
export class FakeStore implements SocketStore {
  readonly events: LoggedEventIn[] = [];
  readonly instances = new Map<string, KnownInstance>();
  readonly switches = new Map<string, KnownSwitch>();
  readonly revisions = new Map<string, number>();
  readonly frameSeqs = new Map<string, number>();
  readonly calls: Method[] = [];
  readonly #seen = new Set<string>();
  #gate: Promise<void> | null = null;
  #open: (() => void) | null = null;
  #failing = new Map<Method, (argument: unknown) => boolean>();

  /** Holds back every write from now on until `release`. */
  hold(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  release(): void {
    this.#open?.();
    this.#gate = null;
  }

  /** Makes a method fail while `when` says so. */
  fail(method: Method, when: (argument: unknown) => boolean = () => true): void {
    this.#failing.set(method, when);
  }

  heal(): void {
    this.#failing.clear();
  }

  async appendAgentEvents(batches: readonly AgentEventBatch[]): Promise<readonly LoggedEventIn[]> {
    await this.#enter("appendAgentEvents", batches);
    const added: LoggedEventIn[] = [];
    for (const batch of batches)
      for (const event of batch.events) {
        const identity = `${bootKey(batch)}/${event.seq}`;
        if (this.#seen.has(identity)) continue;
        this.#seen.add(identity);
        const { environment, service, instance, receivedAt } = batch;
        added.push(
          this.#log({
            environment,
            service,
            instance,
            receivedAt,
            at: event.at + batch.skewMs,
            type: event.type,
            resource: event.resource ?? null,
            actor: "agent",
            data: event.data,
          }),
        );
      }
    return added;
  }

  async appendEvents(events: readonly NewEvent[]): Promise<readonly LoggedEventIn[]> {
    await this.#enter("appendEvents", events);
    return events.map((event) => this.#log(event));
  }

  async listEvents(query: EventQuery): Promise<Page<LoggedEvent>> {
    await this.#enter("listEvents", query);
    const all = this.events.filter((event) => event.environment === query.environment);
    const ordered = query.order === "asc" ? all : all.reverse();
    const start = Number(query.cursor ?? 0);
    const items = ordered.slice(start, start + query.limit);
    return { items, nextCursor: start + query.limit < ordered.length ? String(start + query.limit) : null };
  }

  async lastEventSeq(agent: { environment: string; service: string; instance: string; boot: string }): Promise<number> {
    await this.#enter("lastEventSeq", agent, false);
    const prefix = `${bootKey(agent)}/`;
    return Math.max(
      0,
      ...[...this.#seen].filter((identity) => identity.startsWith(prefix)).map((identity) => Number(identity.slice(prefix.length))),
    );
  }

  async countEvents(span: EventSpan): Promise<number> {
    await this.#enter("countEvents", span, false);
    const { environment, after, upTo, most } = span;
    return Math.min(most, this.events.filter((event) => event.environment === environment && event.id > after && event.id <= upTo).length);
  }

  async lastEventId(environment: string): Promise<number> {
    await this.#enter("lastEventId", environment, false);
    return Math.max(0, ...this.events.filter((event) => event.environment === environment).map((event) => event.id));
  }

  async lastFrameSeq(agent: { environment: string; service: string; instance: string; boot: string }): Promise<number> {
    await this.#enter("lastFrameSeq", agent, false);
    return this.frameSeqs.get(bootKey(agent)) ?? 0;
  }

  async saveInstances(instances: readonly KnownInstance[]): Promise<void> {
    await this.#enter("saveInstances", instances);
    for (const known of instances) this.instances.set(`${known.environment}/${known.service}/${known.instance}`, structuredClone(known));
  }

  async listInstances(environment?: string): Promise<readonly KnownInstance[]> {
    await this.#enter("listInstances", environment, false);
    return [...this.instances.values()].filter((known) => environment === undefined || known.environment === environment);
  }

  async forgetInstance(environment: string, service: string, instance: string): Promise<void> {
    await this.#enter("forgetInstance", { environment, service, instance });
    this.instances.delete(`${environment}/${service}/${instance}`);
  }

  async saveSwitches(switches: readonly KnownSwitch[]): Promise<void> {
    await this.#enter("saveSwitches", switches);
    for (const known of switches) this.switches.set(`${known.environment}/${known.key}`, structuredClone(known));
  }

  async listSwitches(environment: string): Promise<readonly KnownSwitch[]> {
    await this.#enter("listSwitches", environment, false);
    return [...this.switches.values()].filter((known) => known.environment === environment);
  }

  async listEnvironments(): Promise<readonly string[]> {
    await this.#enter("listEnvironments", null, false);
    return [...new Set([...this.events, ...this.instances.values(), ...this.switches.values()].map((row) => row.environment))];
  }

  async currentRevision(environment: string): Promise<number> {
    await this.#enter("currentRevision", environment, false);
    return this.revisions.get(environment) ?? 0;
  }

  async #enter(method: Method, argument: unknown, write = true): Promise<void> {
    this.calls.push(method);
    if (write && this.#gate) await this.#gate;
    if (this.#failing.get(method)?.(argument)) throw new Error(`${method} fails on purpose`);
  }

  #log(event: NewEvent): LoggedEventIn {
    const logged = { id: this.events.length + 1, ...event };
    this.events.push(logged);
    return logged;
  }
}

function bootKey(agent: { environment: string; service: string; instance: string; boot: string }): string {
  return [agent.environment, agent.service, agent.instance, agent.boot].join("/");
}
