/**
 * From an event in an agent to the pixels of a real browser, while 200 agents report once a second. Agent, console and browser share one
 * machine and one clock. The page notes the moment its text is there and two animation frames have passed.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { chromium } from "@playwright/test";
import { createAgent } from "@holdfast/agent";
import { findChromium } from "../../scripts/chromium.mjs";
import { startRealConsole, until } from "../../test/support/real-console.ts";
import { bundle } from "../support/bundle.ts";
import { percentile, round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";

const BOOTSTRAP = "bench-bootstrap-token-of-more-than-32-characters";
const AGENTS = 200;
const EVENTS = 60;
const WARM_UP = 5;

interface MarkWindow {
  marks: Record<string, number>;
}

/** Runs in the page: notes when each mark's text was painted. */
function watchMarks(): void {
  const page = window as unknown as MarkWindow;
  page.marks = {};
  const seen = new Set<string>();
  new MutationObserver(() => {
    for (const [, mark] of document.body.innerText.matchAll(/(mark-\d+)/g)) {
      if (mark === undefined || seen.has(mark)) continue;
      seen.add(mark);
      requestAnimationFrame(() => requestAnimationFrame(() => (page.marks[mark] = Date.now())));
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}

export async function run(): Promise<SuiteResult> {
  const host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP, HOLDFAST_LOG_LEVEL: "error" } });
  const made = await bundle({ agents: "bench/support/simulated-agents.ts" });
  const crowd = fork(made.agents);
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    const { token } = await host.api<{ token: string }>("POST", "/agent-tokens", { token: BOOTSTRAP, body: { name: "bench" } });
    const login = { email: "bench@example.com", password: "a long enough password" };
    await host.api("POST", "/users", { token: BOOTSTRAP, body: { name: "bench", role: "viewer", ...login } });
    crowd.send({ connect: { url: host.url, token, from: 0, count: AGENTS, service: "crowd" } });
    const [answer] = (await once(crowd, "message")) as [{ connected?: number; failed?: string }];
    if (answer.connected !== AGENTS) throw new Error(answer.failed ?? "agents did not connect");

    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.request.post(`${host.url}/api/v1/auth/sign-in`, { data: login, headers: { origin: host.url } });
    await page.goto(`${host.url}/events`);
    await page.getByText(/LIVE/).first().waitFor();
    await page.evaluate(watchMarks);

    const agent = createAgent({ url: host.url, token, service: "marker", instance: "marker-1", log: () => undefined });
    await until("the marking agent is connected", () => agent.status.connected);
    const sentAt = new Map<string, number>();
    for (let i = 0; i < EVENTS + WARM_UP; i++) {
      await delay(150 + Math.random() * 300);
      sentAt.set(`mark-${i}`, Date.now());
      agent.event("note", { text: `mark-${i}` });
    }
    const marks = await until("every mark is painted", async () => {
      const painted = await page.evaluate(() => (window as unknown as MarkWindow).marks);
      return Object.keys(painted).length >= EVENTS + WARM_UP ? painted : false;
    });
    await agent.close();
    const times = [...sentAt].slice(WARM_UP).flatMap(([mark, at]) => (marks[mark] === undefined ? [] : [marks[mark] - at]));
    return {
      suite: "freshness",
      figures: { p50Ms: round(percentile(times, 50)), p95Ms: round(percentile(times, 95)), marks: times.length },
      ratios: {},
    };
  } finally {
    await browser.close();
    crowd.kill();
    await host.dispose();
  }
}
