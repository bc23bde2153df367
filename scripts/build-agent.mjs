/**
 * Builds the publishable agent: one bundled module an entry, what they share beside them, `ws` as the only import; and the declarations
 * that the entries reach, in the folders they have here.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "agent", "dist");
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

const manifest = JSON.parse(readFileSync(join(root, "agent/package.json"), "utf8"));
/** File in dist without its ending, and the source it is made of: `./http` is `entry-http.ts`. */
const entries = Object.fromEntries(
  Object.keys(manifest.exports)
    .filter((name) => !name.endsWith(".json"))
    .map((name) => (name === "." ? ["index", "index.ts"] : [name.slice(2), `entry-${name.slice(2)}.ts`])),
);

await build({
  entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, "agent/src", file)])),
  outdir: dist,
  chunkNames: "shared-[hash]",
  splitting: true,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: ["ws"],
  minify: true,
  legalComments: "none",
});

const emitted = mkdtempSync(join(tmpdir(), "holdfast-types-"));
try {
  execFileSync(
    process.execPath,
    [
      join(root, "node_modules/typescript/bin/tsc"),
      "-p",
      join(root, "agent/tsconfig.json"),
      "--noEmit",
      "false",
      "--emitDeclarationOnly",
      "--declaration",
      "--rootDir",
      root,
      "--outDir",
      emitted,
    ],
    { stdio: "inherit" },
  );
  // A public type may reach the agent's own files, and those of the protocol that stand alone.
  const seen = new Set();
  const queue = Object.values(entries).map((file) => join("agent/src", file.replace(/\.ts$/, ".d.ts")));
  while (queue.length > 0) {
    const file = queue.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(join(emitted, file), "utf8");
    const foreign = [...text.matchAll(/(?:from|import\() ?"([^."][^"]*)"/g)]
      .map(([, name]) => name)
      .filter((name) => !name.startsWith("node:"));
    if (foreign.length > 0) throw new Error(`the agent's public types need ${foreign.join()}: ${file}`);
    for (const [, specifier] of text.matchAll(/(?:from|import\() ?"(\.[^"]+)"/g))
      queue.push(join(dirname(file), specifier.replace(/\.ts$/, ".d.ts")));
    mkdirSync(dirname(join(dist, "types", file)), { recursive: true });
    writeFileSync(join(dist, "types", file), text.replace(/((?:from|import\() ?"\.[^"]+)\.ts"/g, '$1.js"'));
  }
} finally {
  rmSync(emitted, { recursive: true, force: true });
}
