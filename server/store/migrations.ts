/**
 * Migrations in Prisma's folder format, read and compared here, applied by each adapter. `_prisma_migrations` is kept as `prisma migrate
 * deploy` keeps it, so either may be used.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { StoreStartError } from "./store.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hex. */
  readonly checksum: string;
}

/** What `_prisma_migrations` says. */
export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  /** False: begun by a tool that stopped half-way. */
  readonly finished: boolean;
}

/** The folder in the project, found from here upwards: the same from the sources and from a bundle. */
export function migrationsFolder(provider: "sqlite" | "postgresql", from = dirname(fileURLToPath(import.meta.url))): string {
  const folder = join(from, "prisma", provider, "migrations");
  if (existsSync(folder)) return folder;
  const parent = dirname(from);
  if (parent === from)
    throw new StoreStartError(`The folder prisma/${provider}/migrations is missing from this installation. Install it again.`);
  return migrationsFolder(provider, parent);
}

/** In the order of their names. */
export function readMigrations(folder: string): readonly Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const file = readFileSync(join(folder, name, "migration.sql"));
      return { name, sql: file.toString("utf8"), checksum: createHash("sha256").update(file).digest("hex") };
    });
}

/**
 * What is still to be applied.
 * @throws StoreStartError when the database and the files tell different stories.
 */
export function pendingMigrations(files: readonly Migration[], applied: readonly AppliedMigration[]): readonly Migration[] {
  const known = new Map(files.map((file) => [file.name, file]));
  for (const { name, checksum, finished } of applied) {
    const file = known.get(name);
    if (!finished)
      throw new StoreStartError(`Migration ${name} was begun and not finished. Restore the database from a backup, or finish it by hand.`);
    if (!file)
      throw new StoreStartError(
        `The database has migration ${name}, which this version does not know: it was made by a newer version. Start that version, or restore a backup.`,
      );
    if (file.checksum !== checksum)
      throw new StoreStartError(
        `Migration ${name} was changed after it was applied to this database. Put the original file back and write a new migration instead.`,
      );
  }
  const done = new Set(applied.map(({ name }) => name));
  const pending = files.filter(({ name }) => !done.has(name));
  const last = [...done].sort().at(-1);
  const late = pending.find(({ name }) => last !== undefined && name < last);
  if (late)
    throw new StoreStartError(`Migration ${late.name} comes before ${last ?? ""}, which this database already has. Give it a later name.`);
  return pending;
}

export const migrationFailed = (name: string, error: unknown): StoreStartError =>
  new StoreStartError(`Migration ${name} failed and left nothing behind: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
