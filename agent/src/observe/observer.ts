/** Puts things under observation: finds the adapter, guards it, gives it a place in the table, and takes it away again. */
import type { Kind } from "../../../protocol/kinds.ts";
import { cleanData, nameOrNothing, shown } from "../clean.ts";
import { describeError, type Journal } from "../journal.ts";
import { indexesOf, type Cells } from "../telemetry/columns.ts";
import type { Reader, Resource, ResourceTable } from "../telemetry/resource-table.ts";
import type { Disposer, Readings, ResourceKind, ResourceOptions, Scalar } from "../types.ts";
import type { Adapter, AdapterContext, Attachment, Sink } from "./adapter.ts";
import { Guard } from "./guard.ts";
import { recognise } from "./recognise.ts";
import { ResourceSink } from "./resource-sink.ts";
import { isUndiciAgent, MAX_ORIGINS, originName, type UndiciAgent } from "./undici-agent.ts";
import { isStats, readStats } from "./undici-pool.ts";
import { BreakerWatch, PoolWatch, ShedWatch, type Watch } from "./watches.ts";

export interface ObserverParts {
  readonly table: ResourceTable;
  readonly journal: Journal;
  /** Monotonic clock. */
  readonly now: () => number;
  readonly added: (resource: Resource) => void;
  readonly retired: (resource: Resource) => void;
  readonly event: (type: string, data: Record<string, Scalar>, resource: { readonly kind: Kind; readonly name: string }) => void;
  /** Puts something between adapters and their sinks; for tests of what happens when it throws. */
  readonly wrapSink?: (sink: Sink) => Sink;
}

interface Placing {
  readonly kind: Kind;
  readonly name: string;
  readonly options: ResourceOptions | undefined;
  readonly source?: string;
  readonly settings?: Record<string, Scalar>;
}

const nothing: Disposer = () => undefined;

export class Observer {
  readonly #parts: ObserverParts;
  #collectors: { readonly collect: () => boolean }[] = [];

  constructor(parts: ObserverParts) {
    this.#parts = parts;
  }

  observe(thing: unknown, name: string, options?: ResourceOptions): Disposer {
    const { journal } = this.#parts;
    if (typeof thing !== "object" || thing === null) {
      journal.once(`shape ${shown(name)}`, "warn", `${shown(name)} is not an object that can be observed`);
      return nothing;
    }
    const adapter = recognise(thing);
    if (adapter !== null) return this.#attach(adapter, thing, { kind: adapter.kind, name, options });
    if (isUndiciAgent(thing)) return this.#observeAgent(thing, name, options);
    journal.once(`shape ${shown(name)}`, "warn", `${shown(name)} is of no library the agent knows; use agent.resource() for it`);
    return nothing;
  }

  resource<K extends ResourceKind>(
    placing: { readonly kind: K; readonly name: string; readonly options: ResourceOptions | undefined },
    read: () => Readings[K],
  ): Disposer {
    const columns = Object.entries<number>(indexesOf(placing.kind));
    const guard = this.#guardFor(placing.name, () => dispose());
    const watch = this.#watchFor(placing.kind, placing.name);
    const reader: Reader = {
      read: (cells) =>
        guard.run(() => {
          const reading = read() as Readonly<Record<string, unknown>> | null | undefined;
          if (typeof reading !== "object" || reading === null) return true;
          for (const [column, index] of columns) cells[index] = numberOr(reading[column]);
          return true;
        }, false),
      sampled: (cells) => guard.run(() => watch?.sampled(cells), undefined),
    };
    const resource = this.#place(placing, reader);
    const dispose = (): void => {
      guard.close();
      if (resource !== null) this.#retire(resource);
    };
    return dispose;
  }

