/** Bundles the server, its workers, its commands and the demo for production; packages stay outside. */
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const entries = {
  server: "server/main.ts",
  "store-worker": "server/store/sqlite/worker.ts",
  "pack-worker": "server/history/pack-worker.ts",
  "roll-worker": "server/history/roll-worker.ts",
  "cut-worker": "server/replay/cut-worker.ts",
  ...(existsSync(join(root, "demo/main.ts")) ? { demo: "demo/launch.ts" } : {}),
  "shop-service": "demo/service.ts",
  holdfast: "server/cli/main.ts",
};
rmSync(join(root, "dist"), { recursive: true, force: true });
await build({
  entryPoints: Object.entries(entries)
    .filter(([, path]) => existsSync(join(root, path)))
    .map(([out, path]) => ({ in: join(root, path), out })),
  outdir: join(root, "dist"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  sourcemap: true,
  logLevel: "warning",
});
