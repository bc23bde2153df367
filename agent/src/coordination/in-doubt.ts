/** Prepared transactions of PostgreSQL that nobody has committed or rolled back: they hold their locks until an operator decides. */
import type { Reading } from "../../../protocol/kinds.ts";
import { settle } from "../resilience/home.ts";
import type { Timer } from "../runtime.ts";
import { numberOf, type SqlClient } from "./sql.ts";
import { systemWorld, textOf, type World } from "./world.ts";

export interface PreparedTransaction {
  readonly gid: string;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly preparedAt: number;
  readonly ageMs: number;
  readonly owner: string;
  readonly database: string;
}

export interface InDoubtOptions {
  /** Name on the console. Default `prepared`. */
  readonly name?: string | undefined;
  /** Time between two looks. Default 30 s. */
  readonly everyMs?: number | undefined;
  readonly world?: World | undefined;
}

export interface InDoubt {
  /** As last read, oldest first, at most 100; `count` counts them all. */
  readonly list: readonly PreparedTransaction[];
  /** Null before the first look and after one that failed. */
  readonly count: number | null;
  /** Why the last look failed; null when it did not. */
  readonly problem: string | null;
  /** Looks now. Never rejects. */
  refresh(): Promise<void>;
  close(): void;
}

const MS = (time: string): string => `(extract(epoch from ${time}) * 1000)::bigint`;
const QUERY = `select gid, owner, database, ${MS("prepared")} as prepared_at, ${MS("clock_timestamp() - prepared")} as age, count(*) over () as total
from pg_prepared_xacts order by prepared limit 100`;

/** Looks at once and then every 30 s. `const doubt = inDoubt({ query: async (sql) => (await pool.query(sql)).rows })` */
export function inDoubt(client: SqlClient, { name = "prepared", everyMs = 30_000, world = systemWorld }: InDoubtOptions = {}): InDoubt {
  let list: readonly PreparedTransaction[] = [];
  let count: number | null = null;
  let problem: string | null = null;
  let looking: Promise<void> | null = null;
  let timer: Timer | null = null;
  let closed = false;

  const read = (): Reading<"prepared"> => ({ inDoubt: count, oldestMs: count === null ? null : (list[0]?.ageMs ?? 0) });
  const leave = settle({ name, kind: "prepared", read, steering: null, tell: null });

  const look = async (): Promise<void> => {
    try {
      const rows = await client.query(QUERY, []);
      list = rows.map((row) => ({
        gid: String(row["gid"]),
        preparedAt: numberOf(row["prepared_at"]),
        ageMs: Math.max(0, numberOf(row["age"])),
        owner: String(row["owner"]),
        database: String(row["database"]),
      }));
      count = numberOf(rows[0]?.["total"]);
      problem = null;
    } catch (error) {
      list = [];
      count = null;
      problem = textOf(error);
    }
  };
  const refresh = (): Promise<void> => (looking ??= look().finally(() => (looking = null)));
  const poll = (): void => {
    void refresh().then(() => {
      if (!closed) timer = world.after(everyMs, poll);
    });
  };
  poll();

  return {
    get list() {
      return list;
    },
    get count() {
      return count;
    },
    get problem() {
      return problem;
    },
    refresh,
    close: () => {
      closed = true;
      timer?.cancel();
      leave();
    },
  };
}
