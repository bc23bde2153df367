/** Places of switches on the ladder, and presets. */
import type { LadderStep } from "../../core/ladder.ts";
import type { PresetItem } from "../../protocol/preset-api.ts";
import { appendEntries } from "./audit-log.ts";
import type { NewAuditEntry } from "./audit-entry.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import type { Preset as PresetRow, SwitchPlace as PlaceRow } from "./generated/sqlite/client.ts";
import type { NotPut, Preset, SwitchPlace } from "./plan-store.ts";

const placeOf = ({ steps, updatedAt, ...row }: PlaceRow): SwitchPlace => ({
  ...row,
  steps: JSON.parse(steps) as LadderStep[],
  updatedAt: Number(updatedAt),
});

const presetOf = ({ items, createdAt, updatedAt, ...row }: PresetRow): Preset => ({
  ...row,
  items: JSON.parse(items) as PresetItem[],
  createdAt: Number(createdAt),
  updatedAt: Number(updatedAt),
});

const presetRow = (preset: Preset): PresetRow => ({
  ...preset,
  items: JSON.stringify(preset.items),
  createdAt: BigInt(preset.createdAt),
  updatedAt: BigInt(preset.updatedAt),
});

/** Every write here takes the lock of the log first, for its audit entry: what is read after it cannot change before it is written. */
const refused = (current: number): NotPut => ({ refused: "version", current });

export async function listSwitchPlaces(db: Db, environment: string): Promise<readonly SwitchPlace[]> {
  return (await db.switchPlace.findMany({ where: { environment }, orderBy: { key: "asc" } })).map(placeOf);
}

export async function putSwitchPlace(tx: Tx, dialect: Dialect, place: SwitchPlace, audit: NewAuditEntry): Promise<SwitchPlace | NotPut> {
  await dialect.lockLog(tx);
  const { environment, key } = place;
  const where = { environment_key: { environment, key } };
  const current = (await tx.switchPlace.findUnique({ where }))?.version ?? 0;
  if (current !== place.version) return refused(current);
  const row: PlaceRow = { ...place, version: current + 1, steps: JSON.stringify(place.steps), updatedAt: BigInt(place.updatedAt) };
  await tx.switchPlace.upsert({ where, create: row, update: row });
  await appendEntries(tx, dialect, [audit]);
  return placeOf(row);
}

export async function listPresets(db: Db, environment: string): Promise<readonly Preset[]> {
  const rows = await db.preset.findMany({ where: { environment } });
  return rows.map(presetOf).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function getPreset(db: Db, id: string): Promise<Preset | null> {
  const row = await db.preset.findUnique({ where: { id } });
  return row === null ? null : presetOf(row);
}

export async function putPreset(tx: Tx, dialect: Dialect, preset: Preset, audit: NewAuditEntry): Promise<Preset | NotPut> {
  await dialect.lockLog(tx);
  const { id, environment, name } = preset;
  const current = (await tx.preset.findUnique({ where: { id } }))?.version ?? 0;
  if (current !== preset.version) return refused(current);
  const named = await tx.preset.findUnique({ where: { environment_name: { environment, name } } });
  if (named && named.id !== id) return { refused: "name" };
  const row = { ...presetRow(preset), version: current + 1 };
  await tx.preset.upsert({ where: { id }, create: row, update: row });
  await appendEntries(tx, dialect, [audit]);
  return presetOf(row);
}

export async function deletePreset(
  tx: Tx,
  dialect: Dialect,
  { id, version }: Pick<Preset, "id" | "version">,
  audit: NewAuditEntry,
): Promise<NotPut | null> {
  await dialect.lockLog(tx);
  const { count } = await tx.preset.deleteMany({ where: { id, version } });
  if (count === 0) return refused((await tx.preset.findUnique({ where: { id } }))?.version ?? 0);
  await appendEntries(tx, dialect, [audit]);
  return null;
}
