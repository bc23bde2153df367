/** Everything that goes up: dictionary, samples, events, the agent's word on itself. Collects always, sends while there is a wire. */
import type { Welcome } from "../../../protocol/agent-down.ts";
import type { AgentEvent, AgentStatus, PolicyDeclaration, SwitchDeclaration } from "../../../protocol/agent-up.ts";
import type { Kind } from "../../../protocol/kinds.ts";
import { isName } from "../../../protocol/text.ts";
import { cleanData, nameOrNothing, shown } from "../clean.ts";
import { fits } from "../link/fits.ts";
import { eventType } from "../link/wire-shapes.ts";
import type { Journal } from "../journal.ts";
import type { Clock, Timer } from "../runtime.ts";
import { publish, type Origin } from "../topics.ts";
import { Dictionary } from "./dictionary.ts";
import { EventRing } from "./event-ring.ts";
import { EventSender } from "./event-sender.ts";
import { ResourceTable, type Reader, type Resource } from "./resource-table.ts";
import { SampleRing } from "./sample-ring.ts";
import { Sampler } from "./sampler.ts";
import type { Wire } from "./wire.ts";

const STATUS_EVERY_MS = 10_000;

const WHY_NOT = {
  name: "its name cannot travel: 1 to 64 characters, no control or direction marks",
  full: "the agent has reached its limit of resources",
  duplicate: "another one has this name",
};

export interface Placing {
  readonly kind: Kind;
  readonly name: string;
  readonly target?: string | undefined;
  readonly source?: string | undefined;
  /** Cleaned here. */
  readonly settings?: unknown;
}

export interface TelemetryParts {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly origin: Origin;
  readonly switches: () => readonly SwitchDeclaration[];
  readonly policies: () => readonly PolicyDeclaration[];
  readonly reconnects: () => number;
  /** Before each sample: time to look for resources that appear by themselves. */
  readonly beforeSample: () => void;
}

