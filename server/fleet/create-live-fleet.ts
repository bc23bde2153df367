/**
 * The live state of every environment: one writer (this), folded by the reducer that the browser uses too. Instances are known from
 * the store at start, so those that are offline or were never seen since are still there after a restart of the console.
 */
import { createFleet, describeInstance, foldFleet, type FleetAction, type FleetState } from "../../core/fleet.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { LiveResource } from "../../protocol/live.ts";
import type { Bus } from "../bus/bus.ts";
import type { Clock, Timer } from "../clock.ts";
import type { Log } from "../log.ts";
import { instanceKey, type AgentIdentity } from "../policy/feed.ts";
import type { KnownInstance, NewEvent, Store } from "../store/store.ts";
import { GroupCommit } from "./group-commit.ts";
import type { FleetChange, FleetLink, LiveFleet, AgentArrival } from "./live-fleet.ts";
import { LateWriter, recallFleet, recallInstance, rememberInstance } from "./instance-book.ts";
import { PolicyBook } from "./policy-book.ts";
import { SwitchBook } from "./switch-book.ts";

export interface LiveFleetOptions {
  readonly store: Pick<
    Store,
    | "listInstances"
    | "listEnvironments"
    | "currentRevision"
    | "saveInstances"
    | "forgetInstance"
    | "listSwitches"
    | "saveSwitches"
    | "appendEvents"
  >;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** An instance that has been gone this long is forgotten; default 7 days. */
  readonly forgetAfterMs?: number;
}

/** How often the last sign of life of a connected instance is written. */
const REFRESH_MS = 300_000;
const SWEEP_MS = 10_000;
const REFRESH_AT_MOST = 200;

interface Entry {
  readonly environment: string;
  readonly agent: AgentIdentity;
  firstSeenAt: number;
  savedAt: number;
  link: FleetLink | null;
  /** Its leaving is in the log, or was so before the console started. */
  gone: boolean;
  lost: Timer | null;
}

