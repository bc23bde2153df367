/** `backup` and `restore`: a folder with a whole copy, its fingerprint and the secret. The console may run while it is made. */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { migrationsFolder, readMigrations } from "../store/migrations.ts";
import { lockData } from "../store/sqlite/data-lock.ts";
import { databasePath } from "../store/sqlite/open-sqlite.ts";
import { StoreStartError } from "../store/store.ts";
import { readArchive, writeArchive } from "../store/transfer/archive.ts";
import { openPostgresSource } from "../store/transfer/postgres-source.ts";
import { openPostgresTarget } from "../store/transfer/postgres-target.ts";
import { openSqliteSource } from "../store/transfer/sqlite-source.ts";
import { readArgs, UsageError, type Command } from "./command.ts";
import { noteCommand } from "./note-command.ts";

interface Manifest {
  readonly provider: "sqlite" | "postgresql";
  readonly file: string;
  readonly sha256: string;
  readonly createdAt: string;
  readonly migrations: readonly string[];
}

const MANIFEST = "manifest.json";

export const backup: Command = async ({ config, args, say }) => {
  const [name] = readArgs(args, {}).rest;
  if (name === undefined) throw new UsageError("say where to: backup FOLDER");
  const folder = resolve(name);
  if (existsSync(folder)) throw new StoreStartError(`${folder} is there already. Name a folder that is not.`);
  // Under another name until it is whole: what is cut off is never taken for a backup.
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true, mode: 0o700 });
  const made = config.databaseUrl === undefined ? await copySqlite(config.dataDir, part) : await copyPostgres(config.databaseUrl, part);
  const secret = join(config.dataDir, "secret");
  if (existsSync(secret)) copyFileSync(secret, join(part, "secret"));
  const manifest: Manifest = { ...made, sha256: await fingerprint(join(part, made.file)), createdAt: new Date().toISOString() };
  writeFileSync(join(part, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of [made.file, MANIFEST, "."]) sync(join(part, file));
  renameSync(part, folder);
  sync(resolve(folder, ".."));
  say(`backed up to ${folder}. It holds the secret and password hashes: keep it as safe as the data.`);
  return 0;
};

async function copySqlite(dataDir: string, part: string): Promise<Pick<Manifest, "provider" | "file" | "migrations">> {
  const source = await openSqliteSource(databasePath(dataDir));
  try {
    await source.copyTo(join(part, "holdfast.db"));
    return { provider: "sqlite", file: "holdfast.db", migrations: source.migrations };
  } finally {
    await source.close();
  }
}

async function copyPostgres(databaseUrl: string, part: string): Promise<Pick<Manifest, "provider" | "file" | "migrations">> {
  const source = await openPostgresSource(databaseUrl);
  try {
    await writeArchive(source, join(part, "holdfast.jsonl.gz"));
    return { provider: "postgresql", file: "holdfast.jsonl.gz", migrations: source.migrations };
  } finally {
    await source.close();
  }
}

export const restore: Command = async (context) => {
  const { config, args, say } = context;
  const { rest, options } = readArgs(args, { force: "flag" });
  const [name] = rest;
  if (name === undefined) throw new UsageError("say where from: restore FOLDER");
  const folder = resolve(name);
  if (!existsSync(join(folder, MANIFEST))) throw new StoreStartError(`${folder} holds no whole backup: there is no ${MANIFEST} in it.`);
  const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8")) as Manifest;
  const file = join(folder, manifest.file);
  if ((await fingerprint(file)) !== manifest.sha256)
    throw new StoreStartError(`${file} is damaged: its fingerprint is not the one in ${MANIFEST}.`);
  const wanted = config.databaseUrl === undefined ? "sqlite" : "postgresql";
  if (manifest.provider !== wanted)
    throw new StoreStartError(
      `This is a backup of ${manifest.provider}, and DATABASE_URL chooses ${wanted}. Restore it there, then use move-to-postgresql.`,
    );
  if (config.databaseUrl === undefined)
    await placeSqlite({ dataDir: config.dataDir, file, secret: join(folder, "secret"), force: options.has("force") });
  else {
    const target = await openPostgresTarget(config.databaseUrl, manifest.sha256);
    try {
      await readArchive(
        file,
        target,
        readMigrations(migrationsFolder("postgresql")).map((migration) => migration.name),
      );
    } finally {
      await target.close();
    }
  }
  await noteCommand(context, {
    action: "data.restored",
    thing: manifest.provider,
    after: { madeAt: manifest.createdAt, sha256: manifest.sha256 },
  });
  say(`restored the backup of ${manifest.createdAt}. Agents and browsers come back by themselves when the console starts.`);
  return 0;
};

interface Placing {
  readonly dataDir: string;
  readonly file: string;
  readonly secret: string;
  readonly force: boolean;
}

/** What was there is kept beside it under another name. */
async function placeSqlite({ dataDir, file, secret, force }: Placing): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockData(join(dataDir, "holdfast.lock"), dataDir);
  try {
    const path = databasePath(dataDir);
    if (existsSync(path) && !force)
      throw new StoreStartError(`There is data in ${dataDir}. Give an empty folder with HOLDFAST_DATA, or --force to put it aside.`);
    const part = `${path}.part`;
    copyFileSync(file, part);
    sync(part);
    const aside = `${path}.before-restore-${Date.now()}`;
    // Newest changes of the old database are in its log: the two stay together.
    for (const end of ["", "-wal", "-shm"]) if (existsSync(path + end)) renameSync(path + end, aside + end);
    renameSync(part, path);
    if (existsSync(secret)) copyFileSync(secret, join(dataDir, "secret"));
    sync(dataDir);
  } finally {
    await lock.release();
  }
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

async function fingerprint(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
