/**
 * `npm run demo`: the real console on its embedded database, provisioned through its public API, and the shop streaming into it.
 * Nothing here is a path the product does not have: a bootstrap token makes an agent token and one person, as automated
 * provisioning would.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { placeSwitches } from "./ladder.ts";
import { startShop } from "./main.ts";

interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly agentToken: string;
}

const here = dirname(fileURLToPath(import.meta.url));
const port = Number(process.env["HOLDFAST_PORT"] ?? 4400);
const host = process.env["HOLDFAST_HOST"] ?? "127.0.0.1";
const consoleUrl = `http://${host === "0.0.0.0" ? "127.0.0.1" : host}:${port}`;
const dataDir = resolve(process.env["HOLDFAST_DATA"] ?? "data/demo");
const credentialsFile = join(dataDir, "demo-credentials.json");

function startConsole(bootstrapToken: string): ChildProcess {
  const env = {
    ...process.env,
    HOLDFAST_DATA: dataDir,
    HOLDFAST_PORT: String(port),
    HOLDFAST_HOST: host,
    HOLDFAST_BOOTSTRAP_TOKEN: bootstrapToken,
  };
  return spawn(process.execPath, ["--enable-source-maps", join(here, "server.mjs")], {
    env: { HOLDFAST_LOG_LEVEL: "warn", ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

async function untilReady(child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the console ended with ${child.exitCode}; see its message above`);
    const ready = await fetch(`${consoleUrl}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await delay(200);
  }
  throw new Error("the console did not become ready within a minute");
}

async function post(path: string, token: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${consoleUrl}/api/v1${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${path}: ${String(answer["detail"])}`);
  return answer;
}

async function provision(bootstrapToken: string): Promise<Credentials> {
  if (existsSync(credentialsFile)) return JSON.parse(readFileSync(credentialsFile, "utf8")) as Credentials;
  const { token } = await post("/agent-tokens", bootstrapToken, { name: "demo shop", environment: "production" });
  const credentials = { email: "you@demo.holdfast", password: randomBytes(9).toString("base64url"), agentToken: String(token) };
  writeFileSync(credentialsFile, JSON.stringify(credentials, null, 2));
  chmodSync(credentialsFile, 0o600);
  await post("/users", bootstrapToken, { name: "You", email: credentials.email, password: credentials.password, role: "admin" });
  return credentials;
}

mkdirSync(dataDir, { recursive: true, mode: 0o700 });
const bootstrapToken = randomBytes(32).toString("base64url");
const server = startConsole(bootstrapToken);
let stopping = false;
let shop: Awaited<ReturnType<typeof startShop>> | undefined;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await shop?.stop();
  if (server.exitCode === null) {
    server.kill("SIGTERM");
    await new Promise((done) => server.once("exit", done));
  }
  process.exit(code);
}
process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));
server.once("exit", (code) => void stop(code ?? 1));

try {
  await untilReady(server);
  const credentials = await provision(bootstrapToken);
  shop = await startShop({
    consoleUrl,
    tokens: credentials.agentToken,
    shopPort: Number(process.env["SHOP_PORT"] ?? 4480),
    directorPort: Number(process.env["DIRECTOR_PORT"] ?? 4481),
    entry: new URL("./shop-service.mjs", import.meta.url),
  });
  const { email, password } = credentials;
  // The shop is worth looking at without it.
  void placeSwitches({ consoleUrl, email, password }).catch((error: unknown) => {
    if (!stopping)
      process.stderr.write(`holdfast demo: the ladder stays empty: ${error instanceof Error ? error.message : String(error)}\n`);
  });
  process.stdout.write(
    [
      "",
      "  Holdfast is running, and a shop of real services streams into it.",
      "",
      `  console    ${consoleUrl}`,
      `  sign in    ${credentials.email}   password  ${credentials.password}`,
      `  the shop   ${shop.shopUrl}`,
      "",
      "  Make something fail (it recovers by itself), then watch the console:",
      `    curl -X POST ${shop.directorUrl}/failures/payments-slow`,
      `    curl ${shop.directorUrl}/failures        lists what can fail`,
      "",
      `  Data is kept in ${dataDir}. Stop with Ctrl-C.`,
      "",
      "",
    ].join("\n"),
  );
} catch (error) {
  process.stderr.write(`holdfast demo: ${error instanceof Error ? error.message : String(error)}\n`);
  await stop(1);
}
