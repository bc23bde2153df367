/** What the store remembers of instances, and the writing of it: batched and late, never once a frame. */
import { describeInstance, type InstanceState } from "../../core/fleet.ts";
import type { LiveInstance } from "../../protocol/live.ts";
import type { Clock, Timer } from "../clock.ts";
import type { Log } from "../log.ts";
import { instanceKey } from "../policy/feed.ts";
import type { KnownInstance, Store } from "../store/store.ts";

const SAVE_AFTER_MS = 1_000;
const RETRY_AFTER_MS = 5_000;
const SAVE_AT_MOST = 500;

/** A remembered instance as the fleet shows it: not connected, its values unknown. */
export function recallInstance(known: KnownInstance): LiveInstance {
  const seen = known.lastSeenAt > 0 ? known.lastSeenAt : null;
  return {
    key: instanceKey(known),
    service: known.service,
    instance: known.instance,
    boot: known.boot,
    ...(known.version === null ? {} : { version: known.version }),
    labels: { ...known.labels },
    connectedAt: null,
    lastFrameAt: seen,
    disconnectedAt: seen,
    left: known.left,
    clockSkewMs: null,
    policyRevision: known.policyRevision,
    resources: known.resources.map((resource) => ({ ...resource })),
    switches: known.switches.map((declared) => ({ ...declared, positions: [...declared.positions] })),
    row: [],
  };
}

/** What is to be remembered of an instance. */
export function rememberInstance(
  state: InstanceState,
  rest: Pick<KnownInstance, "environment" | "firstSeenAt" | "policies">,
): KnownInstance {
  const { row: _row, resources, ...described } = describeInstance(state);
  return {
    ...rest,
    service: described.service,
    instance: described.instance,
    boot: described.boot,
    version: described.version ?? null,
    labels: described.labels,
    lastSeenAt: Math.max(described.lastFrameAt ?? 0, described.connectedAt ?? 0, described.disconnectedAt ?? 0),
    left: described.left,
    policyRevision: described.policyRevision,
    resources: resources.map(({ id, kind, name, target, source }) => ({
      id,
      kind,
      name,
      ...(target === undefined ? {} : { target }),
      ...(source === undefined ? {} : { source }),
    })),
    switches: described.switches,
  };
}

export interface LateWriterOptions<T> {
  readonly what: string;
  readonly save: (items: readonly T[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Pick<Log, "error">;
}

/**
 * Writes the latest value of each key some time after it changed. A failed write is tried again; what changes meanwhile replaces
 * what was to be written.
 */
export class LateWriter<T> {
  readonly #options: LateWriterOptions<T>;
  readonly #dirty = new Map<string, () => T | null>();
  #timer: Timer | null = null;
  #saving: Promise<boolean> | null = null;

  constructor(options: LateWriterOptions<T>) {
    this.#options = options;
  }

  /** Marks a key; `value` is asked when it is written, null means there is nothing to write any more. */
  mark(key: string, value: () => T | null): void {
    this.#dirty.set(key, value);
    this.#schedule(SAVE_AFTER_MS);
  }

  drop(key: string): void {
    this.#dirty.delete(key);
  }

  /** Writes everything marked, now; gives up on the first failure. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#saving;
    while (this.#dirty.size > 0) if (!(await this.#save())) return;
  }

  #schedule(ms: number): void {
    if (this.#timer || this.#saving) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = null;
      void this.#save();
    }, ms);
  }

  async #save(): Promise<boolean> {
    this.#saving = this.#saveSome();
    const saved = await this.#saving;
    this.#saving = null;
    if (this.#dirty.size > 0) this.#schedule(saved ? SAVE_AFTER_MS : RETRY_AFTER_MS);
    return saved;
  }

  async #saveSome(): Promise<boolean> {
    const some = [...this.#dirty].slice(0, SAVE_AT_MOST);
    for (const [key] of some) this.#dirty.delete(key);
    const values = some.map(([, value]) => value()).filter((value) => value !== null);
    if (values.length === 0) return true;
    try {
      await this.#options.save(values);
      return true;
    } catch (error) {
      for (const [key, value] of some) if (!this.#dirty.has(key)) this.#dirty.set(key, value);
      this.#options.log.error({ err: error, count: values.length }, `could not save ${this.#options.what}; will be tried again`);
      return false;
    }
  }
}

/** Everything the fleet starts from. */
export async function recallFleet(store: Pick<Store, "listInstances" | "listEnvironments" | "currentRevision">): Promise<{
  readonly instances: readonly KnownInstance[];
  readonly revisions: ReadonlyMap<string, number>;
}> {
  const instances = await store.listInstances();
  const environments = new Set([...(await store.listEnvironments()), ...instances.map((known) => known.environment)]);
  const revisions = new Map<string, number>();
  for (const environment of environments) revisions.set(environment, await store.currentRevision(environment));
  return { instances, revisions };
}
