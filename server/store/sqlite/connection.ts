/**
 * The libSQL adapter with three things put right. The stock one opens a new connection after every transaction and leaves the old one to
 * the garbage collector; here one connection serves for ever, so that its settings stay. Transactions take the write lock when they begin,
 * not at their first write, so that they cannot fail half-way. And durability is proven: the settings are read back.
 */
import { type Client, createClient, type Transaction } from "@libsql/client";
import { PrismaLibSql } from "@prisma/adapter-libsql";
import type { SqlDriverAdapter } from "@prisma/driver-adapter-utils";
import { type Db, TRANSACTION_OPTIONS } from "../db.ts";
import { PrismaClient } from "../generated/sqlite/client.ts";

export interface SqliteConnectionOptions {
  /** Absolute path of the database file. */
  readonly path: string;
  /** How long a statement waits for another connection's write lock, in milliseconds. The thread is blocked meanwhile. */
  readonly busyTimeoutMs: number;
}

/** Statement, what reading it back must give, as text. */
const SETTINGS = [
  ["journal_mode", "WAL", "wal"],
  ["synchronous", "FULL", "2"],
  ["foreign_keys", "ON", "1"],
] as const;
const JOURNAL_SIZE_LIMIT = 64 * 1024 * 1024;

class DurableLibSql extends PrismaLibSql {
  readonly #busyTimeoutMs: number;

  constructor({ path, busyTimeoutMs }: SqliteConnectionOptions) {
    super({ url: fileUrl(path) });
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  override async connect(): Promise<SqlDriverAdapter> {
    const adapter = await super.connect();
    try {
      await adapter.executeScript(`pragma busy_timeout = ${this.#busyTimeoutMs}; pragma journal_size_limit = ${JOURNAL_SIZE_LIMIT};`);
      for (const [name, value, expected] of SETTINGS) {
        await adapter.executeScript(`pragma ${name} = ${value}`);
        const { rows } = await adapter.queryRaw({ sql: `pragma ${name}`, args: [], argTypes: [] });
        const found = String(rows[0]?.[0]);
        if (found !== expected) throw new Error(`SQLite refused ${name} = ${value}: it says ${found}`);
      }
      return adapter;
    } catch (error) {
      await adapter.dispose();
      throw error;
    }
  }

  /** The adapter holds a mutex for the whole of a transaction, so one connection is enough. */
  override createClient(config: Parameters<PrismaLibSql["createClient"]>[0]): Client {
    const client = createClient(config);
    const run = async (sql: string): Promise<void> => {
      await client.execute(sql);
    };
    const transaction = async (): Promise<Transaction> => {
      await run("begin immediate");
      let open = true;
      const end = async (sql: string): Promise<void> => {
        open = false;
        await run(sql);
      };
      return {
        execute: (statement: Parameters<Transaction["execute"]>[0]) => client.execute(statement),
        executeMultiple: (sql: string) => client.executeMultiple(sql),
        batch: () => Promise.reject(new Error("batch is not used inside a transaction")),
        commit: () => end("commit"),
        rollback: () => end("rollback"),
        close: () => undefined,
        get closed() {
          return !open;
        },
      };
    };
    return new Proxy(client, {
      get: (target, property) => {
        if (property === "transaction") return transaction;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }
}

/** A path as libSQL wants it: percent signs, question marks and hashes mean themselves. */
export const fileUrl = (path: string): string => `file:${path.split("/").map(encodeURIComponent).join("/")}`;

export function connectSqlite(options: SqliteConnectionOptions): Db {
  return new PrismaClient({ adapter: new DurableLibSql(options), transactionOptions: TRANSACTION_OPTIONS });
}
