/** What is remembered of instances and switches while the console or they are away. */
import { bulkInsert, replaceOnConflict } from "./bulk.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import type { KnownInstance, KnownSwitch } from "./store.ts";

const INSTANCE_COLUMNS = {
  environment: "text",
  service: "text",
  instance: "text",
  boot: "text",
  version: "text",
  labels: "text",
  firstSeenAt: "bigint",
  lastSeenAt: "bigint",
  left: "boolean",
  policyRevision: "integer",
  resources: "text",
  switches: "text",
  policies: "text",
} as const;

const SWITCH_COLUMNS = {
  environment: "text",
  key: "text",
  title: "text",
  whatUsersLose: "text",
  positions: "text",
  safeDefault: "text",
  services: "text",
  firstSeenAt: "bigint",
} as const;

/** The last of several with the same key: one statement may not write a row twice. Sorted, so that two writers never wait crosswise. */
export function lastByKey<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

export async function saveInstances(tx: Tx, dialect: Dialect, instances: readonly KnownInstance[]): Promise<void> {
  const rows = lastByKey(instances, (known) => JSON.stringify([known.environment, known.service, known.instance])).map((known) => [
    known.environment,
    known.service,
    known.instance,
    known.boot,
    known.version,
    JSON.stringify(known.labels),
    known.firstSeenAt,
    known.lastSeenAt,
    known.left,
    known.policyRevision,
    JSON.stringify(known.resources),
    JSON.stringify(known.switches),
    JSON.stringify(known.policies),
  ]);
  await bulkInsert(tx, dialect, {
    table: "instance",
    columns: INSTANCE_COLUMNS,
    rows,
    onConflict: replaceOnConflict(INSTANCE_COLUMNS, ["environment", "service", "instance"]),
  });
}

export async function listInstances(db: Db, environment?: string): Promise<readonly KnownInstance[]> {
  const found = await db.instance.findMany({
    ...(environment === undefined ? {} : { where: { environment } }),
    orderBy: [{ environment: "asc" }, { service: "asc" }, { instance: "asc" }],
  });
  return found.map((row) => ({
    ...row,
    firstSeenAt: Number(row.firstSeenAt),
    lastSeenAt: Number(row.lastSeenAt),
    labels: JSON.parse(row.labels) as KnownInstance["labels"],
    resources: JSON.parse(row.resources) as KnownInstance["resources"],
    switches: JSON.parse(row.switches) as KnownInstance["switches"],
    policies: JSON.parse(row.policies) as KnownInstance["policies"],
  }));
}

export async function saveSwitches(tx: Tx, dialect: Dialect, switches: readonly KnownSwitch[]): Promise<void> {
  const rows = lastByKey(switches, (known) => JSON.stringify([known.environment, known.key])).map((known) => [
    known.environment,
    known.key,
    known.title,
    known.whatUsersLose,
    JSON.stringify(known.positions),
    known.safeDefault,
    JSON.stringify(known.services),
    known.firstSeenAt,
  ]);
  await bulkInsert(tx, dialect, {
    table: "switch",
    columns: SWITCH_COLUMNS,
    rows,
    onConflict: replaceOnConflict(SWITCH_COLUMNS, ["environment", "key"]),
  });
}

export async function listSwitches(db: Db, environment: string): Promise<readonly KnownSwitch[]> {
  const found = await db.switch.findMany({ where: { environment }, orderBy: { key: "asc" } });
  return found.map((row) => ({
    ...row,
    firstSeenAt: Number(row.firstSeenAt),
    positions: JSON.parse(row.positions) as string[],
    services: JSON.parse(row.services) as string[],
  }));
}

/** Distinct environments of a long table by hopping along its index instead of reading it all. */
const hop = (table: string): string => `
  select "environment" from (
    with recursive "hop"("environment") as (
      select min("environment") from "${table}"
      union all
      select (select min("environment") from "${table}" where "environment" > "hop"."environment") from "hop" where "hop"."environment" is not null
    ) select "environment" from "hop" where "environment" is not null
  ) as "${table}_environments"`;

export async function listEnvironments(db: Db): Promise<readonly string[]> {
  const short = ["instance", "switch", "policy_revision"].map((table) => `select "environment" from "${table}"`);
  const sql = [...short, hop("event"), hop("sample_page")].join(" union ");
  const found = await db.$queryRawUnsafe<{ environment: string }[]>(sql);
  return found.map((row) => row.environment).sort();
}
