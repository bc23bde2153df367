/** The real store over a client whose transactions are watched: at the named point the process kills itself. */
import type { Db, Tx } from "../../server/store/db.ts";
import { connectPostgres } from "../../server/store/postgresql/open-postgres.ts";
import { pgDialect } from "../../server/store/postgresql/pg-dialect.ts";
import { PrismaStore } from "../../server/store/prisma-store.ts";
import { connectSqlite } from "../../server/store/sqlite/connection.ts";
import { sqliteDialect } from "../../server/store/sqlite/sqlite-dialect.ts";
import type { Store } from "../../server/store/store.ts";
import { die, type KillPoint, type Place } from "./kill-point.ts";

export interface WatchedStore {
  readonly db: Db;
  readonly store: Store;
}

export function openWatched(place: Place, kill: KillPoint | null = null): WatchedStore {
  const sqlite = place.provider === "sqlite";
  const db = sqlite
    ? connectSqlite({ path: place.path, busyTimeoutMs: 5_000 })
    : connectPostgres({ databaseUrl: place.url, schema: "public", onLost: () => undefined });
  const dialect = sqlite ? sqliteDialect : pgDialect;
  if (kill === null) return { db, store: new PrismaStore({ db, dialect }) };
  let calls = 0;
  const store = new PrismaStore({ db: watchedDb(db, kill, () => calls > 0), dialect });
  return { db, store: counted(store, kill.method, (change) => (calls += change)) };
}

/** Knows how many calls of a method are under way: transactions meanwhile are theirs, because nothing else writes here at the same time. */
function counted(store: PrismaStore, method: KillPoint["method"], change: (by: 1 | -1) => void): Store {
  return new Proxy<Store>(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]): Promise<unknown> => {
        if (name !== method) return value.apply(target, args) as unknown;
        change(1);
        try {
          return (await value.apply(target, args)) as unknown;
        } finally {
          change(-1);
        }
      };
    },
  });
}

function watchedDb(db: Db, { transaction, after }: KillPoint, ofInterest: () => boolean): Db {
  let transactions = 0;
  const transact = async <T>(work: (tx: Tx) => Promise<T>, options: object): Promise<T> => {
    if (!ofInterest() || ++transactions !== transaction) return db.$transaction(work, options);
    let statements = 0;
    const result = await db.$transaction(async (tx) => {
      const executed = (): void => {
        if (++statements === after) die();
      };
      const done = await work(watchedTx(tx, executed));
      return after === "committed" ? done : die();
    }, options);
    die();
    return result;
  };
  return new Proxy(db, {
    get: (target, name) => (name === "$transaction" ? transact : (Reflect.get(target, name, target) as unknown)),
  });
}

/** Tells of every statement that was executed. */
function watchedTx<T extends object>(tx: T, executed: () => void): T {
  return new Proxy(tx, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value === "object" && value !== null) return watchedTx(value, executed);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]): Promise<unknown> => {
        const result = (await value.apply(target, args)) as unknown;
        executed();
        return result;
      };
    },
  });
}
