import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InstanceState } from "../../../core/fleet.ts";
import { declaredWords } from "../../../ui/screens/first-run/arrival.tsx";
import { refusalsBetween } from "../../../ui/screens/first-run/refusals.ts";
import { FILE, SNIPPETS, snippetOf } from "../../../ui/screens/first-run/snippets.ts";
import { startFakeConsole, type FakeConsole } from "../../agent/support/fake-console.ts";

const TOKEN = "hfa_a-token-of-a-test";

describe("the lines of the first run", () => {
  let control: FakeConsole;
  let folder: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    // Inside the repository, so that the lines find the packages they import.
    folder = await mkdtemp(join(import.meta.dirname, ".run-"));
    control = await startFakeConsole();
  });
  afterAll(async () => {
    for (const child of children) child.kill();
    await control.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The program as it is copied; only the port of the service itself is another one. */
  async function start(name: (typeof SNIPPETS)[number], place: "code" | "environment"): Promise<string> {
    const { code, start } = snippetOf({ name, url: control.url, token: TOKEN, place });
    const service = `first-${name}`;
    const file = join(folder, `${name}.mts`);
    await writeFile(
      file,
      code
        .replace(/listen\((3000|\{ port: 3000 \})\)/, name === "fastify" ? "listen({ port: 0 })" : "listen(0)")
        .replace('"orders"', `"${service}"`),
    );
    const set = [...start.matchAll(/(HOLDFAST_\w+)=(\S+)/g)].map(([, key = "", value = ""]) => [key, value]);
    const child = spawn(process.execPath, ["--import", "tsx", file], {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        ...(Object.fromEntries(set) as Record<string, string>),
        TSX_TSCONFIG_PATH: fileURLToPath(new URL("../../../demo/tsconfig.json", import.meta.url)),
      },
    });
    children.push(child);
    return service;
  }

  it("connect with the token and declare what they observe, whatever the framework and wherever the token stands", async () => {
    const services = await Promise.all(SNIPPETS.map((name, i) => start(name, i % 2 === 0 ? "code" : "environment")));
    const declared = (service: string): string | undefined => {
      const link = control.links.find(({ hello }) => hello?.service === service);
      const kinds = link?.resources.map(({ kind }) => kind).filter((kind) => kind !== "process") ?? [];
      return link && kinds.length > 0 ? `${link.token ?? ""} ${kinds.join()}` : undefined;
    };
    await expect
      .poll(() => services.map(declared), { timeout: 18_000, interval: 50 })
      .toEqual(["server", "server", "server", "breaker"].map((kind) => `${TOKEN} ${kind}`));
    expect(control.violations).toEqual([]);
  });

  it("start by a command that a shell reads as meant", () => {
    const start = (url: string) => snippetOf({ name: "service", url, token: TOKEN, place: "environment" }).start;
    expect(start("https://holdfast.example:4400")).toBe(`HOLDFAST_URL=https://holdfast.example:4400 HOLDFAST_TOKEN=${TOKEN} node ${FILE}`);
    expect(start("http://x/?a=1&b='2'")).toContain(String.raw`HOLDFAST_URL='http://x/?a=1&b='\''2'\''' `);
  });

  it("name only packages that the README of the agent names", async () => {
    const readme = await readFile(new URL("../../../agent/README.md", import.meta.url), "utf8");
    for (const name of SNIPPETS.slice(1)) expect(readme.toLowerCase()).toContain(name);
  });
});

describe("what stands in an agent's way", () => {
  const health = (refused: Record<string, number>, evicted: Record<string, number> = {}, startedAt = 1) => ({
    startedAt,
    refused,
    evicted,
  });

  it("is said in words, the most frequent first, counted from when the page was opened", () => {
    const found = refusalsBetween(
      health({ "agent 401": 7, "browser 401": 3 }),
      health({ "agent 401": 9, "agent 400": 5, "browser 401": 8 }, { "agent versionUnsupported": 1, "agent goingAway": 4 }),
    );
    expect(found.map(({ key, times }) => [key, times])).toEqual([
      ["agent 400", 5],
      ["agent 401", 2],
      ["agent versionUnsupported", 1],
    ]);
    expect(found[1]?.text).toMatch(/token/);
  });

  it("is nothing across a restart of the console, whose counters begin anew", () => {
    expect(refusalsBetween(health({ "agent 401": 7 }), health({ "agent 401": 9 }, {}, 2))).toEqual([]);
  });
});

describe("an agent that arrived", () => {
  const instance = (kinds: readonly [kind: string, name: string][], switches = 0) =>
    ({
      resources: kinds.map(([kind, name]) => ({ kind, name })),
      switches: Array.from({ length: switches }, () => ({})),
    }) as unknown as InstanceState;

  it("is told with what it declared, without the process that every one has", () => {
    expect(declaredWords(instance([["process", "process"]]))).toBe("nothing declared yet");
    expect(
      declaredWords(
        instance(
          [
            ["process", "process"],
            ["server", "http"],
            ["breaker", "payments"],
          ],
          1,
        ),
      ),
    ).toBe("2 resources declared: http server, payments breaker, 1 switch");
  });
});
