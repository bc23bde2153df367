#!/usr/bin/env node
/**
 * What package.json calls. Plain Node without dependencies, because its first duty is to install them: every command works from a
 * fresh clone. Each step says what it does and is skipped when its inputs have not changed.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const cache = join(root, "node_modules", ".cache", "holdfast");
const [command = "help", ...args] = process.argv.slice(2);
process.env.NEXT_TELEMETRY_DISABLED ??= "1";
process.env.CHECKPOINT_DISABLE ??= "1";

const say = (text) => process.stderr.write(`holdfast: ${text}\n`);

function fail(text, code = 1) {
  say(text);
  process.exit(code);
}

/** Runs a program to its end with our own standard streams; rejects with its exit code. */
function run(file, argv, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, {
      cwd: root,
      stdio: options.quiet ? ["ignore", "ignore", "inherit"] : "inherit",
      ...options,
      env: { ...process.env, ...options.env },
    });
    const forward = (signal) => child.kill(signal);
    process.on("SIGINT", forward);
    process.on("SIGTERM", forward);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      process.off("SIGINT", forward);
      process.off("SIGTERM", forward);
      if (code === 0) resolve();
      else reject(Object.assign(new Error(`${[file, ...argv].join(" ")} ended with ${signal ?? code}`), { code: code ?? 1 }));
    });
  });
}

const node = (script, argv = [], options = {}) => run(process.execPath, [join(root, "scripts", script), ...argv], options);
const bin = (name, argv = [], options = {}) => run(join(root, "node_modules", ".bin", name), argv, options);

function files(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  return readdirSync(full, { withFileTypes: true })
    .filter((entry) => !["node_modules", "dist", "generated", ".next"].includes(entry.name))
    .flatMap((entry) => files(join(path, entry.name)))
    .sort();
}

function digest(paths) {
  const hash = createHash("sha256").update(process.version);
  for (const file of paths.flatMap(files))
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

/** Runs `work` unless the same inputs were already worked through and `output` still stands. */
async function step(name, { inputs, output }, work) {
  const stamp = join(cache, `${name}.stamp`);
  const now = digest(inputs);
  const before = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
  if (before === now && existsSync(join(root, output))) return;
  const started = Date.now();
  say(`${name}...`);
  await work();
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, now);
  say(`${name} done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.versions.node} is too old: install Node 20.19 or newer`);
}

async function install() {
  const stamp = join(root, "node_modules", ".holdfast-installed");
  const now = digest(["package-lock.json", "agent/package.json"]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === now) return;
  say("installing packages (about a minute the first time)...");
  await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { shell: process.platform === "win32" });
  writeFileSync(stamp, now);
}

const generate = () =>
  step(
    "generate",
    { inputs: ["prisma", "prisma.config.ts", "scripts/generate.mjs", "package-lock.json"], output: "server/store/generated" },
    () => node("generate.mjs"),
  );
const buildAgent = () =>
  step(
    "build agent",
    { inputs: ["agent", "protocol", "scripts/build-agent.mjs", "package-lock.json"], output: "agent/dist/index.js" },
    () => node("build-agent.mjs"),
  );
const buildServer = () =>
  step(
    "build server",
    {
      inputs: ["server", "core", "protocol", "prisma", "demo", "scripts/build-server.mjs", "package-lock.json"],
      output: "dist/server.mjs",
    },
    () => node("build-server.mjs"),
  );
const buildConsole = () =>
  step(
    "build console",
    {
      inputs: ["app", "ui", "core", "protocol", "next.config.js", "postcss.config.mjs", "tsconfig.json", "package-lock.json"],
      output: ".next/BUILD_ID",
    },
    () => bin("next", ["build"], { quiet: process.env.CI !== "true" && command !== "build" }),
  );

async function build() {
  await generate();
  await buildAgent();
  await buildServer();
  await buildConsole();
}

const serve = (script, argv = [], env = {}) =>
  run(process.execPath, ["--enable-source-maps", join(root, "dist", script), ...argv], { env: { NODE_ENV: "production", ...env } });

async function timed(name, work) {
  const started = Date.now();
  say(`${name}...`);
  await work();
  say(`${name} ok, ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Services run the agent on every Node that is maintained, so its tests do too. The other Node comes from the package registry. */
async function otherNodes(paths) {
  const current = process.versions.node.split(".")[0];
  for (const major of ["20", "24"]) {
    if (major === current) continue;
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const argv = ["--yes", "--package", `node@${major}`, "--", "node", vitest, "run", ...paths];
    await timed(`tests of the agent on Node ${major}`, () => run("npx", argv, { shell: process.platform === "win32" }));
  }
}

const commands = {
  generate,
  build,
  start: async () => {
    await build();
    await serve("server.mjs", args);
  },
  demo: async () => {
    await build();
    await serve("demo.mjs", args);
  },
  holdfast: async () => {
    await generate();
    await buildServer();
    await serve("holdfast.mjs", args);
  },
  dev: async () => {
    await generate();
    await buildAgent();
    await bin("tsx", ["watch", "--clear-screen=false", "--include", "server/**/*.ts", "server/main.ts"], {
      env: { NODE_ENV: "development" },
    });
  },
  test: async () => {
    await build();
    await node("chromium.mjs");
    const only = args[0];
    if (only !== "e2e")
      await timed("tests of the rooms", () =>
        bin("vitest", ["run", ...args.filter((arg) => arg !== "unit").map((arg) => (arg === "agent" ? "test/agent" : arg))]),
      );
    if (only === undefined || only === "agent") await otherNodes(["test/agent"]);
    if (only === undefined || only === "e2e") await timed("tests in the browser", () => bin("playwright", ["test", ...args.slice(1)]));
  },
  check: async () => {
    await build();
    // Lint takes as long as all the others together, and each of them has one thread.
    const lint = timed("lint", () => bin("eslint", ["."], { env: { NODE_OPTIONS: "--max-old-space-size=6144" } }));
    const others = async () => {
      for (const room of ["protocol", "core", "agent", "server", "ui", "demo", "test"])
        await timed(`types of ${room}`, () => bin("tsc", ["-p", `${room}/tsconfig.json`]));
      await timed("format", () => bin("prettier", ["--check", "--log-level", "warn", "."]));
      const rooms = ["protocol", "core", "agent/src", "server", "ui", "app", "demo", "test", "bench"];
      await timed("doors", () => bin("depcruise", ["--config", "dependency-cruiser.config.cjs", ...rooms]));
      await timed("unused", () => bin("knip"));
      await timed("agent package", () => node("check-agent.mjs"));
    };
    // Both to their end, so that one run tells everything there is to mend.
    const ended = await Promise.allSettled([lint, others()]);
    for (const { status, reason } of ended) if (status === "rejected") throw reason;
  },
  bench: async () => {
    await build();
    await bin("tsx", ["bench/run.ts", ...args]);
  },
};

const chosen = commands[command];
if (!chosen) fail(`unknown command "${command}": use one of ${Object.keys(commands).join(", ")}`, 64);
process.chdir(root);
checkNode();
try {
  await install();
  await chosen();
} catch (error) {
  fail(error instanceof Error ? error.message : String(error), error?.code ?? 1);
}
