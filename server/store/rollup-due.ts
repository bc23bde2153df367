/** Hours whose pages are not all in their rollups. */
import { hoursTouched } from "../../core/tiers.ts";
import { bulkInsert } from "./bulk.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import { lastByKey } from "./known-fleet.ts";
import type { SamplePage } from "./store.ts";
import type { DueHour, DueQuery, InstanceHour } from "./tier-store.ts";

const DUE_COLUMNS = { environment: "text", service: "text", instance: "text", fromMs: "bigint", changes: "integer" } as const;
const hourKey = ({ environment, service, instance, from }: InstanceHour): string => JSON.stringify([environment, service, instance, from]);

/** In the transaction that writes the pages: an hour is never rolled up without knowing that more came. */
export async function markDue(tx: Tx, dialect: Dialect, pages: readonly SamplePage[]): Promise<void> {
  const hours = pages.flatMap(({ environment, service, instance, from, to }) =>
    hoursTouched(from, to).map((hour) => ({ environment, service, instance, from: hour })),
  );
  const rows = lastByKey(hours, hourKey).map((hour) => [hour.environment, hour.service, hour.instance, hour.from, 1]);
  await bulkInsert(tx, dialect, {
    table: "rollup_due",
    columns: DUE_COLUMNS,
    rows,
    onConflict: `on conflict ("environment", "service", "instance", "fromMs") do update set "changes" = "rollup_due"."changes" + 1`,
  });
}

export async function listDue(db: Db, { environment, service, from, until, limit }: DueQuery): Promise<readonly DueHour[]> {
  const found = await db.rollupDue.findMany({
    where: {
      ...(environment === undefined ? {} : { environment }),
      ...(service === undefined ? {} : { service }),
      fromMs: { lte: BigInt(Math.floor(until)), ...(from === undefined ? {} : { gte: BigInt(Math.ceil(from)) }) },
    },
    orderBy: [{ fromMs: "asc" }, { environment: "asc" }, { service: "asc" }, { instance: "asc" }],
    take: limit,
  });
  return found.map(({ fromMs, ...row }) => ({ ...row, from: Number(fromMs) }));
}

export const countDue = (db: Db, until: number): Promise<number> =>
  db.rollupDue.count({ where: { fromMs: { lte: BigInt(Math.floor(until)) } } });
