/** The agent at work: its parts wired together behind the public face, which never throws. */
import { randomUUID } from "node:crypto";
import { describeError, Journal } from "./journal.ts";
import { Link } from "./link/link.ts";
import { fixedSwitch } from "./noop.ts";
import { Observer } from "./observe/observer.ts";
import type { Sink } from "./observe/adapter.ts";
import { ProcessReader } from "./observe/process-reader.ts";
import type { AgentConfig } from "./options.ts";
import { AttachedParts } from "./policy/attached-parts.ts";
import { PolicyFile } from "./policy/policy-file.ts";
import { PolicyKeeper } from "./policy/policy-keeper.ts";
import { SteeredParts } from "./policy/steered-parts.ts";
import { Switches } from "./policy/switches.ts";
import { moveOut, PART_HOST } from "./resilience/home.ts";
import type { PartHost, Steering } from "./resilience/part.ts";
import type { Runtime } from "./runtime.ts";
import { Session } from "./session.ts";
import { readingsOf } from "./telemetry/latest-readings.ts";
import { Telemetry } from "./telemetry/telemetry.ts";
import { publish } from "./topics.ts";
import type {
  Agent,
  AgentStatus,
  Disposer,
  ObserveOptions,
  Readings,
  ResourceKind,
  ResourceOptions,
  SwitchHandle,
  SwitchOptions,
} from "./types.ts";
import { AGENT_VERSION } from "./version.ts";
import { VIEW, type AgentView } from "./view.ts";

/** The longest close() takes: flush and closing handshake together. */
const CLOSE_MS = 1_000;
/** The kept policy is read before the first hello; a disk slower than this is not waited for. */
const RESTORE_MS = 2_000;

const nothing: Disposer = () => undefined;

export interface LiveAgentParts {
  readonly config: AgentConfig;
  readonly runtime: Runtime;
  /** For tests of what happens when an adapter's sink throws. */
  readonly wrapSink?: (sink: Sink) => Sink;
}

