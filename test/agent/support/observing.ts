/** An Observer with its table, sampled when a test says so and on a clock the test may hold. */
import { columnsOf, type Reading } from "../../../protocol/kinds.ts";
import type { OverrideState, Values } from "../../../protocol/settings.ts";
import { Journal } from "../../../agent/src/journal.ts";
import type { Sink } from "../../../agent/src/observe/adapter.ts";
import { Observer } from "../../../agent/src/observe/observer.ts";
import type { Steering } from "../../../agent/src/resilience/part.ts";
import { ResourceTable } from "../../../agent/src/telemetry/resource-table.ts";
import type { Disposer, ObserveOptions } from "../../../agent/src/types.ts";
import { until } from "./until.ts";

export interface Observing {
  readonly observer: Observer;
  readonly table: ResourceTable;
  readonly journal: Journal;
  readonly lines: string[];
  readonly events: { readonly type: string; readonly name: string; readonly data: object }[];
  /** What the console could steer, by "policy name". */
  readonly steerings: Map<string, Steering>;
  /** Added to the monotonic clock. */
  ahead: number;
  observe(thing: object, name: string, options?: ObserveOptions): Disposer;
  /** Takes a sample; columns that are unknown are left out. */
  sample(kind: string, name: string): Reading;
  /** Samples until the reading looks as wanted. */
  sampleWhere(kind: string, name: string, wanted: (values: Reading) => boolean): Promise<Reading>;
  /** Settings of one item of the console; none: the item has ended. */
  set(what: string, values?: Values): void;
  override(what: string, state: OverrideState | null): void;
  /** Ends every observation. */
  end(): void;
}

export function observing(wrapSink?: (sink: Sink) => Sink): Observing {
  const table = new ResourceTable();
  const lines: string[] = [];
  const journal = new Journal((_level, message) => void lines.push(message));
  const events: { readonly type: string; readonly name: string; readonly data: object }[] = [];
  const disposers: Disposer[] = [];
  const steerings = new Map<string, Steering>();
  const self: Observing = {
    table,
    journal,
    lines,
    events,
    steerings,
    ahead: 0,
    observer: new Observer({
      table,
      journal,
      now: () => performance.now() + self.ahead,
      added: () => undefined,
      retired: () => undefined,
      event: (type, data, { name }) => void events.push({ type, name, data }),
      steer: (name, steering) => {
        const what = `${steering.policy} ${name}`;
        steerings.set(what, steering);
        return () => void steerings.delete(what);
      },
      ...(wrapSink === undefined ? {} : { wrapSink }),
    }),
    observe: (thing, name, options) => {
      const dispose = self.observer.observe(thing, name, options);
      disposers.push(dispose);
      return dispose;
    },
    end: () => disposers.forEach((dispose) => dispose()),
    sample: (kind, name) => {
      self.observer.collect();
      table.sample((resource) => self.observer.gone(resource));
      const found = table
        .all()
        .find(({ declaration, reader }) => reader !== null && declaration.kind === kind && declaration.name === name);
      if (found === undefined) throw new Error(`no ${kind} ${name}`);
      const slots = columnsOf(found.declaration.kind).map((column, i) => [column.name, (table.row[found.offset + i] ?? 0) - 1] as const);
      return Object.fromEntries(slots.filter(([, value]) => value >= 0));
    },
    sampleWhere: (kind, name, wanted) =>
      until(`${kind} ${name} looks as wanted`, () => {
        const values = self.sample(kind, name);
        return wanted(values) ? values : null;
      }),
    set: (what, values) => steeringOf(self, what).settings(values === undefined ? [] : [{ revision: 1, values }]),
    override: (what, state) => steeringOf(self, what).override(state, 1),
  };
  return self;
}

function steeringOf({ steerings }: Observing, what: string): Steering {
  const steering = steerings.get(what);
  if (steering === undefined) throw new Error(`no ${what} to steer`);
  return steering;
}
