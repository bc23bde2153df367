/**
 * Writes the next migration of both databases from what changed in prisma/models since the last one, to be read and corrected by hand
 * before it is committed: `npx tsx scripts/migration-new.ts add_keyframes`.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { diffSchemas, PROVIDERS, readSchema } from "./migration-engine.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [name] = process.argv.slice(2);
if (name === undefined || !/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error("usage: npx tsx scripts/migration-new.ts <name_in_lower_case>");
  process.exit(64);
}

for (const provider of PROVIDERS) {
  const folder = join(root, "prisma", provider, "migrations");
  mkdirSync(folder, { recursive: true });
  const snapshot = join(folder, "models.snapshot");
  const schema = readSchema(root, provider);
  const sql = await diffSchemas(provider, existsSync(snapshot) ? readFileSync(snapshot, "utf8") : null, schema);
  if (sql === "") {
    console.log(`${provider}: nothing changed`);
    continue;
  }
  const numbers = readdirSync(folder).map((entry) => Number.parseInt(entry, 10));
  const next = Math.max(0, ...numbers.filter(Number.isFinite)) + 1;
  const path = join(folder, `${String(next).padStart(4, "0")}_${name}`);
  mkdirSync(path);
  writeFileSync(join(path, "migration.sql"), sql);
  writeFileSync(snapshot, schema);
  writeFileSync(join(folder, "migration_lock.toml"), `provider = "${provider}"\n`);
  console.log(`${provider}: wrote ${join(path, "migration.sql")}`);
}
