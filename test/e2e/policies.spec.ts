/** Settings, an override and a drill, from the service page to a real pipeline in a real agent and back. */
import axe from "axe-core";
import { expect, test, type Page } from "@playwright/test";
import { createAgent, type Agent } from "@holdfast/agent";
import { pipeline } from "@holdfast/agent/resilience";
import { startRealConsole, until, type RealConsole } from "../support/real-console.ts";

const BOOTSTRAP = "e2e-bootstrap-token-of-more-than-32-characters";
const payments = pipeline("payments", {
  target: "payments-provider",
  timeout: { attemptMs: 500, totalMs: 2_000 },
  breaker: { minimumCalls: 5, openMs: 60_000 },
  bulkhead: { maxConcurrent: 5 },
  bounds: { timeout: { attemptMs: [100, 1_000] } },
  faults: true,
});
let host: RealConsole;
let agent: Agent | undefined;

test.beforeAll(async () => {
  host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP } });
  const { token } = await host.api<{ token: string }>("POST", "/agent-tokens", { token: BOOTSTRAP, body: { name: "e2e" } });
  agent = createAgent({ url: host.url, token, service: "orders", instance: "orders-1", log: () => undefined });
  const admin = { name: "Ada", email: "ada@example.com", password: "a long enough password", role: "admin" };
  await host.api("POST", "/users", { token: BOOTSTRAP, body: admin });
});

test.afterAll(async () => {
  await agent?.close();
  payments.close();
  await host.dispose();
});

async function policiesOf(page: Page) {
  await page.goto(`${host.url}/services/orders`);
  const section = page.getByRole("region", { name: "Policies" });
  await expect(section).toBeVisible();
  return (policy: string) => section.locator("details").filter({ has: page.locator("summary", { hasText: policy }) });
}

test("an operator changes a running pipeline within its bounds, forces its breaker, drills it, and takes all of it back", async ({
  page,
}) => {
  test.setTimeout(180_000);
  await page.goto(`${host.url}/sign-in`);
  await page.getByLabel(/e-?mail/i).fill("ada@example.com");
  await page.getByLabel(/password/i).fill("a long enough password");
  await page.getByRole("button", { name: /sign in/i }).click();
  await expect(page).toHaveURL(`${host.url}/`);
  const card = await policiesOf(page);

  await test.step("a setting beyond the bounds of the code is refused where it is typed", async () => {
    await card("timeout").locator("summary").click();
    await card("timeout").getByRole("button", { name: "Change settings" }).click();
    await card("timeout").getByLabel("attemptMs").fill("5000");
    await card("timeout").getByLabel("Reason").fill("payments answer slowly");
    await expect(card("timeout").getByRole("button", { name: "Change settings now" })).toBeDisabled();
  });

  await test.step("within them it is in force in the pipeline, and said so", async () => {
    await card("timeout").getByLabel("attemptMs").fill("900");
    await expect(card("timeout").getByText(/hits 1 instance/i)).toBeVisible();
    await card("timeout").getByRole("button", { name: "Change settings now" }).click();
    await until("the pipeline has it", () => payments.explain()["timeout"]?.["attemptMs"]?.value === 900);
    await expect(
      card("timeout")
        .getByText(/applied/i)
        .first(),
    ).toBeVisible();
    expect(payments.explain()["timeout"]?.["attemptMs"]).toMatchObject({ origin: "remote", bounds: [100, 1_000] });
  });

  await test.step("the page with its forms is accessible", async () => {
    await page.evaluate(axe.source);
    const found = await page.evaluate(async () => {
      const loaded = (window as unknown as { axe: { run: (scope: string) => Promise<{ violations: { id: string }[] }> } }).axe;
      return (await loaded.run("main")).violations.map((violation) => violation.id);
    });
    expect(found).toEqual([]);
  });

  await test.step("a breaker forced open refuses, and calls pass again when it is taken back", async () => {
    await card("breaker").locator("summary").click();
    await card("breaker").getByRole("button", { name: "Override" }).click();
    await card("breaker")
      .getByText(/forced open/i)
      .first()
      .click();
    await card("breaker").getByLabel("Reason").fill("the provider asked us to stop");
    await card("breaker")
      .getByRole("button", { name: /or type/i })
      .click();
    await card("breaker").getByLabel("Type payments to confirm").fill("payments");
    await card("breaker")
      .getByRole("button", { name: /to forced open on 1 instance/i })
      .click();
    await until("calls are refused", () =>
      payments
        .run(() => Promise.resolve("paid"))
        .then(
          () => false,
          () => true,
        ),
    );
    await card("breaker")
      .getByRole("button", { name: /revert/i })
      .first()
      .click();
    await card("breaker")
      .getByLabel(/reason/i)
      .last()
      .fill("the provider is back");
    await card("breaker")
      .getByRole("button", { name: /revert/i })
      .last()
      .click();
    await until("calls pass", () =>
      payments
        .run(() => Promise.resolve("paid"))
        .then(
          () => true,
          () => false,
        ),
    );
  });

  await test.step("a drill of errors trips the breaker for real", async () => {
    const answer = await page.request.post(`${host.url}/api/v1/faults`, {
      data: { name: "payments", values: { errorPermille: 1_000 }, reason: "fire drill", expiresInSeconds: 120 },
      headers: { origin: host.url },
    });
    expect(answer.ok(), await answer.text()).toBe(true);
    await until("the breaker is open", async () => {
      await payments.run(() => Promise.resolve("paid")).catch(() => undefined);
      return payments.state === "open";
    });
    await page.goto(`${host.url}/events?kind=fault.`);
    await expect(page.getByText(/began a drill on payments/).first()).toBeVisible();
    await page.goto(`${host.url}/events?kind=breaker.`);
    await expect(page.getByText(/payments opened/).first()).toBeVisible();
  });
});