/** Loads what is known, then answers. @throws when the store cannot be read. */
export async function createLiveFleet(options: LiveFleetOptions): Promise<LiveFleet> {
  const { store, clock, log, bus } = options;
  const forgetAfterMs = options.forgetAfterMs ?? 7 * 86_400_000;
  const fleets = new Map<string, FleetState>();
  const entries = new Map<string, Entry>();
  const listeners = new Set<(change: FleetChange) => void>();
  const switchBook = new SwitchBook({ store, clock, log });
  const policyBook = new PolicyBook();
  const instanceWriter = new LateWriter<KnownInstance>({ what: "instances", save: (items) => store.saveInstances(items), clock, log });
  const eventLog = new GroupCommit<NewEvent>({
    maxGroup: 1_000,
    clock,
    write: async (group) => {
      const logged = await store.appendEvents(group);
      for (const environment of new Set(logged.map((event) => event.environment)))
        bus.publish({ type: "events", environment, events: logged.filter((event) => event.environment === environment) });
    },
    poisoned: (event, error) => log.error({ err: error, type: event.type }, "an event of the console could not be written"),
    failed: (error, retryInMs) => log.error({ err: error, retryInMs }, "events of the console wait for the database"),
  });

  const entryId = (environment: string, key: string): string => `${environment}\n${key}`;

  function stateOf(environment: string): FleetState {
    let state = fleets.get(environment);
    if (!state) fleets.set(environment, (state = createFleet()));
    return state;
  }

  function tell(change: FleetChange): void {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        log.error({ err: error, change: change.type }, "a subscriber of the fleet failed");
      }
    }
  }

  function fold(
    environment: string,
    action: Extract<FleetAction, { type: "described" | "amended" | "sampled" | "forgotten" }>,
    urgent = false,
  ): void {
    foldFleet(stateOf(environment), action);
    if (action.type === "described") tell({ type: "described", environment, key: action.instance.key });
    else if (action.type === "amended") tell({ type: "described", environment, key: action.key });
    else if (action.type === "sampled") tell({ type: "sampled", environment, key: action.key, slots: action.slots, urgent });
    else tell({ type: "forgotten", environment, key: action.key });
  }

  function save(entry: Entry): void {
    const key = instanceKey(entry.agent);
    instanceWriter.mark(entryId(entry.environment, key), () => {
      const state = fleets.get(entry.environment)?.instances.get(key);
      entry.savedAt = clock.monotonic();
      const { environment, firstSeenAt } = entry;
      return state ? rememberInstance(state, { environment, firstSeenAt, policies: policyBook.of(environment, key) }) : null;
    });
  }

  function note(agent: AgentIdentity, type: string, data: NewEvent["data"], at = clock.now()): void {
    const { environment, service, instance } = agent;
    eventLog.push({ environment, at, receivedAt: clock.now(), type, service, instance, resource: null, actor: "system", data });
  }

  function amend(entry: Entry, change: Extract<FleetAction, { type: "amended" }>["change"]): void {
    fold(entry.environment, { type: "amended", key: instanceKey(entry.agent), change });
  }

  function left(entry: Entry, reason: "goodbye" | "lost" | "restarted", at: number): void {
    entry.lost?.cancel();
    entry.lost = null;
    entry.gone = true;
    const boot = stateOf(entry.environment).instances.get(instanceKey(entry.agent))?.boot ?? "";
    note(entry.agent, "agent.left", { reason, boot }, at);
  }

  function connect(agent: AgentIdentity, arrival: AgentArrival): FleetLink {
    const key = instanceKey(agent);
    const id = entryId(agent.environment, key);
    const now = clock.now();
    const before = stateOf(agent.environment).instances.get(key);
    let entry = entries.get(id);
    if (!entry) {
      entry = { environment: agent.environment, agent, firstSeenAt: now, savedAt: 0, link: null, gone: false, lost: null };
      entries.set(id, entry);
    }
    const restarted = before !== undefined && before.boot !== arrival.boot;
    if (restarted && !entry.gone) left(entry, "restarted", before.disconnectedAt ?? now);
    entry.lost?.cancel();
    entry.lost = null;
    if (!before || restarted || entry.gone) {
      const skew = Math.abs(arrival.clockSkewMs) > LIMITS.staleAfterMs ? { clockSkewMs: arrival.clockSkewMs } : {};
      const reason = !before ? "new" : restarted ? "restarted" : "reconnected";
      const version = arrival.version === null ? {} : { version: arrival.version };
      note(agent, "agent.joined", {
        reason,
        boot: arrival.boot,
        ...version,
        agentVersion: arrival.agentVersion,
        runtime: arrival.runtime,
        ...skew,
      });
    }
    entry.gone = false;
    const known = before ? describeInstance(before) : null;
    fold(agent.environment, {
      type: "described",
      instance: {
        key,
        service: agent.service,
        instance: agent.instance,
        boot: arrival.boot,
        ...(arrival.version === null ? {} : { version: arrival.version }),
        labels: { ...arrival.labels },
        connectedAt: now,
        lastFrameAt: known?.lastFrameAt ?? null,
        disconnectedAt: null,
        left: false,
        clockSkewMs: arrival.clockSkewMs,
        policyRevision: arrival.policyRevision,
        resources: known?.resources ?? [],
        switches: known?.switches ?? [],
        // Of another life: its values say nothing about this one.
        row: restarted ? [] : (known?.row ?? []),
      },
    });
    save(entry);
    return (entry.link = linkOf(entry, key));
  }

  function linkOf(entry: Entry, key: string): FleetLink {
    const { environment } = entry;
    const current = (): boolean => entry.link === link;
    const link: FleetLink = {
      get state() {
        return stateOf(environment).instances.get(key) ?? null;
      },
      declared(resources, switches, policies = []) {
        if (!current()) return;
        policyBook.declared(environment, key, policies);
        const before = link.state && describeInstance(link.state);
        if (!before) return;
        const row = sameStart(before.resources, resources) ? before.row : [];
        fold(environment, { type: "described", instance: { ...before, resources, switches: [...switches], row } });
        save(entry);
        switchBook.declared(entry.agent, switches);
      },
      sampled(at, slots) {
        if (current()) fold(environment, { type: "sampled", key, at, slots });
      },
      moved(at, slots) {
        if (current()) fold(environment, { type: "sampled", key, at, slots }, true);
      },
      switchMoved(switchKey, position) {
        if (!current()) return;
        const held = link.state?.switches.find((declared) => declared.key === switchKey);
        if (!held || held.position === position) return;
        const switches = link.state?.switches.map((declared) => (declared.key === switchKey ? { ...declared, position } : declared));
        amend(entry, { switches: switches ?? [] });
        save(entry);
      },
      policyApplied(revision) {
        if (!current() || link.state?.policyRevision === revision) return;
        amend(entry, { policyRevision: revision });
        // Ten thousand move at once: it is written with the next signs of life, and the receipts are on disk by themselves.
        entry.savedAt = -Infinity;
      },
      clockSkewed(skewMs) {
        if (current()) amend(entry, { clockSkewMs: skewMs });
      },
      closed(how) {
        if (!current()) return;
        const now = clock.now();
        entry.link = null;
        amend(entry, { connectedAt: null, disconnectedAt: now, left: how === "goodbye" });
        save(entry);
        if (how === "goodbye") left(entry, "goodbye", now);
        else entry.lost = clock.setTimeout(() => left(entry, "lost", now), LIMITS.deadPeerMs);
      },
    };
    return link;
  }

  async function forget(environment: string, key: string): Promise<void> {
    const id = entryId(environment, key);
    const entry = entries.get(id);
    if (!entry || entry.link) return;
    entry.lost?.cancel();
    entries.delete(id);
    instanceWriter.drop(id);
    policyBook.forget(environment, key);
    fold(environment, { type: "forgotten", key });
    await store.forgetInstance(environment, entry.agent.service, entry.agent.instance);
  }

  function sweep(): void {
    const now = clock.now();
    let refreshed = 0;
    for (const entry of entries.values()) {
      const key = instanceKey(entry.agent);
      if (entry.link) {
        if (refreshed < REFRESH_AT_MOST && clock.monotonic() - entry.savedAt >= REFRESH_MS) {
          save(entry);
          refreshed++;
        }
        continue;
      }
      const state = fleets.get(entry.environment)?.instances.get(key);
      const since = state?.disconnectedAt ?? entry.firstSeenAt;
      if (now - since > forgetAfterMs)
        forget(entry.environment, key).catch((error: unknown) =>
          log.error({ err: error, instance: key }, "an instance could not be forgotten"),
        );
    }
  }

  const recalled = await recallFleet(store);
  const newestSign = Math.max(0, ...recalled.instances.map((known) => known.lastSeenAt));
  for (const known of recalled.instances) {
    const { environment, service, instance } = known;
    foldFleet(stateOf(environment), { type: "described", instance: recallInstance(known) });
    policyBook.declared(environment, instanceKey(known), known.policies);
    // Gone when the console stopped: it had said so, or had been silent for longer than signs of life are apart.
    const gone = known.left || newestSign - known.lastSeenAt > 2 * REFRESH_MS;
    const agent = { environment, service, instance };
    const entry: Entry = { environment, agent, firstSeenAt: known.firstSeenAt, savedAt: clock.monotonic(), link: null, gone, lost: null };
    // Whoever was there before the restart gets the time of one slow reconnect before it counts as lost.
    if (!gone) entry.lost = clock.setTimeout(() => left(entry, "lost", known.lastSeenAt), LIMITS.reconnectMaxMs + LIMITS.deadPeerMs);
    entries.set(entryId(environment, instanceKey(agent)), entry);
  }
  for (const [environment, revision] of recalled.revisions) foldFleet(stateOf(environment), { type: "policy-moved", revision });
  await switchBook.load(recalled.revisions.keys());
  const sweeper = clock.setInterval(sweep, SWEEP_MS);
  const unsubscribe = bus.subscribe((message) => {
    if (message.type === "policy") foldFleet(stateOf(message.environment), { type: "policy-moved", revision: message.revision });
  });

  return {
    environments: () => [...fleets.keys()],
    fleet: (environment) => fleets.get(environment) ?? createFleet(),
    describe(environment, key) {
      const state = fleets.get(environment)?.instances.get(key);
      return state ? describeInstance(state) : null;
    },
    switches: (environment) => switchBook.list(environment),
    policies: (environment) => policyBook.groups(environment),
    policiesOf: (environment, key) => policyBook.of(environment, key),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    connect,
    note: (agent, type, data) => note(agent, type, data),
    forget,
    async stop() {
      sweeper.cancel();
      unsubscribe();
      for (const entry of entries.values()) {
        entry.lost?.cancel();
        if (entry.link) save(entry);
      }
      await Promise.all([eventLog.stop(), switchBook.flush(), instanceWriter.flush()]);
    },
  };
}

/** True when the rows of two dictionaries agree as far as both go. */
function sameStart(a: readonly LiveResource[], b: readonly LiveResource[]): boolean {
  const shared = Math.min(a.length, b.length);
  if (b.length < a.length) return false;
  for (let i = 0; i < shared; i++) if (a[i]?.kind !== b[i]?.kind || a[i]?.name !== b[i]?.name) return false;
  return true;
}
