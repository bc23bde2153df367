/**
 * Pictures of the pages that matter, compared with those that are kept: an invented fleet whose clock stands still. After a change that
 * is meant: `npm test -- e2e baselines --update-snapshots`, look at every one, and commit them.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { until } from "../support/real-console.ts";

const root = join(import.meta.dirname, "../..");
/** Which browser the pictures were made with: another one draws letters in another way. */
const madeWith = join(import.meta.dirname, "baselines", "made-with.json");
const AT = Date.UTC(2026, 10, 20, 14, 2, 10);
/** A tablet lays out alike in both themes: one picture of it is enough. */
const WIDTHS = {
  dark: [
    [1440, 900],
    [1024, 768],
    [375, 812],
  ],
  light: [
    [1440, 900],
    [375, 812],
  ],
} as const;
const PAGES: readonly (readonly [name: string, path: string, shows: RegExp])[] = [
  ["fleet", "/", /recommendations/],
  ["service", "/services/orders", /payments/],
  ["switchboard", "/switchboard", /Personal recommendations/],
  ["incident", "/incidents/214", /Timeline/],
  ["wall", "/wall?views=fleet&theme=THEME", /orders/],
];
let fake: ChildProcess;
let url = "";

test.use({ timezoneId: "UTC", locale: "en-US" });

test.beforeAll(async () => {
  const preload = ["--import", "tsx", "--import", "./test/support/still-clock.ts"];
  fake = spawn(process.execPath, [...preload, "test/support/fake-console-server.ts", "--built", "--still"], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", HOLDFAST_STILL_AT: String(AT) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  fake.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  url = await until("the fake console answers", () => /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0], 60_000);
});

test.afterAll(() => {
  fake.kill("SIGKILL");
});

/**
 * The live socket tells the last minute in some sixty words. On a busy machine a page is drawn in the middle of them, and its clock stands still: an
 * order that it once took would be held for ever. So all words before the first beat are heard at once.
 */
function hearAllAtOnce(): void {
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    override set onmessage(hear: ((this: WebSocket, message: MessageEvent) => unknown) | null) {
      let held: MessageEvent<string>[] | null = [];
      super.onmessage = (message: MessageEvent<string>) => {
        if (held === null) return void hear?.call(this, message);
        held.push(message);
        if ((JSON.parse(message.data) as { t: string }).t !== "beat") return;
        for (const one of held) hear?.call(this, one);
        held = null;
      };
    }
  };
}

for (const theme of ["dark", "light"] as const) {
  test(`the pages look as they did, ${theme}`, async ({ page, context, browser }, info) => {
    const chromium = browser.version().split(".")[0] ?? "";
    if (/all|changed/.test(info.config.updateSnapshots)) writeFileSync(madeWith, `${JSON.stringify({ chromium }, null, 2)}\n`);
    const { chromium: made } = JSON.parse(readFileSync(madeWith, "utf8")) as { chromium: string };
    if (made !== chromium)
      info.annotations.push({ type: "not compared", description: `Chromium ${chromium}, the pictures are of ${made}` });
    await context.addCookies([{ name: "theme", value: theme, url }]);
    await page.clock.setFixedTime(AT);
    await page.addInitScript(hearAllAtOnce);
    for (const [name, path, shows] of PAGES) {
      await page.goto(`${url}${path.replace("THEME", theme)}`);
      for (const [width, height] of WIDTHS[theme]) {
        await page.setViewportSize({ width, height });
        await expect(page.locator("main").getByText(shows).filter({ visible: true }).first(), `${name} ${String(width)}`).toBeVisible();
        await expect(page.getByText(/^Reading/)).toHaveCount(0);
        if (made !== chromium) continue;
        await expect.soft(page).toHaveScreenshot(`${name}-${String(width)}-${theme}.png`, { maxDiffPixelRatio: 0.02 });
      }
    }
  });
}
