/** What the adapters of pools share: four numbers, some events, and a size the console may change. */
import { indexesOf } from "../telemetry/columns.ts";
import type { Adapter, AdapterContext, Attachment } from "./adapter.ts";
import type { Control } from "./control.ts";
import { plainSettings } from "./adapter.ts";

export const POOL = indexesOf("pool");

export interface PoolLibrary<T> extends Omit<Control<T>, "policy"> {
  readonly source: string;
  readonly counts?: readonly number[];
  recognises(thing: object): thing is object & T;
  /** Where its options are, and those worth showing. */
  options(pool: T): unknown;
  readonly shown: readonly string[];
  /** In use, idle, waiting, the most there may be. */
  read(pool: T): readonly [inUse: number, idle: number, waiting: number, max: number];
  /** Listens to what cannot be read. */
  watch?(pool: T, context: AdapterContext): Pick<Attachment<T>, "detach" | "release">;
}

export function poolAdapter<T extends object>(library: PoolLibrary<T>): Adapter<T> {
  const controls: readonly Control<T>[] = [{ ...library, policy: "pool" }];
  return {
    kind: "pool",
    source: library.source,
    counts: library.counts ?? [],
    recognises: (thing): thing is T => library.recognises(thing),
    settings: (pool) => plainSettings(library.options(pool), library.shown),
    attach: (pool, context) => ({
      ...library.watch?.(pool, context),
      controls,
      read: (thing, cells) => {
        const [inUse, idle, waiting, max] = library.read(thing);
        cells[POOL.inUse] = inUse;
        cells[POOL.idle] = idle;
        cells[POOL.waiting] = waiting;
        cells[POOL.max] = max;
      },
    }),
  };
}