export class LiveAgent implements Agent {
  readonly #config: AgentConfig;
  readonly #runtime: Runtime;
  readonly #journal: Journal;
  readonly #switches: Switches;
  readonly #policy: PolicyKeeper;
  readonly #attached: AttachedParts;
  /** Takes the policies of this process. Never throws. */
  readonly [PART_HOST]: PartHost = {
    attach: (part) => this.#safely("attach", () => this.#attached.attach(part), nothing),
  };
  readonly #policyFile: PolicyFile | null;
  readonly #telemetry: Telemetry;
  readonly #observer: Observer;
  readonly #session: Session;
  readonly #link: Link;
  readonly #process: ProcessReader;
  /** For adapters to other standards. */
  readonly [VIEW]: AgentView = {
    switchOf: (key) => this.#switches.viewOf(key, this.#policy.held),
    readings: () => readingsOf(this.#telemetry.table),
  };
  #closing: Promise<void> | null = null;

  constructor({ config, runtime, wrapSink }: LiveAgentParts) {
    const now = (): number => runtime.monoNow();
    const { service, instance } = config;
    const origin = { service, instance };
    this.#config = config;
    this.#runtime = runtime;
    const journal = new Journal(config.log);
    this.#journal = journal;
    this.#switches = new Switches(journal);
    this.#policyFile =
      config.policyFile === undefined
        ? null
        : new PolicyFile({ path: config.policyFile, service: config.service, clocks: runtime, journal });
    const steered = new SteeredParts(journal);
    this.#policy = new PolicyKeeper({
      clock: runtime,
      switches: this.#switches,
      steered,
      file: this.#policyFile,
      changed: (changes) => {
        for (const change of changes) {
          const declaration = this.#switches.declarationOf(change.key);
          if (declaration !== null) this.#telemetry.declared(declaration);
          this.#telemetry.event("switch.applied", { ...change });
          publish("holdfast:switch:change", () => ({ ...origin, ...change }));
        }
      },
    });
    this.#telemetry = new Telemetry({
      clock: runtime,
      journal,
      origin,
      switches: () => this.#switches.declarations(),
      policies: () => steered.declarations(),
      reconnects: () => this.#link.reconnects,
      beforeSample: () => this.#observer.collect(),
    });
    this.#attached = new AttachedParts({ journal, telemetry: this.#telemetry, steered, held: this.#policy.held });
    this.#observer = new Observer({
      table: this.#telemetry.table,
      journal,
      now,
      added: (resource) => this.#telemetry.added(resource),
      retired: (resource) => this.#telemetry.retired(resource),
      event: (type, data, resource) => this.#telemetry.event(type, data, resource),
      steer: (name, steering) => this.steer(name, steering),
      random: () => runtime.random(),
      ...(wrapSink === undefined ? {} : { wrapSink }),
    });
    this.#session = new Session({
      hello: {
        ...origin,
        boot: randomUUID(),
        ...(config.version === undefined ? {} : { version: config.version }),
        ...(config.labels === undefined ? {} : { labels: { ...config.labels } }),
        agentVersion: AGENT_VERSION,
        runtime: `node ${process.versions.node}`,
        startedAt: Math.round(runtime.wallNow() - process.uptime() * 1000),
      },
      wallNow: () => runtime.wallNow(),
      journal,
      policy: this.#policy,
      telemetry: this.#telemetry,
      link: () => this.#link,
      linked: (connected) => publish("holdfast:link:state", () => ({ ...origin, connected })),
    });
    this.#link = new Link({ url: config.url, token: config.token, runtime, journal, session: this.#session });
    this.#process = new ProcessReader(now);
    this.#telemetry.place({ kind: "process", name: "process" }, this.#process);
    this.#telemetry.event("agent.started", {
      agent: AGENT_VERSION,
      runtime: `node ${process.versions.node}`,
      pid: process.pid,
      ...(config.version === undefined ? {} : { version: config.version }),
    });
    this.#telemetry.start();
    this.#connectAfterRestore();
  }

  get status(): AgentStatus {
    return {
      enabled: true,
      state: this.#link.state,
      connected: this.#link.state === "open",
      environment: this.#session.environment,
      service: this.#config.service,
      instance: this.#config.instance,
      revision: this.#policy.held.revision,
      sampleMs: this.#telemetry.sampleMs,
      resources: this.#telemetry.table.liveCount,
      switches: this.#switches.size,
      droppedSamples: this.#telemetry.samples.dropped,
      droppedEvents: this.#telemetry.events.dropped,
      bufferedSamples: this.#telemetry.samples.length,
      bufferedEvents: this.#telemetry.events.length,
      adapterErrors: this.#journal.errors,
      capped: this.#journal.capped,
      reconnects: this.#link.reconnects,
      problem: this.#link.problem,
    };
  }

  observe(thing: object, name: string, options?: ObserveOptions): Disposer {
    return this.#safely("observe", () => this.#observer.observe(thing, name, options), nothing);
  }

  resource<K extends ResourceKind>(kind: K, name: string, read: () => Readings[K], options?: ResourceOptions): Disposer {
    return this.#safely("resource", () => this.#observer.resource({ kind, name, options }, read), nothing);
  }

  switch(options: SwitchOptions): SwitchHandle {
    const declare = (): SwitchHandle => {
      const { handle, added } = this.#switches.declare(options, this.#policy.held);
      if (added !== null) this.#telemetry.declared(added);
      return handle;
    };
    return this.#safely("switch", declare, null) ?? fixedSwitch(options);
  }

  event(type: string, data?: Readonly<Record<string, string | number | boolean | null>>): void {
    this.#safely("event", () => this.#telemetry.event(type, data ?? {}), undefined);
  }

  /** Lets the console steer something that is observed. Never throws. */
  steer(name: string, steering: Steering): Disposer {
    return this.#safely("steer", () => this.#attached.steer(name, steering), nothing);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  #connectAfterRestore(): void {
    if (this.#policyFile === null) {
      this.#link.start();
      return;
    }
    const start = (): void => {
      if (this.#closing === null) this.#link.start();
    };
    const patience = this.#runtime.after(RESTORE_MS, start);
    this.#policy.restore().then(
      () => {
        patience.cancel();
        start();
      },
      (error: unknown) => this.#caught("policy file", error),
    );
  }

  #shutDown(): Promise<void> {
    this.#attached.close();
    moveOut(this[PART_HOST]);
    return new Promise((resolve) => {
      const finish = (): void => {
        deadline.cancel();
        this.#telemetry.stop();
        this.#policy.stop();
        this.#process.stop();
        this.#link.terminate();
        resolve();
      };
      const deadline = this.#runtime.holdFor(CLOSE_MS, finish);
      // The kept policy is on its way to the disk: a host that exits after this finds it whole.
      const stopped = (): void => void (this.#policyFile?.settled() ?? Promise.resolve()).then(finish);
      this.#telemetry.flush(() => this.#link.stop(stopped));
    });
  }

  #safely<T>(what: string, call: () => T, otherwise: T): T {
    if (this.#closing !== null) return otherwise;
    try {
      return call();
    } catch (error) {
      this.#caught(what, error);
      return otherwise;
    }
  }

  #caught(what: string, error: unknown): void {
    this.#journal.errors++;
    this.#journal.once(`call ${what}`, "error", `agent.${what} failed: ${describeError(error)}`);
  }
}
