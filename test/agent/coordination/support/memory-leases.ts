/** Leases in a variable, by the clock of the test: the reference against which contenders are played. */
import type { Grant, LeaseStore } from "../../../../agent/src/entry-coordination.ts";

interface Row {
  holder: string;
  token: number;
  expiresAt: number;
}

export interface MemoryLeases extends LeaseStore {
  readonly rows: Map<string, Row>;
  readonly grants: Grant[];
  /** Requests fail while this is set; they have had their effect when it is "after". */
  broken: null | "before" | "after";
}

export function memoryLeases(now: () => number): MemoryLeases {
  const rows = new Map<string, Row>();
  const answer = <T>(effect: () => T): Promise<T> => {
    if (self.broken === "before") return Promise.reject(new Error("down"));
    const result = effect();
    return self.broken === "after" ? Promise.reject(new Error("down")) : Promise.resolve(result);
  };
  const mine = (name: string, holder: string, token: number): Row | null => {
    const row = rows.get(name);
    return row?.holder === holder && row.token === token ? row : null;
  };
  const self: MemoryLeases = {
    rows,
    grants: [],
    broken: null,
    acquire: ({ name, holder, ttlMs }) =>
      answer(() => {
        const row = rows.get(name);
        if (row !== undefined && row.expiresAt > now() && row.holder !== holder) return null;
        const grant = { token: (row?.token ?? 0) + 1, takeover: row !== undefined && row.holder !== "" && row.holder !== holder };
        rows.set(name, { holder, token: grant.token, expiresAt: now() + ttlMs });
        self.grants.push(grant);
        return grant;
      }),
    renew: ({ name, holder, token, ttlMs }) =>
      answer(() => {
        const row = mine(name, holder, token);
        if (row === null || row.expiresAt <= now()) return false;
        row.expiresAt = now() + ttlMs;
        return true;
      }),
    release: ({ name, holder, token }) =>
      answer(() => {
        const row = mine(name, holder, token);
        if (row !== null) Object.assign(row, { holder: "", expiresAt: 0 });
      }),
  };
  return self;
}

/** Lets everything that waits for settled promises run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
