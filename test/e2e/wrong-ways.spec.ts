/** What must not work, tried for real: a bad token, a second console on the same data, hostile names, a viewer who flips. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { createAgent } from "@holdfast/agent";
import { freePort, startRealConsole, until, type RealConsole } from "../support/real-console.ts";

const BOOTSTRAP = "e2e-bootstrap-token-of-more-than-32-characters";
const root = join(import.meta.dirname, "../..");
let host: RealConsole;
let agentToken = "";
let admin = "";

test.beforeAll(async () => {
  host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP } });
  ({ token: agentToken } = await host.api<{ token: string }>("POST", "/agent-tokens", { token: BOOTSTRAP, body: { name: "e2e" } }));
  ({ token: admin } = await host.api<{ token: string }>("POST", "/api-tokens", { token: BOOTSTRAP, body: { name: "e2e", role: "admin" } }));
  for (const role of ["viewer", "operator"] as const) {
    await host.api("POST", "/users", {
      token: admin,
      body: { name: role, email: `${role}@example.com`, password: "a long enough password", role },
    });
  }
});

test.afterAll(() => host.dispose());

async function signIn(page: Page, role: string): Promise<void> {
  await page.goto(`${host.url}/sign-in`);
  await page.getByLabel(/e-?mail/i).fill(`${role}@example.com`);
  await page.getByLabel(/password/i).fill("a long enough password");
  await page.getByRole("button", { name: /sign in/i }).click();
  await expect(page).toHaveURL(`${host.url}/`);
}

test("an agent with a bad token is refused before the socket opens and its host goes on", async () => {
  const agent = createAgent({ url: host.url, token: `hfa_${"x".repeat(49)}`, service: "intruder", log: () => undefined });
  const feature = agent.switch({ key: "intruder.feature", title: "Feature", whatUsersLose: "Nothing" });
  await until("the refusal is in the audit log", async () => {
    const { items } = await host.api<{ items: { action: string; outcome: string }[] }>("GET", "/audit?action=auth.agent_refused", {
      token: admin,
    });
    return items.some(({ outcome }) => outcome === "refused");
  });
  expect(feature.position).toBe("on");
  const fleet = await host.api<{ services: { name: string }[] }>("GET", "/fleet", { token: admin });
  expect(fleet.services.map((service) => service.name)).not.toContain("intruder");
  await agent.close();
});

test("a second console on the same data is refused with a sentence", async () => {
  const second = spawn(process.execPath, ["dist/server.mjs"], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", HOLDFAST_DATA: host.dataDir, HOLDFAST_PORT: String(await freePort()) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  second.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  second.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const [code] = (await once(second, "exit")) as [number];
  expect(code).not.toBe(0);
  expect(printed).toMatch(/another|already|in use/i);
  expect((await fetch(`${host.url}/readyz`)).ok).toBe(true);
});

test("a hostile name is shown as text, and one that cannot be shown is refused", async ({ page }) => {
  const markup = `<img src=x onerror="window.hacked=1">`;
  const hostile = createAgent({ url: host.url, token: agentToken, service: markup, instance: "a", log: () => undefined });
  const refused: string[] = [];
  const endless = createAgent({ url: host.url, token: agentToken, service: "x".repeat(10_000), log: (line) => refused.push(line) });
  const marked = createAgent({ url: host.url, token: agentToken, service: "pay\u202Estnem", log: (line) => refused.push(line) });
  hostile.switch({ key: "hostile.feature", title: `<b>${"w".repeat(100)}</b>`, whatUsersLose: markup });
  await signIn(page, "operator");
  await expect(page.getByText(markup).first()).toBeVisible();
  await page.goto(`${host.url}/switchboard`);
  await expect(page.getByText(markup).first()).toBeVisible();
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
  const fleet = await host.api<{ services: { name: string }[] }>("GET", "/fleet", { token: admin });
  expect(fleet.services.map((service) => service.name).filter((name) => name.length > 64 || name.includes("\u202E"))).toEqual([]);
  await Promise.all([hostile.close(), endless.close(), marked.close()]);
});

test("a viewer sees everything and can flip nothing", async ({ page }) => {
  const agent = createAgent({ url: host.url, token: agentToken, service: "shop", instance: "shop-1", log: () => undefined });
  agent.switch({ key: "shop.reviews", title: "Reviews", whatUsersLose: "Stars stay, texts hide" });
  await until("the switch is known", async () =>
    (await host.api<{ items: { key: string }[] }>("GET", "/switches", { token: admin })).items.some((item) => item.key === "shop.reviews"),
  );
  await signIn(page, "viewer");
  await page.goto(`${host.url}/switchboard`);
  await page.getByText("Reviews", { exact: true }).first().click();
  const hold = page.getByRole("dialog").getByRole("button", { name: /hold/i });
  await expect(hold).toBeDisabled();
  const answer = await page.request.post(`${host.url}/api/v1/switches/shop.reviews/flips`, {
    data: { position: "off", reason: "I am only a viewer", expiresInSeconds: 60 },
    headers: { origin: host.url },
  });
  expect(answer.status()).toBe(403);
  expect(((await answer.json()) as { code: string }).code).toBe("forbidden");
  const { flips } = await host.api<{ flips: unknown[] }>("GET", "/switches/shop.reviews", { token: admin });
  expect(flips).toEqual([]);
  await agent.close();
});
