import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("the agent carries no other package into its host, whichever entry is used", async () => {
  const entries = (await readdir(join(root, "agent/src"))).filter((file) => file === "index.ts" || file.startsWith("entry-"));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries.map((file) => `agent/src/${file}`),
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["ws"],
    write: false,
    outdir: "nowhere",
    metafile: true,
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((file) => !/^(agent\/src|protocol)\//.test(file))).toEqual([]);
  expect(inputs.length).toBeGreaterThan(50);
});