export class Telemetry {
  readonly table = new ResourceTable();
  readonly samples = new SampleRing();
  readonly events = new EventRing();
  readonly #parts: TelemetryParts;
  readonly #dictionary: Dictionary;
  readonly #sampler: Sampler;
  readonly #sender: EventSender;
  #wire: Wire | null = null;
  #statusTimer: Timer | null = null;
  #onIdle: (() => void) | null = null;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
    const { clock } = parts;
    this.#dictionary = new Dictionary({ resources: () => this.table.all(), switches: parts.switches, policies: parts.policies });
    this.#sampler = new Sampler({
      clock,
      table: this.table,
      ring: this.samples,
      dictionary: this.#dictionary,
      before: parts.beforeSample,
      gone: (resource) => this.retire(resource),
    });
    this.#sender = new EventSender({ clock, ring: this.events, dictionary: this.#dictionary });
  }

  get sampleMs(): number {
    return this.#sampler.intervalMs;
  }

  start(): void {
    this.#sampler.start();
  }

  stop(): void {
    this.#sampler.stop();
    this.disconnected();
  }

  /** Takes one sample now, as the timer would. */
  sampleNow(): void {
    this.#sampler.sample();
  }

  /** In the order the protocol asks for: dictionary, events not acknowledged, a key frame, then back-fill. */
  connected(wire: Wire, welcome: Pick<Welcome, "sampleMs" | "eventsAcked" | "framesAcked">): void {
    this.#wire = wire;
    this.setCadence(welcome.sampleMs);
    this.#dictionary.sendAll(wire);
    this.#sender.connected(wire, welcome.eventsAcked);
    this.#sampler.connected(wire, welcome.framesAcked);
    this.#sendStatus();
  }

  disconnected(): void {
    this.#wire = null;
    this.#sender.disconnected();
    this.#sampler.disconnected();
    this.#statusTimer?.cancel();
    this.#statusTimer = null;
    this.#idleIfDone();
  }

  acknowledged(ack: { readonly events?: number | undefined; readonly frames?: number | undefined }): void {
    if (ack.events !== undefined) this.events.acknowledged(ack.events);
    if (ack.frames !== undefined) this.samples.committed(ack.frames);
    this.#idleIfDone();
  }

  /** The console refused events, which changed nothing there. */
  eventsRefused(): void {
    this.#sender.refused();
  }

  setCadence(ms: number): void {
    this.#sampler.setInterval(ms);
  }

  /** Gives a resource its place. Null when it cannot have one; the journal says why. */
  place({ kind, name, target, source, settings }: Placing, reader: Reader): Resource | null {
    const far = nameOrNothing(target);
    const shownSettings = cleanData(settings);
    const placed =
      nameOrNothing(name) === undefined
        ? "name"
        : this.table.add(
            {
              kind,
              name,
              ...(far === undefined ? {} : { target: far }),
              ...(source === undefined ? {} : { source }),
              ...(Object.keys(shownSettings).length === 0 ? {} : { settings: shownSettings }),
            },
            reader,
          );
    if (typeof placed === "object") {
      this.added(placed);
      return placed;
    }
    const what = `${kind} ${shown(name)}`;
    const { journal } = this.#parts;
    journal.capped++;
    journal.once(`refused ${what}`, "warn", `the ${what} is not observed: ${WHY_NOT[placed]}`);
    return null;
  }

  added(resource: Resource): void {
    this.#dictionary.addResource(resource.declaration);
    this.#sender.soon();
  }

  retired(resource: Resource): void {
    this.#dictionary.retire(resource.id);
    this.#sender.soon();
  }

  /** A switch is new, or its position changed. */
  declared(declaration: SwitchDeclaration): void {
    this.#dictionary.addSwitch(declaration);
    this.#sender.soon();
  }

  /** A policy can be steered from now on. */
  steered(declaration: PolicyDeclaration): void {
    this.#dictionary.addPolicy(declaration);
    this.#sender.soon();
  }

  retire(resource: Resource): void {
    if (this.table.retire(resource)) this.retired(resource);
  }

  /** Keeps an event and sends it as soon as it can. Data is cleaned; a type that cannot travel is refused and logged once. */
  event(type: string, data: unknown, resource?: AgentEvent["resource"]): void {
    const event = {
      at: this.#parts.clock.wallNow(),
      type,
      ...(resource === undefined ? {} : { resource }),
      data: cleanData(data),
    };
    if (!fits(eventType, type) || (resource !== undefined && !isName(resource.name))) {
      this.#parts.journal.errors++;
      this.#parts.journal.once(
        `event ${shown(type)}`,
        "warn",
        `the event ${shown(type)} is not sent: a type is lower-case words joined by dots`,
      );
      return;
    }
    this.events.push(event);
    publish("holdfast:event", () => ({ ...this.#parts.origin, type, resource: resource ?? null, data: event.data }));
    this.#sender.soon();
  }

  /** Sends what waits. `done` is called once everything is acknowledged, or the link is gone. */
  flush(done: () => void): void {
    this.#onIdle = done;
    this.#sender.flush();
    this.#idleIfDone();
  }

  #idleIfDone(): void {
    if (this.#onIdle === null || (this.#wire !== null && this.events.length > 0)) return;
    const done = this.#onIdle;
    this.#onIdle = null;
    done();
  }

  #sendStatus(): void {
    const { journal, clock } = this.#parts;
    const status: AgentStatus = {
      t: "status",
      droppedSamples: this.samples.dropped,
      droppedEvents: this.events.dropped,
      bufferedSamples: this.samples.length,
      bufferedEvents: this.events.length,
      adapterErrors: journal.errors,
      capped: journal.capped,
      reconnects: this.#parts.reconnects(),
    };
    this.#wire?.sendText(JSON.stringify(status));
    this.#statusTimer = clock.after(STATUS_EVERY_MS, () => this.#sendStatus());
  }
}
