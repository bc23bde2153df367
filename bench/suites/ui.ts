/**
 * The console in a real Chromium over real agents. A tick is the JavaScript of the whole fleet page on its main thread in a second of 1,000 and of
 * 5,000 live tiles, as CPU time; `thread` is everything that thread does, with style, layout, paint and what the browser itself needs; `process`
 * is all threads of the page's process, with the worker that makes the picture. All three also for a page of 12 tiles, which says what a page
 * costs without a fleet. Long tasks and the slope of the heap, the worker's too, over ten minutes with 1,000; JavaScript of the first load, gzipped; the time until the first live tile is drawn; and how long
 * the page takes from a key or a click to the next frame. Beside it a thousand Recharts sparklines in the same browser.
 * HOLDFAST_BENCH_SECONDS sets the long run (600).
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from "@playwright/test";
import { build } from "esbuild";
import { findChromium } from "../../scripts/chromium.mjs";
import { startRealConsole, until, type RealConsole } from "../../test/support/real-console.ts";
import { bundle } from "../support/bundle.ts";
import { percentile, round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";

const BOOTSTRAP = "bench-bootstrap-token-of-more-than-32-characters";
const LOGIN = { email: "bench@example.com", password: "a long enough password" };
const SERVICES = 40;
const [FEWEST, FEW, MANY] = [12, 1_000, 5_000];
const LONG_S = Number(process.env["HOLDFAST_BENCH_SECONDS"] ?? 600);
const SETTLE_MS = 15_000;
const TICKS = 20;
const PEER_TICKS = 8;

interface Seen {
  longTasks: number[];
  interactions: number[];
}
type Watched = Window & { seen: Seen };

/** Runs in the page before anything else: remembers long tasks and how long interactions took, in ms. */
function watch(): void {
  const seen: Seen = { longTasks: [], interactions: [] };
  (window as unknown as Watched).seen = seen;
  new PerformanceObserver((list) => seen.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: "longtask",
    buffered: true,
  });
  new PerformanceObserver((list) => {
    const entries = list.getEntries() as (PerformanceEntry & { interactionId?: number })[];
    seen.interactions.push(...entries.filter(({ interactionId = 0 }) => interactionId > 0).map(({ duration }) => duration));
  }).observe({ type: "event", buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
}

/** CPU time in ms: of scripts on the page's main thread, of all that thread did, and of all threads of all pages' processes. */
interface Busy {
  readonly scriptMs: number;
  readonly threadMs: number;
  readonly processMs: number;
}

async function busy(session: CDPSession, whole: CDPSession): Promise<Busy> {
  const { metrics } = await session.send("Performance.getMetrics");
  const { processInfo } = await whole.send("SystemInfo.getProcessInfo");
  const ms = (wanted: string): number => (metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN) * 1000;
  const pages = processInfo.filter(({ type }) => type === "renderer");
  return {
    scriptMs: ms("ScriptDuration"),
    threadMs: ms("TaskDuration"),
    processMs: pages.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0),
  };
}

async function perTick(page: Page, ticks: number): Promise<Busy> {
  const session = await page.context().newCDPSession(page);
  const whole = await browserOf(page).newBrowserCDPSession();
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const before = await busy(session, whole);
  await delay(ticks * 1000);
  const after = await busy(session, whole);
  await Promise.all([session.detach(), whole.detach()]);
  const each = (part: keyof Busy): number => (after[part] - before[part]) / ticks;
  return { scriptMs: each("scriptMs"), threadMs: each("threadMs"), processMs: each("processMs") };
}

function browserOf(page: Page): Browser {
  const browser = page.context().browser();
  if (!browser) throw new Error("the page has no browser");
  return browser;
}

/** What the page and its workers hold after a collection. */
async function heapMb(page: Page): Promise<{ pageMb: number; workersMb: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const workers: string[] = [];
  session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
    if (targetInfo.type === "worker") workers.push(sessionId);
  });
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  let workersSize = 0;
  for (const worker of workers) {
    await askWorker(session, worker, "HeapProfiler.collectGarbage");
    workersSize += ((await askWorker(session, worker, "Runtime.getHeapUsage")) as { usedSize: number }).usedSize;
  }
  await session.detach();
  return { pageMb: usedSize / 2 ** 20, workersMb: workersSize / 2 ** 20 };
}

/** Asks a worker of the page by the protocol of the browser's tools. */
async function askWorker(session: CDPSession, sessionId: string, method: string): Promise<unknown> {
  const id = Math.floor(Math.random() * 1e9);
  const answer = new Promise<unknown>((resolve) => {
    const hear = (event: { sessionId: string; message: string }): void => {
      const said = JSON.parse(event.message) as { id?: number; result?: unknown };
      if (event.sessionId !== sessionId || said.id !== id) return;
      session.off("Target.receivedMessageFromTarget", hear);
      resolve(said.result);
    };
    session.on("Target.receivedMessageFromTarget", hear);
  });
  await session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method, params: {} }) });
  return answer;
}

async function openFleet(context: BrowserContext, host: RealConsole): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript(watch);
  await page.goto(host.url);
  await page.waitForFunction(() => performance.getEntriesByName("holdfast:first-tile").length > 0, undefined, { timeout: 60_000 });
  return page;
}

