/** An invented fleet lived through twice: as the messages of a live console, and as what a console records of it. */
import { describeInstance, slotCount } from "../../../core/fleet.ts";
import { encodePage } from "../../../core/page.ts";
import type { FramedPage } from "../../../core/replay-samples.ts";
import { columnsOf } from "../../../protocol/kinds.ts";
import type { LiveDown, LiveInstance, LiveResource, LoggedEvent } from "../../../protocol/live.ts";
import type { RecordedChange, RecordedInstance, ReplayStory } from "../../../protocol/replay-api.ts";
import { LiveStore } from "../../../ui/live/live-store.ts";
import type { ReplaySource, TimeRange } from "../../../ui/replay/replay-source.ts";
import { isTransition } from "../../../ui/replay/transitions.ts";

/** Repeatable numbers from 0 to 1 (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Sample {
  readonly key: string;
  readonly boot: string;
  readonly at: number;
  readonly row: readonly number[];
  readonly resources: readonly LiveResource[];
}

export interface WorldOptions {
  readonly seed: number;
  readonly from: number;
  readonly seconds: number;
  readonly instances?: number;
  /** How long an instance may be silent, in seconds. */
  readonly silentMost?: number;
}

const TYPES = ["breaker.opened", "breaker.closed", "flip.created", "agent.left", "note", "deploy"];

export class RecordedWorld {
  readonly from: number;
  readonly to: number;
  readonly messages: { readonly at: number; readonly message: LiveDown }[] = [];
  readonly events: LoggedEvent[] = [];
  readonly #changes: RecordedChange[] = [];
  readonly #samples: Sample[] = [];
  readonly #first: readonly LiveInstance[];
  readonly #random: () => number;
  #revision = 3;

