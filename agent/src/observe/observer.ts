/** Puts things under observation: finds the adapter, guards it, gives it a place in the table, and takes it away again. */
import type { Kind } from "../../../protocol/kinds.ts";
import { cleanData, nameOrNothing, shown } from "../clean.ts";
import { describeError, type Journal } from "../journal.ts";
import { indexesOf, type Cells } from "../telemetry/columns.ts";
import type { Reader, Resource, ResourceTable } from "../telemetry/resource-table.ts";
import type { Steering } from "../resilience/part.ts";
import type { Disposer, ObserveOptions, Readings, ResourceKind, ResourceOptions, Scalar } from "../types.ts";
import type { Adapter, AdapterContext, Attachment, Sink } from "./adapter.ts";
import { wrappedIn } from "./cockatiel.ts";
import { steeringOf, type Control } from "./control.ts";
import { MAX_MEMBERS, memberName, type Family } from "./family.ts";
import { Guard } from "./guard.ts";
import { recognise, recogniseFamily, unwrapped } from "./recognise.ts";
import { ResourceSink } from "./resource-sink.ts";
import { BreakerWatch, PoolWatch, ShedWatch, type Watch } from "./watches.ts";

export interface ObserverParts {
  readonly table: ResourceTable;
  readonly journal: Journal;
  /** Monotonic clock. */
  readonly now: () => number;
  readonly added: (resource: Resource) => void;
  readonly retired: (resource: Resource) => void;
  readonly event: (type: string, data: Record<string, Scalar>, resource: { readonly kind: Kind; readonly name: string }) => void;
  /** Lets the console steer what the host said it may; without it, `control` changes nothing. */
  readonly steer?: (name: string, steering: Steering) => Disposer;
  /** 0 to 1; Math.random by default. */
  readonly random?: () => number;
  /** Puts something between adapters and their sinks; for tests of what happens when it throws. */
  readonly wrapSink?: (sink: Sink) => Sink;
}

interface Placing {
  readonly kind: Kind;
  readonly name: string;
  readonly options: ObserveOptions | undefined;
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

  observe(thing: unknown, name: string, options?: ObserveOptions): Disposer {
    const { journal } = this.#parts;
    if (typeof thing !== "object" || thing === null) {
      journal.once(`shape ${shown(name)}`, "warn", `${shown(name)} is not an object that can be observed`);
      return nothing;
    }
    const parts = wrappedIn(thing);
    if (parts.length > 0) return this.#observeWrapped(parts, name, options);
    const inner = unwrapped(thing);
    const adapter = recognise(inner);
    if (adapter !== null) return this.#attach(adapter, inner, { kind: adapter.kind, name, options });
    const family = recogniseFamily(thing);
    if (family !== null) return this.#observeFamily(family, thing, { kind: family.kind, name, options });
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

  /** Looks for members that have appeared since the last sample. */
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
    /** What undoes it all, last first. */
    const undo: (() => void)[] = [];
    const dispose = (): void => {
      guard.close();
      if (resource !== null) this.#retire(resource);
      for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
        try {
          step();
        } catch (error) {
          journal.errors++;
          journal.once(`detach ${placing.name}`, "error", `${placing.name} cannot be let go: ${describeError(error)}`);
        }
      }
    };
    if (resource === null) return nothing;
    const random = this.#parts.random ?? Math.random;
    const attachment = attach(adapter, thing, { guard, sink, now, random, settings: placing.options?.settings ?? {}, ended: dispose });
    if (attachment === null) return nothing;
    undo.push(() => {
      attachment.release?.();
      const alive = target.deref();
      if (alive !== undefined) attachment.detach?.(alive);
    });
    if (placing.options?.control === true) undo.push(...this.#control(attachment.controls ?? [], thing, { name: placing.name, guard }));
    read = (cells) => {
      const alive = target.deref();
      if (alive === undefined) {
        dispose();
        return false;
      }
      own.fill(cells);
      attachment.read(alive, cells);
      return true;
    };
    return dispose;
  }

  /** Hands what can be changed to whoever steers. The answers put it back and let go. */
  #control(
    controls: readonly Control<object>[],
    thing: object,
    { name, guard }: { readonly name: string; readonly guard: Guard },
  ): (() => void)[] {
    const { steer, journal } = this.#parts;
    if (steer === undefined) return [];
    if (controls.length === 0) journal.once(`control ${name}`, "warn", `${shown(name)} has nothing that can be changed while it runs`);
    const undo: (() => void)[] = [];
    for (const control of controls) {
      const made = guard.run(() => steeringOf(control, thing, guard), null);
      if (made !== null) undo.push(made.restore, steer(name, made.steering));
    }
    return undo;
  }

  /** One resource for each policy; a second one of a kind is named "name 2". */
  #observeWrapped(parts: readonly object[], name: string, options: ObserveOptions | undefined): Disposer {
    const seen = new Map<Kind, number>();
    const disposers = parts.map((part) => {
      const adapter = recognise(part);
      if (adapter === null) return nothing;
      const count = (seen.get(adapter.kind) ?? 0) + 1;
      seen.set(adapter.kind, count);
      return this.observe(part, count === 1 ? name : `${name} ${count}`, options);
    });
    return () => disposers.forEach((dispose) => dispose());
  }

  #observeFamily(family: Family, thing: object, placing: Placing): Disposer {
    const { kind, name, options } = placing;
    if (nameOrNothing(name) === undefined) {
      this.#refuse(kind, name, "its name cannot travel");
      return nothing;
    }
    const target = new WeakRef(thing);
    const disposers = new Map<string, Disposer>();
    const settings = options?.settings ?? {};
    const guard = this.#guardFor(name, () => dispose());
    const dispose = (): void => {
      guard.close();
      for (const one of disposers.values()) one();
    };
    const read = (member: string, cells: Cells): boolean => {
      const alive = target.deref();
      const there = alive !== undefined && family.read(alive, member, cells, settings);
      if (!there) disposers.delete(member);
      return there;
    };
    const meet = (): boolean => {
      const alive = target.deref();
      if (alive === undefined) return false;
      for (const member of family.members(alive)) {
        if (disposers.has(member) || disposers.size >= MAX_MEMBERS) continue;
        const called = memberName(name, member);
        const own = this.#guardFor(called, () => disposers.get(member)?.());
        const watch = this.#watchFor(kind, called);
        const resource = this.#place(
          { kind, name: called, options, source: family.source },
          {
            read: (cells) => own.run(() => read(member, cells), false),
            sampled: (cells) => own.run(() => watch?.sampled(cells), undefined),
          },
        );
        disposers.set(member, () => {
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