  /** Looks for origins that undici Agents have met since the last sample. */
  collect(): void {
    if (this.#collectors.length > 0) this.#collectors = this.#collectors.filter((collector) => collector.collect());
  }

  /** The object of a resource is gone. */
  gone(resource: Resource): void {
    this.#retire(resource);
  }

  #attach(adapter: Adapter, thing: object, placing: Placing): Disposer {
    const { now, journal } = this.#parts;
    const target = new WeakRef(thing);
    const watch = this.#watchFor(placing.kind, placing.name);
    const guard = this.#guardFor(placing.name, () => dispose());
    const own = new ResourceSink({
      kind: adapter.kind,
      counts: adapter.counts,
      now,
      moved: (state, permille) => {
        if (watch instanceof BreakerWatch) watch.moved(state, permille);
      },
    });
    const sink = this.#parts.wrapSink?.(own) ?? own;
    // A closure here that named the thing would keep it alive through every other closure of this function.
    const settings = settingsOf(adapter, thing, guard);
    let read: (cells: Cells) => boolean = () => true;
    const resource = this.#place(
      { ...placing, source: adapter.source, settings },
      {
        read: (cells) => guard.run(() => read(cells), false),
        sampled: (cells) => guard.run(() => watch?.sampled(cells), undefined),
      },
    );
    let detach: () => void = () => undefined;
    const dispose = (): void => {
      guard.close();
      if (resource !== null) this.#retire(resource);
      try {
        detach();
      } catch (error) {
        journal.errors++;
        journal.once(`detach ${placing.name}`, "error", `${placing.name} cannot be let go: ${describeError(error)}`);
      }
    };
    if (resource === null) return nothing;
    const attachment = attach(adapter, thing, { guard, sink, now, settings: placing.options?.settings ?? {}, ended: dispose });
    if (attachment === null) return nothing;
    detach = () => {
      const alive = target.deref();
      if (alive !== undefined) attachment.detach(alive);
    };
    read = (cells) => {
      const alive = target.deref();
      if (alive === undefined) return false;
      own.fill(cells);
      attachment.read(alive, cells);
      return true;
    };
    return dispose;
  }

  #observeAgent(agent: UndiciAgent, name: string, options: ResourceOptions | undefined): Disposer {
    if (nameOrNothing(name) === undefined) {
      this.#refuse("pool", name, "its name cannot travel");
      return nothing;
    }
    const target = new WeakRef(agent);
    const disposers = new Map<string, Disposer>();
    const connections = options?.settings?.["connections"];
    const max = typeof connections === "number" ? connections : NaN;
    const guard = this.#guardFor(name, () => dispose());
    const dispose = (): void => {
      guard.close();
      for (const one of disposers.values()) one();
    };
    const readOrigin = (origin: string, cells: Cells): boolean => {
      const alive = target.deref();
      if (alive === undefined) return false;
      const stats: unknown = alive.stats[origin];
      if (isStats(stats)) readStats(stats, max, cells);
      return true;
    };
    const meet = (): boolean => {
      const alive = target.deref();
      if (alive === undefined) return false;
      for (const origin of Object.keys(alive.stats)) {
        if (disposers.has(origin) || disposers.size >= MAX_ORIGINS) continue;
        const own = this.#guardFor(originName(name, origin), () => disposers.get(origin)?.());
        const watch = this.#watchFor("pool", originName(name, origin));
        const resource = this.#place(
          { kind: "pool", name: originName(name, origin), options, source: "undici" },
          {
            read: (cells) => own.run(() => readOrigin(origin, cells), false),
            sampled: (cells) => own.run(() => watch?.sampled(cells), undefined),
          },
        );
        disposers.set(origin, () => {
          own.close();
          if (resource !== null) this.#retire(resource);
        });
      }
      return true;
    };
    this.#collectors.push({ collect: () => guard.run(meet, false) });
    guard.run(meet, false);
    return dispose;
  }

  #place(placing: Placing, reader: Reader): Resource | null {
    const { table, added } = this.#parts;
    const { kind, options } = placing;
    const name = nameOrNothing(placing.name);
    if (name === undefined)
      return this.#refuse(kind, placing.name, "its name cannot travel: 1 to 64 characters, no control or direction marks");
    const target = nameOrNothing(options?.target);
    const settings = cleanData({ ...placing.settings, ...options?.settings });
    const declaration = {
      kind,
      name,
      ...(target === undefined ? {} : { target }),
      ...(placing.source === undefined ? {} : { source: placing.source }),
      ...(Object.keys(settings).length === 0 ? {} : { settings }),
    };
    const resource = table.add(declaration, reader);
    if (resource === "full") return this.#refuse(kind, name, "the agent has reached its limit of resources");
    if (resource === "duplicate") return this.#refuse(kind, name, `another ${kind} has this name`);
    added(resource);
    return resource;
  }

  #refuse(kind: Kind, name: unknown, why: string): null {
    const { journal } = this.#parts;
    journal.capped++;
    journal.once(`refused ${kind} ${shown(name)}`, "warn", `the ${kind} ${shown(name)} is not observed: ${why}`);
    return null;
  }

  #retire(resource: Resource): void {
    if (this.#parts.table.retire(resource)) this.#parts.retired(resource);
  }

  #guardFor(name: unknown, onFailure: () => void): Guard {
    return new Guard(this.#parts.journal, shown(name), onFailure);
  }

  #watchFor(kind: Kind, name: string): (Watch & object) | null {
    const tell = (type: string, data: Record<string, Scalar>): void => this.#parts.event(type, data, { kind, name });
    if (kind === "breaker") return new BreakerWatch(tell);
    if (kind === "pool") return new PoolWatch(tell);
    return kind === "shedder" ? new ShedWatch(tell, this.#parts.now) : null;
  }
}

function settingsOf(adapter: Adapter, thing: object, guard: Guard): Record<string, Scalar> {
  return guard.run(() => adapter.settings(thing), {});
}

function attach(adapter: Adapter, thing: object, context: AdapterContext): Attachment<object> | null {
  return context.guard.run(() => adapter.attach(thing, context), null);
}

function numberOr(value: unknown): number {
  return typeof value === "number" ? value : NaN;
}
