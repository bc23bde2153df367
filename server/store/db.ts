/**
 * The one client type all code is written against. It is the SQLite client's: the compiler then refuses what only PostgreSQL can do.
 * The PostgreSQL client is cast to it once, where it is made.
 */
import type { PrismaClient, Prisma } from "./generated/sqlite/client.ts";

export type Db = PrismaClient;
/** A client inside a transaction. */
export type Tx = Prisma.TransactionClient;

/** Interactive transactions are short and wait for one another; these limits only end what hangs. Milliseconds. */
export const TRANSACTION_OPTIONS = { maxWait: 30_000, timeout: 60_000 } as const;