/** Scripts of the first load, as a browser would get them with gzip. */
async function scriptKb(context: BrowserContext, host: RealConsole): Promise<{ kb: number; firstTileMs: number }> {
  const page = await context.newPage();
  const bodies = new Map<string, Promise<Buffer>>();
  page.on("response", (response) => {
    if (response.request().resourceType() === "script") bodies.set(response.url(), response.body());
  });
  await page.goto(host.url);
  await page.waitForFunction(() => performance.getEntriesByName("holdfast:first-tile").length > 0);
  const firstTileMs = await page.evaluate(() => performance.getEntriesByName("holdfast:first-tile")[0]?.startTime ?? Number.NaN);
  let bytes = 0;
  for (const body of await Promise.all(bodies.values())) bytes += gzipSync(body).byteLength;
  await page.close();
  return { kb: bytes / 1024, firstTileMs };
}

/** What a person does: moves over tiles, finds a service, opens pages and a sheet. */
async function interactions(page: Page): Promise<number[]> {
  const press = async (key: string, times = 1): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await page.keyboard.press(key);
      await delay(60);
    }
  };
  await page.getByRole("application").focus();
  await press("ArrowRight", 12);
  await press("ArrowDown", 12);
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("crowd-7", { delay: 60 });
  await press("ArrowDown", 3);
  await press("Escape", 2);
  for (const [first, second] of [
    ["g", "s"],
    ["g", "b"],
    ["g", "e"],
    ["g", "m"],
    ["g", "f"],
  ] as const) {
    await page.keyboard.press(first);
    await page.keyboard.press(second);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await delay(1_500);
  }
  await press("p", 2);
  await press("t", 3);
  return page.evaluate(() => (window as unknown as Watched).seen.interactions);
}

/** The same thousand lines as chart components. */
async function peerTick(browser: Browser): Promise<Busy> {
  const outfile = join(import.meta.dirname, "../../node_modules/.cache/holdfast/bench/recharts-sparklines.js");
  await build({
    entryPoints: [join(import.meta.dirname, "../support/recharts-sparklines.ts")],
    outfile,
    bundle: true,
    minify: true,
    format: "iife",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
  });
  const page = await browser.newPage();
  await page.setContent(`<div id="root" data-count="${FEW}"></div>`);
  await page.addScriptTag({ path: outfile });
  await delay(5_000);
  const tick = await perTick(page, PEER_TICKS);
  await page.close();
  return tick;
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
    await host.api("POST", "/users", { token: BOOTSTRAP, body: { name: "bench", role: "viewer", ...LOGIN } });
    const connect = async (from: number, count: number): Promise<void> => {
      crowd.send({ connect: { url: host.url, token, from, count, service: "crowd", services: SERVICES } });
      const [answer] = (await once(crowd, "message")) as [{ connected?: number; failed?: string }];
      if (answer.connected !== count) throw new Error(answer.failed ?? "agents did not connect");
    };
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.request.post(`${host.url}/api/v1/auth/sign-in`, { data: LOGIN, headers: { origin: host.url } });

    await connect(0, FEWEST);
    const quiet = await openFleet(context, host);
    await delay(SETTLE_MS);
    const tick12 = await perTick(quiet, TICKS);
    await quiet.close();

    await connect(FEWEST, FEW - FEWEST);
    // The first page load warms the server's own caches, as any day's second would.
    await scriptKb(context, host);
    const first = await scriptKb(context, host);
    const page = await openFleet(context, host);
    await delay(SETTLE_MS);
    const tick1000 = await perTick(page, TICKS);
    const acted = await interactions(page);
    await delay(SETTLE_MS);
    await page.evaluate(() => (window as unknown as Watched).seen.longTasks.splice(0));
    // Two minutes of every instance are kept: the heap is measured from when they are full.
    await delay(Math.min(120, LONG_S / 4) * 1000);
    const heapBefore = await heapMb(page);
    const held = ({ pageMb, workersMb }: typeof heapBefore): number => pageMb + workersMb;
    await page.evaluate(() => (window as unknown as Watched).seen.longTasks.splice(0));
    await delay(LONG_S * 1000);
    const longTasks = await page.evaluate(() => [...(window as unknown as Watched).seen.longTasks]);
    const heapAfter = await heapMb(page);
    await page.close();

    const recharts = await peerTick(browser);
    await connect(FEW, MANY - FEW);
    const crowded = await openFleet(context, host);
    await until("every tile is known", () => crowded.getByText(`of ${MANY}`).first().isVisible(), 60_000);
    await delay(SETTLE_MS);
    const tick5000 = await perTick(crowded, TICKS);
    return {
      suite: "ui",
      figures: {
        tick1000Ms: round(tick1000.scriptMs),
        tick5000Ms: round(tick5000.scriptMs),
        tick12Ms: round(tick12.scriptMs),
        thread1000Ms: round(tick1000.threadMs),
        thread5000Ms: round(tick5000.threadMs),
        thread12Ms: round(tick12.threadMs),
        longTasks: longTasks.length,
        longestTaskMs: round(Math.max(0, ...longTasks)),
        longRunSeconds: LONG_S,
        process1000Ms: round(tick1000.processMs),
        process5000Ms: round(tick5000.processMs),
        process12Ms: round(tick12.processMs),
        pageHeapMb: round(heapAfter.pageMb),
        workerHeapMb: round(heapAfter.workersMb),
        heapSlopePercent: round((100 * (held(heapAfter) - held(heapBefore))) / held(heapBefore)),
        firstLoadKb: round(first.kb),
        firstTileMs: round(first.firstTileMs),
        interactionP95Ms: round(percentile(acted, 95)),
        interactions: acted.length,
        rechartsTick1000Ms: round(recharts.scriptMs),
        rechartsThread1000Ms: round(recharts.threadMs),
      },
      ratios: {
        tickOverRecharts: round(tick1000.scriptMs / recharts.scriptMs),
        threadOverRecharts: round(tick1000.threadMs / recharts.threadMs),
      },
    };
  } finally {
    await browser.close();
    crowd.kill();
    await host.dispose();
  }
}
