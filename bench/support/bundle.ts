/** What is measured runs bundled, as in production: imports between source files cost hot loops up to half their speed. */
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");
const outdir = join(root, "node_modules/.cache/holdfast/bench");

/** Bundles source files (by name, with paths from the top of the repository) and answers where each one is now. */
export async function bundle<Name extends string>(entries: Readonly<Record<Name, string>>): Promise<Record<Name, string>> {
  const names = Object.keys(entries) as Name[];
  await build({
    entryPoints: Object.fromEntries(names.map((name) => [name, join(root, entries[name])])),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "warning",
  });
  return Object.fromEntries(names.map((name) => [name, join(outdir, `${name}.mjs`)])) as Record<Name, string>;
}
