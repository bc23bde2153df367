import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@holdfast/agent": fileURLToPath(new URL("./agent/src/index.ts", import.meta.url)) } },
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/e2e/**"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    env: { TSX_TSCONFIG_PATH: fileURLToPath(new URL("./demo/tsconfig.json", import.meta.url)) },
  },
});
