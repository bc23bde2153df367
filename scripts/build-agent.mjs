/** Builds the publishable agent: one bundled module with `ws` as its only import, and the declarations that its entry reaches. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "agent", "dist");
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

await build({
  entryPoints: [join(root, "agent/src/index.ts")],
  outfile: join(dist, "index.js"),
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
  const from = join(emitted, "agent", "src");
  const seen = new Set();
  const queue = ["index.d.ts"];
  while (queue.length > 0) {
    const file = queue.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(join(from, file), "utf8");
    for (const [, specifier] of text.matchAll(/from "(\.[^"]+)"/g)) {
      const target = relative(from, join(from, dirname(file), specifier.replace(/\.ts$/, ".d.ts")));
      if (target.startsWith("..")) throw new Error(`the agent's public types reach outside the package: ${file} -> ${specifier}`);
      queue.push(target);
    }
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    cpSync(join(from, file), join(dist, file));
    writeFileSync(join(dist, file), text.replace(/(from "\.[^"]+)\.ts"/g, '$1.js"'));
  }
} finally {
  rmSync(emitted, { recursive: true, force: true });
}
