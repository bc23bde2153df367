/**
 * Opens incidents and follows them: folds committed events from the bus and rates from the live fleet, and writes what changes. What is
 * known is a set, so events may come late, twice or out of order; after a start it is read from the log again, and leads to the incidents
 * that are there. One writer for each environment: the engine and people take turns.
 */
import { CONDITION_EVENTS, ConditionLog } from "../../core/incidents/conditions.ts";
import { isOpen, type Incident } from "../../core/incidents/incident.ts";
import { edgesOf } from "../../core/incidents/paths.ts";
import { reconcile, type Step } from "../../core/incidents/reconcile.ts";
import { ReadingLog } from "../../core/incidents/readings.ts";
import { rulesInForce } from "../../core/incidents/rules.ts";
import { runsOf } from "../../core/incidents/runs.ts";
import { servicesOf, windowOf } from "../../core/incidents/timeline.ts";
import type { Edge } from "../../protocol/incident-api.ts";
import type { IncidentRule } from "../../protocol/incident-rule-api.ts";
import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../clock.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { HistoryReader } from "../history/history-reader.ts";
import type { Log } from "../log.ts";
import { RevisionConflict, type LoggedEventIn, type NewEvent, type Store } from "../store/store.ts";
import { stepEvents } from "./incident-events.ts";
import { readEvents } from "./read-events.ts";
import { ReadingSampler } from "./reading-sampler.ts";
import { storedReadings } from "./stored-readings.ts";

export interface EngineOptions {
  readonly store: Store;
  readonly fleet: Pick<LiveFleet, "fleet" | "environments">;
  readonly history: Pick<HistoryReader, "series">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
}

const TICK_MS = 1_000;
/** Rests this many times as long as it decided. */
const REST = 15;
const READ_EVERY_MS = 10_000;
/** What was over before is forgotten; incidents that may still be opened again are kept by their rules' windows. */
const LOOK_BACK_MS = 24 * 3_600_000;
const READINGS_KEPT_MS = 2 * 3_600_000;
/** Rates that are read again at a start, and of how many services. */
const READINGS_BACK_MS = 15 * 60_000;
const READINGS_BACK_SERVICES = 100;
const PRUNE_EVERY_MS = 10 * 60_000;
const EVENTS_MOST = 500_000;

/** Of the console itself; nothing there can break. */
const SYSTEM_ENVIRONMENT = "system";

interface Watch {
  readonly environment: string;
  readonly conditions: ConditionLog;
  readonly readings: ReadingLog;
  readonly sampler: ReadingSampler;
  readonly incidents: Map<string, Incident>;
  rules: readonly IncidentRule[];
  /** Everything from before is read; until then nothing is decided. */
  ready: boolean;
  turn: Promise<unknown>;
  deciding: boolean;
  /** Monotonic: in a huge outage deciding takes long, and the sockets have to be served. */
  restUntil: number;
}

