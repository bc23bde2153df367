/** Where sagas are written down: the contract of every journal, and the one in memory. */
import { promised, systemWorld, type World } from "./world.ts";

export type SagaStatus = "running" | "compensating" | "completed" | "compensated" | "stuck";

/** One saga as it is written: plain JSON. */
export interface SagaRecord {
  readonly id: string;
  /** Of the kind of saga. */
  readonly name: string;
  readonly status: SagaStatus;
  readonly input: unknown;
  /** Names of the steps when it began. */
  readonly steps: readonly string[];
  /** Forward: the step that runs next, or may have begun. Back: how many steps, from the first, are still to be compensated. */
  readonly at: number;
  readonly direction: "forward" | "back";
  /** Failed attempts of the step at hand. */
  readonly attempts: number;
  readonly results: readonly unknown[];
  /** Why it went back, or why it is stuck. */
  readonly error: string | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Who works on a saga, and for how long without a sign of life another may not. */
export interface SagaOwner {
  readonly owner: string;
  readonly lockMs: number;
}

/** Every call is atomic; it rejects when the journal cannot be reached. */
export interface SagaJournal {
  /** False when there is one with this id. */
  create(record: SagaRecord, owner: SagaOwner): Promise<boolean>;
  /** Writes, and stays the owner unless the saga rests. False when another owns it: then nothing is written. */
  save(record: SagaRecord, owner: SagaOwner): Promise<boolean>;
  /** A sign of life. False when another owns it. */
  renew(id: string, owner: SagaOwner): Promise<boolean>;
  load(id: string): Promise<SagaRecord | null>;
  /** Takes sagas of this name that run and whose owner gave no sign of life, oldest first. */
  claim(name: string, owner: SagaOwner, limit: number): Promise<readonly SagaRecord[]>;
  /** Takes one that is stuck; null when it is not. */
  unpark(id: string, owner: SagaOwner): Promise<SagaRecord | null>;
  /** Those that are stuck, oldest first. */
  stuck(name: string, limit: number): Promise<readonly SagaRecord[]>;
}

export function rests(status: SagaStatus): boolean {
  return status !== "running" && status !== "compensating";
}

interface Entry {
  record: SagaRecord;
  owner: string;
  lockedUntil: number;
}

/**
 * For tests and for sagas that may die with the process. At most `maxSagas` (10,000): then the oldest that ended goes, and when none
 * has ended, `create` rejects.
 */
export function memoryJournal(options: { readonly maxSagas?: number | undefined; readonly world?: World | undefined } = {}): SagaJournal {
  const { maxSagas = 10_000, world = systemWorld } = options;
  const entries = new Map<string, Entry>();
  const own = (entry: Entry, { owner, lockMs }: SagaOwner): SagaRecord => {
    Object.assign(entry, { owner, lockedUntil: world.monoNow() + lockMs });
    return entry.record;
  };
  const owned = (id: string, { owner }: SagaOwner): Entry | null => {
    const entry = entries.get(id);
    return entry?.owner === owner ? entry : null;
  };
  const makeRoom = (): void => {
    if (entries.size < maxSagas) return;
    const ended = [...entries.values()].find(({ record }) => record.status === "completed" || record.status === "compensated");
    if (ended === undefined) throw new Error("saga: the journal is full");
    entries.delete(ended.record.id);
  };
  const all = (name: string, wanted: (entry: Entry) => boolean): Entry[] =>
    [...entries.values()].filter((entry) => entry.record.name === name && wanted(entry));
  return {
    create: promised((record: SagaRecord, owner: SagaOwner) => {
      if (entries.has(record.id)) return false;
      makeRoom();
      entries.set(record.id, { record: structuredClone(record), owner: owner.owner, lockedUntil: world.monoNow() + owner.lockMs });
      return true;
    }),
    save: promised((record: SagaRecord, owner: SagaOwner) => {
      const entry = owned(record.id, owner);
      if (entry === null) return false;
      entry.record = structuredClone(record);
      own(entry, rests(record.status) ? { owner: "", lockMs: 0 } : owner);
      return true;
    }),
    renew: promised((id: string, owner: SagaOwner) => {
      const entry = owned(id, owner);
      if (entry !== null) own(entry, owner);
      return entry !== null;
    }),
    load: promised((id: string) => entries.get(id)?.record ?? null),
    claim: promised((name: string, owner: SagaOwner, limit: number) =>
      all(name, ({ record, lockedUntil }) => !rests(record.status) && lockedUntil <= world.monoNow())
        .slice(0, limit)
        .map((entry) => own(entry, owner)),
    ),
    unpark: promised((id: string, owner: SagaOwner) => {
      const entry = entries.get(id);
      if (entry?.record.status !== "stuck") return null;
      entry.record = unparked(entry.record);
      return own(entry, owner);
    }),
    stuck: promised((name: string, limit: number) =>
      all(name, ({ record }) => record.status === "stuck")
        .slice(0, limit)
        .map(({ record }) => record),
    ),
  };
}

/** A stuck saga as it goes on, in the direction it had. */
export function unparked(record: SagaRecord): SagaRecord {
  return { ...record, status: record.direction === "forward" ? "running" : "compensating", attempts: 0 };
}
