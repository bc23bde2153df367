/** Where outcomes are kept: the contract of every store, and the one in memory. */
import { promised, systemWorld, type World } from "./world.ts";

/** One attempt to run a request. `id` is a digest of caller and key, `holder` unique to the attempt. */
export interface Attempt {
  readonly id: string;
  readonly fingerprint: string;
  readonly holder: string;
  /** A first run that is not renewed for this long has crashed, and frees the key. */
  readonly lockMs: number;
  /** The key is remembered this long. */
  readonly keepMs: number;
}

/** `mine`: run it. `running`: another does. `done`: its outcome. */
export type Begun =
  | { readonly state: "mine" }
  | { readonly state: "running"; readonly fingerprint: string }
  | { readonly state: "done"; readonly fingerprint: string; readonly outcome: string; readonly expiresInMs: number };

/** Every call is atomic by the store's clock; it rejects when the store cannot be reached. */
export interface IdempotencyStore {
  /** Inserts first. Takes over a crashed run of the same fingerprint, and anything that expired. */
  begin(attempt: Attempt): Promise<Begun>;
  /** Still running. False when another has taken over. */
  renew(attempt: Attempt): Promise<boolean>;
  /** Keeps the outcome unless another has taken over: then false. */
  finish(attempt: Attempt, outcome: string): Promise<boolean>;
  /** Frees the key, unless another has taken over. */
  forget(attempt: Attempt): Promise<void>;
}

interface Entry {
  fingerprint: string;
  holder: string;
  lockedUntil: number;
  expiresAt: number;
  outcome: string | null;
}

/**
 * For one process and tests: nothing survives a restart, instances do not know of each other. At most `maxEntries` (10,000): then the
 * oldest outcome goes, and when all of them still run, `begin` rejects.
 */
export function memoryIdempotency(
  options: { readonly maxEntries?: number | undefined; readonly world?: World | undefined } = {},
): IdempotencyStore {
  const { maxEntries = 10_000, world = systemWorld } = options;
  const entries = new Map<string, Entry>();
  const mine = ({ id, holder }: Attempt): Entry | null => {
    const entry = entries.get(id);
    return entry?.holder === holder && entry.outcome === null ? entry : null;
  };
  const makeRoom = (now: number): void => {
    if (entries.size < maxEntries) return;
    for (const [id, entry] of entries) {
      if (entry.outcome === null && entry.lockedUntil > now) continue;
      entries.delete(id);
      return;
    }
    throw new Error("idempotency: the memory is full of running requests");
  };
  const begin = (attempt: Attempt): Begun => {
    const now = world.monoNow();
    const { id, fingerprint, holder, lockMs, keepMs } = attempt;
    const entry = entries.get(id);
    if (entry !== undefined && entry.expiresAt > now) {
      if (entry.outcome !== null) {
        return { state: "done", fingerprint: entry.fingerprint, outcome: entry.outcome, expiresInMs: entry.expiresAt - now };
      }
      if (entry.lockedUntil > now || entry.fingerprint !== fingerprint) return { state: "running", fingerprint: entry.fingerprint };
    }
    entries.delete(id);
    makeRoom(now);
    entries.set(id, { fingerprint, holder, lockedUntil: now + lockMs, expiresAt: now + keepMs, outcome: null });
    return { state: "mine" };
  };
  return {
    begin: promised(begin),
    renew: promised((attempt: Attempt) => {
      const entry = mine(attempt);
      if (entry !== null) entry.lockedUntil = world.monoNow() + attempt.lockMs;
      return entry !== null;
    }),
    finish: promised((attempt: Attempt, outcome: string) => {
      const entry = mine(attempt);
      if (entry !== null) Object.assign(entry, { outcome, expiresAt: world.monoNow() + attempt.keepMs });
      return entry !== null;
    }),
    forget: promised((attempt: Attempt) => {
      if (mine(attempt) !== null) entries.delete(attempt.id);
    }),
  };
}