  constructor({ seed, from, seconds, instances = 3, silentMost = 40 }: WorldOptions) {
    this.from = from;
    this.to = from + seconds * 1000;
    this.#random = numbers(seed);
    const fleet = new Map<string, LiveInstance>();
    const silentUntil = new Map<string, number>();
    for (let i = 0; i < instances; i++) fleet.set(`orders/orders-${i}`, this.#born(i));
    this.#first = [...fleet.values()].map((instance) => structuredClone(instance));
    this.messages.push({
      at: from,
      message: { t: "snapshot", now: from, environment: "production", lastEvent: 0, revision: 3, instances: [...this.#first] },
    });
    for (let second = 0; second < seconds; second++) {
      const start = from + second * 1000;
      for (const [place, instance] of [...fleet.values()].entries()) {
        if ((silentUntil.get(instance.key) ?? 0) > second) continue;
        if (this.#chance(0.004)) silentUntil.set(instance.key, second + this.#upTo(silentMost));
        if (this.#chance(0.01)) this.#redescribe(instance, start + 100 + place);
        this.#sample(instance, start + 300 + place * 40);
      }
      if (this.#chance(0.02)) this.#happens(start + 700);
    }
  }

  #chance = (share: number): boolean => this.#random() < share;
  #upTo = (most: number): number => Math.floor(this.#random() * (most + 1));

  #born(i: number): LiveInstance {
    const resources: LiveResource[] = [
      { id: 0, kind: "breaker", name: "payments" },
      { id: 1, kind: "pool", name: "pg" },
    ];
    return {
      key: `orders/orders-${i}`,
      service: "orders",
      instance: `orders-${i}`,
      boot: `boot-${i}-0`,
      labels: {},
      connectedAt: this.from - 1000,
      lastFrameAt: null,
      disconnectedAt: null,
      left: false,
      clockSkewMs: 0,
      policyRevision: 3,
      resources,
      switches: [],
      row: new Array<number>(slotCount(resources)).fill(0),
    };
  }

  #sample(instance: LiveInstance, at: number): void {
    const slots: number[] = [];
    let offset = 0;
    for (const { kind } of instance.resources) {
      for (const column of columnsOf(kind)) {
        const before = instance.row[offset] ?? 0;
        const value = column.type === "counter" ? Math.max(1, before) + this.#upTo(5) : this.#chance(0.3) ? this.#upTo(4) : before;
        if (value !== before) slots.push(offset, value);
        instance.row[offset] = value;
        offset++;
      }
    }
    instance.lastFrameAt = at;
    this.messages.push({ at, message: { t: "delta", now: at, instances: [{ key: instance.key, at, slots }] } });
    this.#samples.push({ key: instance.key, boot: instance.boot, at, row: [...instance.row], resources: instance.resources });
  }

  /** It restarts, declares one thing more, loses or finds its link, or takes a revision. */
  #redescribe(instance: LiveInstance, at: number): void {
    const what = this.#upTo(3);
    if (what === 0) {
      instance.boot = `${instance.boot}+`;
      instance.lastFrameAt = null;
      instance.row = instance.row.map(() => 0);
    } else if (what === 1) {
      instance.resources = [...instance.resources, { id: instance.resources.length, kind: "gauge", name: `extra-${at}` }];
      instance.row = [...instance.row, 0];
    } else if (what === 2) {
      instance.connectedAt = instance.connectedAt === null ? at : null;
      instance.disconnectedAt = instance.connectedAt === null ? at : null;
    } else instance.policyRevision = ++this.#revision;
    this.messages.push({ at, message: { t: "upsert", now: at, instances: [structuredClone(instance)] } });
    this.#changes.push({ at, instances: [recorded(instance)], forgotten: [] });
  }

  #happens(at: number): void {
    const type = TYPES[this.#upTo(TYPES.length - 1)] ?? "note";
    const data: LoggedEvent["data"] = type === "flip.created" ? { revision: ++this.#revision } : {};
    const event: LoggedEvent = {
      id: this.events.length + 1,
      at,
      receivedAt: at,
      type,
      service: "orders",
      instance: "orders-0",
      resource: null,
      actor: "agent",
      data,
    };
    this.events.push(event);
    this.messages.push({ at, message: { t: "event", now: at, events: [event] } });
    if (type === "flip.created") this.messages.push({ at, message: { t: "policy", now: at, revision: this.#revision, flip: null } });
  }

  /** A store that was live until `at`. */
  liveUntil(at: number): LiveStore {
    const store = new LiveStore({ schedule: () => undefined, clock: () => at });
    for (const entry of this.messages) if (entry.at <= at) store.receive(structuredClone(entry.message));
    return store;
  }

  story({ from, to }: TimeRange): ReplayStory {
    const before = this.liveUntil(from);
    const known = [...before.fleet.instances.values()].map((state) => recorded(describeInstance(state)));
    return {
      environment: "production",
      from,
      to,
      recordedFrom: this.from,
      revision: before.fleet.revision,
      instances: known.length > 0 ? known : this.#first.map(recorded),
      changes: this.#changes.filter((change) => change.at > from && change.at <= to),
      events: this.events.filter((event) => event.at > from && event.at <= to),
      eventsCut: false,
    };
  }

  /** Pages of whole minutes that touch the range. */
  pages({ from, to }: TimeRange): FramedPage[] {
    const minutes = new Map<string, Sample[]>();
    for (const sample of this.#samples) {
      const id = `${sample.key} ${sample.boot} ${Math.floor(sample.at / 60_000)}`;
      const minute = minutes.get(id);
      if (minute) minute.push(sample);
      else minutes.set(id, [sample]);
    }
    return [...minutes.values()].filter((minute) => minute.some((sample) => sample.at > from && sample.at <= to)).map(pageOf);
  }

  /** The last sample of each of these before a moment. */
  lastSamples(keys: readonly string[], at: number): FramedPage[] {
    return keys.flatMap((key) => {
      const last = this.#samples.filter((sample) => sample.key === key && sample.at <= at).at(-1);
      return last ? [pageOf([last])] : [];
    });
  }

  source(): CountingSource {
    return new CountingSource(this);
  }
}

const recorded = ({ row: _, ...instance }: LiveInstance): RecordedInstance => structuredClone(instance);

function pageOf(samples: readonly Sample[]): FramedPage {
  const last = samples.at(-1) as Sample;
  const bytes = encodePage({
    resources: last.resources.map(({ kind, name }) => ({ kind, name })),
    times: Float64Array.from(samples, (sample) => sample.at),
    seqs: Float64Array.from(samples, (_, i) => i + 1),
    read: (column, into) => samples.forEach((sample, i) => (into[i] = sample.row[column] ?? 0)),
  });
  return { key: last.key, boot: last.boot, bytes };
}

/** Answers at once, and counts what it was asked. */
export class CountingSource implements ReplaySource {
  requests = 0;
  /** Who was asked for by their last samples. */
  readonly asked: (readonly string[])[] = [];
  /** Fails the next requests when set. */
  failure: Error | null = null;
  readonly #world: RecordedWorld;

  constructor(world: RecordedWorld) {
    this.#world = world;
  }

  #answer<T>(value: () => T): Promise<T> {
    this.requests++;
    return this.failure === null ? Promise.resolve(value()) : Promise.reject(this.failure);
  }

  story = (range: TimeRange): Promise<ReplayStory> => this.#answer(() => this.#world.story(range));
  samples = (range: TimeRange): Promise<readonly FramedPage[]> => this.#answer(() => this.#world.pages(range));
  lastSamples = (keys: readonly string[], at: number): Promise<readonly FramedPage[]> => {
    this.asked.push(keys);
    return Promise.resolve(this.#world.lastSamples(keys, at));
  };
  transitions = (range: TimeRange): Promise<readonly number[]> =>
    this.#answer(() =>
      this.#world.events
        .filter((event) => isTransition(event.type) && event.at >= range.from && event.at <= range.to)
        .map((event) => event.at),
    );
}

/** What two fleets must have in common to look alike. */
export function looksOf(store: LiveStore) {
  const instances = [...store.fleet.instances.values()]
    .map(({ changes: _, resources, row, ...rest }) => ({
      ...rest,
      row: Array.from(row),
      resources: resources.map(({ offset, kind, name }) => ({ offset, kind, name })),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return { revision: store.fleet.revision, instances };
}
