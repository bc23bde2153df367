/** Which errors of the client and drivers mean that the database is gone, and not that the statement is wrong. */
import { StoreUnavailable } from "./store.ts";

/** Prisma: not reachable, time-outs, connection closed, transaction lost. */
const PRISMA_CODES = new Set(["P1001", "P1002", "P1008", "P1011", "P1017", "P2024", "P2028", "P2037"]);
/** SQLite: busy, locked, out of memory, read-only, I/O, corrupt, full, cannot open, not a database. PostgreSQL and the network below. */
const DRIVER_TEXT =
  /SQLITE_(BUSY|LOCKED|NOMEM|READONLY|IOERR|CORRUPT|FULL|CANTOPEN|NOTADB)|ECONN(REFUSED|RESET)|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|CLIENT_CLOSED|terminating connection|Connection terminated|the database system is|Can't reach database|disk (I\/O error|image)|database or disk is full|database is locked|too many clients|Cannot use a pool/i;

export function isUnavailable(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true;
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === "string" && PRISMA_CODES.has(code)) return true;
  if (error.name === "PrismaClientInitializationError") return true;
  return DRIVER_TEXT.test(`${typeof code === "string" ? code : ""} ${error.message}`) || isUnavailable(error.cause);
}

/** The error a caller of the store gets: what it threw itself, or a StoreUnavailable with the database's own as its cause. */
export function asStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailable || !isUnavailable(error)) return error;
  return new StoreUnavailable("the database does not answer", { cause: error });
}
