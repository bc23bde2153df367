/** The schema engine's WebAssembly build, used for one thing: the SQL between two states of the models. Needs no database and no network. */
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { bindMigrationAwareSqlAdapterFactory, type SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";

export const PROVIDERS = ["sqlite", "postgresql"] as const;
export type Provider = (typeof PROVIDERS)[number];

interface Glue {
  readonly SchemaEngine: {
    new: (options: { datamodels: [string, string][] }, log: () => void, adapter: unknown) => Promise<Engine>;
  };
  readonly __wbg_set_wasm: (exports: WebAssembly.Exports) => void;
}
interface Engine {
  diff: (parameters: unknown) => Promise<{ exitCode: number; stdout?: string | null }>;
}

const require = createRequire(import.meta.url);
let glue: Promise<Glue> | undefined;

async function loadGlue(): Promise<Glue> {
  const path = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const loaded = (await import(path)) as Glue;
  const { instance } = await WebAssembly.instantiate(readFileSync(path.replace(/\.js$/, ".wasm")), {
    "./schema_engine_bg.js": loaded as unknown as WebAssembly.ModuleImports,
  });
  loaded.__wbg_set_wasm(instance.exports);
  (instance.exports["__wbindgen_start"] as () => void)();
  return loaded;
}

/** The engine asks for a database even where it needs none: this one has no tables. */
function emptyDatabase(provider: Provider): SqlMigrationAwareDriverAdapterFactory {
  const adapterName = "empty";
  const name = provider === "sqlite" ? "sqlite" : "postgres";
  const nothing = { columnNames: [], columnTypes: [], rows: [] };
  const adapter = {
    provider: name,
    adapterName,
    queryRaw: () => Promise.resolve(nothing),
    executeRaw: () => Promise.resolve(0),
    executeScript: () => Promise.resolve(),
    startTransaction: () => Promise.reject(new Error("no transactions here")),
    dispose: () => Promise.resolve(),
  };
  const connect = () => Promise.resolve(adapter);
  return { provider: name, adapterName, connect, connectToShadowDb: connect } as unknown as SqlMigrationAwareDriverAdapterFactory;
}

/** The whole schema of a provider as one text, in a fixed order. */
export function readSchema(root: string, provider: Provider): string {
  const folder = join(root, "prisma", provider);
  const models = readdirSync(join(folder, "models")).filter((file) => file.endsWith(".prisma"));
  const files = [join(folder, "schema.prisma"), ...models.sort().map((file) => join(folder, "models", file))];
  return files.map((file) => readFileSync(file, "utf8")).join("\n");
}

/** SQL that leads from one schema text to another (null: nothing there yet); empty when there is no difference. */
export async function diffSchemas(provider: Provider, from: string | null, to: string): Promise<string> {
  glue ??= loadGlue();
  const { SchemaEngine } = await glue;
  const target = (content: string) => ({ tag: "schemaDatamodel", files: [{ path: "schema.prisma", content }] });
  const engine = await SchemaEngine.new(
    { datamodels: [["schema.prisma", to]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(emptyDatabase(provider)),
  );
  const result = await engine.diff({
    from: from === null ? { tag: "empty" } : target(from),
    to: target(to),
    script: true,
    exitCode: true,
    shadowDatabaseUrl: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  return result.exitCode === 0 ? "" : corrected(result.stdout ?? "");
}

/**
 * Two faults of what the engine writes. SQLite: only the exact words INTEGER PRIMARY KEY make the key the row's own ascending number.
 * PostgreSQL: making the schema "public" needs a right on the whole database even where it exists.
 */
function corrected(sql: string): string {
  return sql
    .replaceAll(/"(\w+)" BIGINT NOT NULL PRIMARY KEY/g, '"$1" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT')
    .replace(/-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS "public";\n+/, "");
}
