import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sampleWhere, startFakeConsole, type FakeConsole } from "../support/fake-console.ts";
import { until } from "../support/until.ts";

const root = join(import.meta.dirname, "../../..");
const next = join(root, "node_modules/next/dist/bin/next");

interface Example {
  readonly folder: string;
  readonly service: string;
  readonly argv: readonly string[];
  /** It hands its HTTP server to the agent. */
  readonly observesHttp: boolean;
}

const EXAMPLES: readonly Example[] = [
  { folder: "express", service: "express-example", argv: ["server.js"], observesHttp: true },
  { folder: "fastify", service: "fastify-example", argv: ["server.js"], observesHttp: true },
  { folder: "nestjs", service: "nestjs-example", argv: ["server.js"], observesHttp: true },
  { folder: "next", service: "next-example", argv: [next, "start"], observesHttp: false },
  { folder: "commonjs", service: "commonjs-example", argv: ["server.cjs"], observesHttp: true },
];

let control: FakeConsole;
let child: ChildProcess | null = null;
const built = join(root, "examples/next/.next");

beforeAll(async () => {
  if (!existsSync(join(root, "agent/dist/index.js"))) throw new Error("the agent is not built: node scripts/build-agent.mjs");
  // Production, whatever the runner of the tests has set: Next refuses anything else.
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" } as const;
  await promisify(execFile)(process.execPath, [next, "build"], { cwd: join(root, "examples/next"), env, timeout: 110_000 });
}, 120_000);
afterAll(() => rm(built, { recursive: true, force: true }));

beforeEach(async () => {
  control = await startFakeConsole();
});
afterEach(async () => {
  const running = child;
  child = null;
  if (running?.exitCode === null) {
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await gone;
  }
  await control.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts an example; answers its address and what it has written to its error stream so far. */
async function start({ folder, argv }: Example) {
  const port = await freePort();
  const env = {
    ...process.env,
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    HOLDFAST_URL: control.url,
    HOLDFAST_TOKEN: "hfa_example",
    PORT: String(port),
  } as const;
  const running = spawn(process.execPath, argv, { cwd: join(root, "examples", folder), env, stdio: ["ignore", "ignore", "pipe"] });
  child = running;
  let errors = "";
  running.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  const items = () =>
    fetch(`http://localhost:${port}/items`).then(
      async (response) => (response.ok ? ((await response.json()) as { items: string }).items : null),
      () => null,
    );
  return { items, errors: () => errors };
}

describe.each(EXAMPLES)("the quick start for $folder", (example) => {
  it("serves, shows itself on the console, and follows a flip", async () => {
    const { items, errors } = await start(example);
    expect(await until("it serves", items)).toBe("picked for you");
    const link = await control.link();
    expect(link.hello?.service).toBe(example.service);
    expect(link.token).toBe("hfa_example");
    await until("the switch is declared", () => link.switches.get("picks"));
    if (example.observesHttp) await sampleWhere(link, "http", ({ requests }) => (requests ?? 0) > 0);
    link.say({ t: "intent", txn: 1, mode: "full", revision: 5 });
    link.say({ t: "put", txn: 1, id: "flip", kind: "switch", key: "picks", revision: 5, leaseMs: 60_000, body: { position: "off" } });
    link.say({ t: "commit", txn: 1, revision: 5 });
    await until("the flip is in force", async () => (await items()) === "popular");
    expect(errors()).toBe("");
    expect(control.violations).toEqual([]);
  }, 30_000);
});

describe("CommonJS hosts", () => {
  it("can require every entry of the package", async () => {
    const manifest = JSON.parse(await readFile(join(root, "agent/package.json"), "utf8")) as { exports: Record<string, unknown> };
    const entries = Object.keys(manifest.exports).map((path) => join("@holdfast/agent", path));
    const script = `for (const entry of ${JSON.stringify(entries)}) if (Object.keys(require(entry)).length === 0) throw new Error(entry)`;
    const { stderr } = await promisify(execFile)(process.execPath, ["--input-type=commonjs", "-e", script], { cwd: root });
    expect(entries).toContain("@holdfast/agent");
    expect(stderr).toBe("");
  });
});
