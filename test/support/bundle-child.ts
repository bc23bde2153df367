/** A process that is started many times starts from one file: through the loader for TypeScript each start costs a second. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "node_modules/.cache/holdfast/test");

/** @param entry source file, from the top of the repository. Answers the bundle's path. */
export async function bundleChild(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "warning",
  });
  const file = join(folder, `${basename(entry, ".ts")}.mjs`);
  mkdirSync(folder, { recursive: true });
  // Test files that run at the same time may want the same one.
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, outputFiles[0]?.contents ?? "");
  renameSync(fresh, file);
  return file;
}
