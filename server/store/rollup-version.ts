/**
 * A number that changes with the rollups of a service, in the transaction that changes them: whoever remembers rollups asks for it and
 * knows whether they still hold, whichever console wrote them. Kept beside the states of jobs, under names that no job has.
 */
import type { Tx } from "./db.ts";

const PREFIX = "rollups:";
/** Of all services: old rollups are dropped whosever they are. */
const EVERY = PREFIX;

interface Owner {
  readonly environment: string;
  readonly service: string;
}

const nameOf = ({ environment, service }: Owner): string => `${PREFIX}${environment}/${service}`;

/** What the version of an owner's rollups is made of: counters only grow and rows only come, so the same text says that nothing changed. */
export const versionRows = (owner: Owner): readonly [string, string] => [EVERY, nameOf(owner)];

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
