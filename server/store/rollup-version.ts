/**
 * A number that changes with the rollups of a service, in the transaction that changes them: whoever remembers rollups asks for it and
 * knows whether they still hold, whichever console wrote them. Kept beside the states of jobs, under names that no job has.
 */
import type { Db, Tx } from "./db.ts";

const PREFIX = "rollups:";
/** Of all services: old rollups are dropped whosever they are. */
const EVERY = PREFIX;

interface Owner {
  readonly environment: string;
  readonly service: string;
}

const nameOf = ({ environment, service }: Owner): string => `${PREFIX}${environment}/${service}`;

/** Leaves these out of a list of jobs. */
export const ONLY_JOBS = { NOT: { job: { startsWith: PREFIX } } };

/** @param owner null: of every service */
export async function rollupsChanged(tx: Tx, owner: Owner | null): Promise<void> {
  await tx.$executeRawUnsafe(
    `insert into "job_state" ("job", "token", "state", "updatedAt") values ($1, 0, '1', 0)
     on conflict ("job") do update set "state" = cast(cast("job_state"."state" as bigint) + 1 as text)`,
    owner === null ? EVERY : nameOf(owner),
  );
}

export async function rollupVersion(db: Db, owner: Owner): Promise<string> {
  const rows = await db.$queryRawUnsafe<{ state: string }[]>(
    `select "state" from "job_state" where "job" in ($1, $2) order by "job"`,
    EVERY,
    nameOf(owner),
  );
  // Counters only grow and rows only come: the same text means that nothing changed.
  return rows.map(({ state }) => state).join(" ");
}
