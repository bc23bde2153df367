import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KINDS } from "../../protocol/kinds.ts";
import { fieldsOf, POLICY_NAMES } from "../../protocol/settings.ts";
import { startFakeConsole, type FakeConsole } from "./support/fake-console.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = await readFile(join(root, "agent/README.md"), "utf8");
const examples = [...readme.matchAll(/^## (.+?)$|^```ts\n([\s\S]+?)^```$/gm)].reduce<{ heading: string; found: [string, string][] }>(
  (state, [, heading, code]) => {
    if (heading !== undefined) return { ...state, heading };
    return { ...state, found: [...state.found, [state.heading, code ?? ""]] };
  },
  { heading: "", found: [] },
).found;

let folder: string;
let control: FakeConsole;

beforeAll(async () => {
  // Inside the repository, so that the examples find the packages they import.
  folder = await mkdtemp(join(root, "test/agent/.readme-"));
  control = await startFakeConsole();
  const opossum =
    "declare module 'opossum' { export default class Breaker { constructor(action: (...args: never[]) => Promise<unknown>, options?: object) } }";
  await writeFile(join(folder, "opossum.d.ts"), opossum);
  for (const [i, [, code]] of examples.entries()) await writeFile(join(folder, `example-${i}.ts`), code);
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../../../tsconfig.base.json",
      compilerOptions: {
        types: ["node"],
        paths: { "@holdfast/agent": ["../../../agent/src/index.ts"], "@holdfast/agent/*": ["../../../agent/src/entry-*.ts"] },
      },
      include: ["*.ts"],
    }),
  );
});

afterAll(async () => {
  await control.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the README of the agent", () => {
  it("has examples", () => expect(examples.length).toBeGreaterThanOrEqual(5));

  it("type-checks", async () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const complaints = await run(process.execPath, [tsc, "-p", folder]).then(
      () => "",
      (error: unknown) => (error as { stdout: string }).stdout,
    );
    expect(complaints).toBe("");
  }, 60_000);

  it.each(examples.map(([heading], i) => [heading, i] as const))("runs: %s", async (_heading, i) => {
    const path = join(folder, `example-${i}.ts`);
    // The shop's console is the test's.
    const runnable = (await readFile(path, "utf8")).replaceAll("http://127.0.0.1:4400", control.url);
    const running = join(folder, `run-${i}.ts`);
    const connects =
      "const watching = setInterval(() => { if (!agent.status.connected) return; clearInterval(watching); void agent.close(); }, 5);";
    const ends = runnable.includes("agent.close()") || !runnable.includes("createAgent(");
    await writeFile(running, `${runnable}\n${ends ? "" : connects}\n`);
    const env: NodeJS.ProcessEnv = { ...process.env, TSX_TSCONFIG_PATH: join(folder, "tsconfig.json"), NODE_ENV: "production" };
    const { stderr } = await run(process.execPath, ["--import", "tsx", running], { cwd: folder, env, timeout: 15_000 });
    expect(stderr).toBe("");
    expect(control.violations).toEqual([]);
  });

  it("names every kind and its columns", () => {
    for (const [kind, columns] of Object.entries(KINDS)) {
      if (kind === "process") continue;
      const line = readme.split("\n").find((row) => row.startsWith(`| \`${kind}\` |`));
      expect(line?.split("|")[2]?.trim()).toBe(columns.map((column) => column.name).join(", "));
    }
  });

  it("names every setting of every policy of ours with its default", () => {
    const observed = ["pool", "queue", "client"];
    for (const policy of POLICY_NAMES.filter((name) => !observed.includes(name))) {
      const settings = Object.entries(fieldsOf(policy)).filter(([setting]) => setting !== "shadow");
      const list = settings.map(([setting, field]) => `${setting} ${String(field.default)}`).join(", ");
      expect(readme).toContain(`| \`${policy}\` | ${list} |`);
    }
  });
});
