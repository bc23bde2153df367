/** A fleet of 200 instances and 5,000 resources, over a line that falls silent, is cut and gets slow: the page stays usable and true. */
import { expect, test, type Page } from "@playwright/test";
import { BOOTSTRAP, people, signIn } from "../support/console-people.ts";
import { startCrowd, type Crowd } from "../support/crowd.ts";
import { openLine, type Line } from "../support/line.ts";
import { startRealConsole, until, type RealConsole } from "../support/real-console.ts";

const INSTANCES = 100;
const RESOURCES = 50;
/** Elements that a page may have however large the fleet is. */
const NODES_MOST = 12_000;
let host: RealConsole;
let line: Line;
let page: Page;
const crowds: Crowd[] = [];
const broken: string[] = [];

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ browser }) => {
  line = await openLine();
  host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP, HOLDFAST_PUBLIC_URL: line.url } });
  line.lead(host.port);
  const { agentToken: token } = await people(host, ["Ada"]);
  const join = { url: host.url, token, count: INSTANCES };
  crowds.push(await startCrowd({ ...join, service: "warehouse", resources: RESOURCES, kinds: ["breaker", "pool", "queue", "bulkhead"] }));
  crowds.push(await startCrowd({ ...join, service: "counter", resources: 1, kinds: ["gauge"] }));
  page = await (await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1440, height: 900 } })).newPage();
  page.on("pageerror", (error) => broken.push(error.message));
  await signIn(page, line.url, "Ada");
  await expect(page.getByText(/^LIVE/)).toBeVisible();
});

test.afterAll(async () => {
  await page.context().close();
  for (const crowd of crowds) crowd.close();
  await line.close();
  await host.dispose();
});

const nodes = (): Promise<number> => page.evaluate(() => document.querySelectorAll("*").length);

/** What the console counted, by the names and labels of its own measurements; 0 for what never happened. */
async function counted(name: string): Promise<number> {
  const text = await (await fetch(`${host.url}/metrics`)).text();
  const found = text.split("\n").find((row) => row.startsWith(`${name} `));
  return Number(found?.split(" ").at(-1) ?? 0);
}

test("5,000 resources: every page of the fleet opens, answers and stays of a size", async () => {
  const opens = async (path: string, shows: RegExp): Promise<void> => {
    await page.goto(`${line.url}${path}`);
    await expect(page.getByRole("main").getByText(shows).filter({ visible: true }).first(), path).toBeVisible();
    expect.soft(await nodes(), path).toBeLessThan(NODES_MOST);
  };
  await opens("/", /warehouse/);
  await page.getByRole("application").first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/services\//);
  await opens("/services", /warehouse/);
  await opens("/services/warehouse", /breaker-0/);
  await opens("/map", /warehouse/);
  await opens("/agents", /counter-0/);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("bulkhead-47");
  await expect(page.getByRole("option", { name: /bulkhead-47/ }).first()).toBeVisible();
  expect.soft(await nodes(), "the palette").toBeLessThan(NODES_MOST);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/services\/warehouse$/);
  expect(broken).toEqual([]);
});

test("a line that falls silent: not live, in words and in looks, until it is mended; then it says what happened meanwhile", async () => {
  await page.goto(`${line.url}/services`);
  await expect(page.getByRole("main").getByText("warehouse").first()).toBeVisible();
  await expect(page.getByText(/^LIVE/)).toBeVisible();
  line.fallSilent();
  await expect(page.getByText(/NOT LIVE \d\d:\d\d:\d\d, \d+ s old/)).toBeVisible({ timeout: 10_000 });
  await expect(page.getByText(/^LIVE/)).toBeHidden();
  await expect(page.getByText("agents unknown")).toBeVisible();
  await expect(page.getByRole("main").getByText("warehouse").first()).toBeVisible();
  expect(await page.getByRole("main").evaluate((main) => getComputedStyle(main).filter)).toContain("grayscale(1)");
  const age = async (): Promise<number> => Number(/(\d+) s old/.exec(await page.getByText(/NOT LIVE/).innerText())?.[1] ?? 0);
  const young = await age();
  await expect.poll(age, { message: "the age grows" }).toBeGreaterThan(young);

  line.cut();
  crowds[1]?.say(1);
  await until("the events are on disk", () => crowds[1]?.kept() === INSTANCES);
  await expect(page.getByText(/Reconnecting, try [1-9]/)).toBeVisible();
  line.mend();
  await expect(page.getByText(/^LIVE/)).toBeVisible();
  const told = page.getByRole("complementary", { name: "Live again" });
  await expect(told).toContainText(/Live again, after (\d+ s|\d+:\d+)/);
  await expect(told).toContainText(`${String(INSTANCES)} events came meanwhile`);
  expect(await page.getByRole("main").evaluate((main) => getComputedStyle(main).filter)).toBe("none");
  await told.getByRole("link", { name: "Events" }).click();
  await expect(page.getByRole("feed").getByText("said").first()).toBeVisible();
  await expect(told).toBeHidden();
  expect(broken).toEqual([]);
});

test("a slow line and a slow machine: values are left out, not queued; the page catches up and says what happened meanwhile", async () => {
  const throttle = await page.context().newCDPSession(page);
  await throttle.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  const [dropped, lost] = ['holdfast_dropped_total{what="browser-deltas"}', 'holdfast_dropped_total{what="browser-events"}'];
  const before = [await counted(dropped), await counted(lost)];
  line.slow(20_000);
  await until("values are left out", async () => (await counted(dropped)) > (before[0] ?? 0), 60_000);
  // Once more, should the page have been between two sockets.
  let said = 0;
  await until(
    "events are left out too",
    async () => {
      if (crowds[0]?.kept() !== INSTANCES * said) return false;
      if ((await counted(lost)) > (before[1] ?? 0)) return true;
      crowds[0].say(50);
      said += 50;
      return false;
    },
    60_000,
  );
  // What is on its way for longer than some seconds is not called live when it comes.
  await expect(page.getByText(/NOT LIVE \d\d:\d\d:\d\d, \d+ s old/)).toBeVisible();
  await throttle.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  line.mend();
  const told = page.getByRole("complementary", { name: "Live again" });
  // All of them, if the page was just then on a new socket that had room for them; else how many were not sent, too.
  await expect(told).toContainText(/[1-9][\d,]* events came meanwhile/, { timeout: 60_000 });
  await expect(page.getByText(/^LIVE/)).toBeVisible();
  const clock = async (): Promise<number> =>
    Date.parse(`1970-01-01T${/\d\d:\d\d:\d\d/.exec(await page.getByText(/^LIVE/).innerText())?.[0] ?? ""}Z`);
  const now = await clock();
  await expect.poll(clock, { message: "the clock runs on" }).toBeGreaterThan(now);
  expect(await counted('holdfast_evicted_total{socket="browser",reason="slowConsumer"}')).toBe(0);
  await throttle.detach();
  expect(broken).toEqual([]);
});
