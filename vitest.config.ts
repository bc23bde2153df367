import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const agent = (file: string) => fileURLToPath(new URL(`./agent/src/${file}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@holdfast\/agent$/, replacement: agent("index.ts") },
      { find: /^@holdfast\/agent\/([a-z]+)$/, replacement: agent("entry-$1.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/e2e/**"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: 2,
    env: { TSX_TSCONFIG_PATH: fileURLToPath(new URL("./demo/tsconfig.json", import.meta.url)) },
  },
});