export class IncidentEngine {
  readonly #options: EngineOptions;
  readonly #watches = new Map<string, Watch>();
  readonly #undo: (() => void)[] = [];
  #stopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { bus, clock } = options;
    // Heard from the first moment, so that nothing falls between the log and the bus: what comes twice counts once.
    this.#undo.push(
      bus.subscribe((message) => {
        if (message.type !== "events" || message.environment === SYSTEM_ENVIRONMENT) return;
        const { conditions } = this.#watch(message.environment);
        for (const event of message.events) conditions.add(event);
      }),
    );
    for (const [run, every] of [
      [() => this.#decideAll(), TICK_MS],
      [() => this.#sampleAll(), READ_EVERY_MS],
      [() => this.#pruneAll(), PRUNE_EVERY_MS],
    ] as const) {
      const timer = clock.setInterval(run, every);
      this.#undo.push(() => timer.cancel());
    }
  }

  /**
   * Resolves when the rules of every environment are known. A day of events is read after that, in the turn of its environment: until then
   * nothing is decided there and acts of people wait, so a start does not take longer with more events and nothing is missed or doubled.
   * What cannot be read now is tried again later. @throws when the store does not answer
   */
  async start(): Promise<void> {
    const environments = (await this.#options.store.listEnvironments()).filter((environment) => environment !== SYSTEM_ENVIRONMENT);
    await Promise.all(environments.map((environment) => this.rulesChanged(environment)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const undo of this.#undo) undo();
    await this.settled();
  }

  /** Resolves when what was begun is written, or was given up. */
  async settled(): Promise<void> {
    await Promise.all([...this.#watches.values()].map(({ turn }) => turn));
  }

  rules(environment: string): readonly IncidentRule[] {
    return this.#watch(environment).rules;
  }

  /** Rules were stored or deleted. */
  async rulesChanged(environment: string): Promise<void> {
    const watch = this.#watch(environment);
    const stored = await this.#options.store.listIncidentRules(environment);
    watch.rules = rulesInForce(stored);
  }

  edges(environment: string): readonly Edge[] {
    return edgesOf(this.#options.fleet.fleet(environment).instances.values());
  }

  /** One act after the other, in an environment. What `work` reads before it writes is then still so. */
  inTurn<T>(environment: string, work: () => Promise<T>): Promise<T> {
    return this.#inTurn(this.#watch(environment), work);
  }

  /** Writes, follows, and tells. Call it in turn. @throws RevisionConflict, StoreUnavailable */
  async commit(incidents: readonly Incident[], events: readonly NewEvent[]): Promise<readonly Incident[]> {
    const { store, bus, clock } = this.#options;
    const at = clock.now();
    const changed = incidents.map((incident) => ({ ...incident, updatedAt: at }));
    const done = await store.commitIncidents(changed, events).catch((error: unknown) => {
      // It may be on disk all the same: what is there is read again before anything else is decided.
      for (const { environment } of incidents) this.#watch(environment).ready = false;
      throw error;
    });
    for (const incident of done.incidents) {
      const { incidents: followed } = this.#watch(incident.environment);
      if (incident.status === "merged") followed.delete(incident.id);
      else followed.set(incident.id, incident);
      await this.#pin(incident);
    }
    this.#tell(done.events);
    for (const { id, environment, number, status } of done.incidents) bus.publish({ type: "incident", environment, id, number, status });
    return done.incidents;
  }

  /** Puts events that are committed on the bus. */
  told(event: LoggedEventIn): void {
    this.#tell([event]);
  }

  #tell(events: readonly LoggedEventIn[]): void {
    const [first] = events;
    if (first) this.#options.bus.publish({ type: "events", environment: first.environment, events });
  }

  /** The raw samples around it outlive their retention. An incident whose pin fails is still an incident. */
  async #pin(incident: Incident): Promise<void> {
    const { store, fleet, clock, log } = this.#options;
    const services = servicesOf(incident);
    const { from, to } = windowOf(incident, clock.now());
    const known = [...fleet.fleet(incident.environment).instances.values()].filter(({ service }) => services.has(service));
    const told = incident.symptoms.flatMap(({ service, instances }) => instances.map((instance) => `${service}/${instance}`));
    const id = `incident:${incident.id}`;
    try {
      if (incident.status === "merged") await store.unpinPages(id);
      else
        await store.pinPages({
          id,
          environment: incident.environment,
          from,
          to: isOpen(incident) ? PINNED_WHILE_OPEN : to,
          instances: [...new Set([...known.map(({ key }) => key), ...told])].sort(),
          reason: `incident ${incident.number}`,
          createdAt: incident.detectedAt,
        });
    } catch (error) {
      log.warn({ err: error, incident: incident.number }, "the samples of an incident could not be pinned");
    }
  }

  #watch(environment: string): Watch {
    let watch = this.#watches.get(environment);
    if (watch) return watch;
    watch = {
      environment,
      conditions: new ConditionLog(),
      readings: new ReadingLog(),
      sampler: new ReadingSampler(),
      incidents: new Map(),
      rules: rulesInForce([]),
      ready: false,
      turn: Promise.resolve(),
      deciding: false,
      restUntil: 0,
    };
    this.#watches.set(environment, watch);
    const fresh = watch;
    void this.#inTurn(fresh, () => this.#recall(fresh)).catch((error: unknown) => {
      this.#options.log.error({ err: error, environment }, "incidents could not be read; will be tried again");
    });
    return watch;
  }

  async #recall(watch: Watch): Promise<void> {
    if (watch.ready) return;
    const { store, clock, history, fleet } = this.#options;
    const { environment } = watch;
    const now = clock.now();
    watch.rules = rulesInForce(await store.listIncidentRules(environment));
    for (const incident of await store.listRecentIncidents(environment, now - keptMs(watch.rules)))
      watch.incidents.set(incident.id, incident);
    // What is still open may have begun long ago.
    const began = [...watch.incidents.values()].filter(isOpen).map(({ startedAt }) => startedAt);
    const since = Math.min(now - LOOK_BACK_MS, ...began);
    await readEvents(
      store,
      { environment, kinds: CONDITION_EVENTS, since, most: EVENTS_MOST, ended: () => this.#stopped },
      (event) => void watch.conditions.add(event),
    );
    if (this.#stopped) return;
    const services = [...new Set([...fleet.fleet(environment).instances.values()].map(({ service }) => service))];
    if (services.length <= READINGS_BACK_SERVICES) {
      const window = { from: now - READINGS_BACK_MS, to: now, stepMs: READ_EVERY_MS };
      const { readings } = await storedReadings(history, { environment, services, ...window });
      for (const [service, list] of readings) for (const reading of list) watch.readings.add(service, reading);
    }
    watch.ready = true;
  }

  #inTurn<T>(watch: Watch, work: () => Promise<T>): Promise<T> {
    const turn = watch.turn.then(work, work);
    watch.turn = turn.catch(() => undefined);
    return turn;
  }

  #decideAll(): void {
    for (const watch of this.#watches.values()) {
      if (watch.deciding || this.#stopped || this.#options.clock.monotonic() < watch.restUntil) continue;
      watch.deciding = true;
      void this.#inTurn(watch, () => this.#decide(watch))
        .catch((error: unknown) =>
          this.#options.log.error({ err: error, environment: watch.environment }, "incidents could not be followed; will be tried again"),
        )
        .finally(() => (watch.deciding = false));
    }
  }

  async #decide(watch: Watch): Promise<void> {
    if (!watch.ready) await this.#recall(watch);
    const { clock, newId } = this.#options;
    const { environment } = watch;
    const now = clock.now();
    const started = clock.monotonic();
    const runs = runsOf(watch.rules, { conditions: watch.conditions.all(), readings: watch.readings.all() }, now);
    const incidents = [...watch.incidents.values()];
    if (runs.length === 0 && !incidents.some(isOpen)) return;
    const steps = reconcile({ environment, runs, incidents, edges: this.edges(environment), now, newId });
    watch.restUntil = clock.monotonic() + REST * (clock.monotonic() - started);
    // Those that take others in come before those that are taken.
    for (const step of steps) await this.#write(step, now);
  }

  async #write(step: Step, now: number): Promise<void> {
    try {
      await this.commit([step.incident], stepEvents(step, now));
    } catch (error) {
      // Our own write came through though it seemed lost: what is there is read again.
      if (!(error instanceof RevisionConflict)) throw error;
    }
  }

  #sampleAll(): void {
    const { clock, fleet } = this.#options;
    const now = clock.now();
    for (const environment of fleet.environments()) {
      if (environment === SYSTEM_ENVIRONMENT) continue;
      const { sampler, readings } = this.#watch(environment);
      for (const [service, reading] of sampler.sample(fleet.fleet(environment), now)) readings.add(service, reading);
    }
  }

  #pruneAll(): void {
    const now = this.#options.clock.now();
    for (const watch of this.#watches.values()) {
      watch.conditions.prune(now - LOOK_BACK_MS);
      watch.readings.prune(now - READINGS_KEPT_MS);
      for (const [id, incident] of watch.incidents)
        if (!isOpen(incident) && incident.updatedAt < now - keptMs(watch.rules)) watch.incidents.delete(id);
    }
  }
}

/** Until the end is known. */
const PINNED_WHILE_OPEN = 8.64e15;

/** Resolved incidents are followed a little longer than anything that could open them again. */
const keptMs = (rules: readonly IncidentRule[]): number =>
  LOOK_BACK_MS + 3_600_000 + Math.max(0, ...rules.map(({ reopenWindowMs, resolveDelayMs }) => reopenWindowMs + resolveDelayMs));
