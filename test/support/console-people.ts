/** People at a console in a browser: made by the API, signed in by the door, watched for what a page must not do. */
import { expect, type Page } from "@playwright/test";
import type { RealConsole } from "./real-console.ts";

export const BOOTSTRAP = "e2e-bootstrap-token-of-more-than-32-characters";
const PASSWORD = "a long enough password";

interface Made {
  readonly token: string;
}

/** Makes these people, each with the role, and the tokens of a script and of agents. */
export async function people(host: RealConsole, names: readonly string[], role = "admin"): Promise<{ key: string; agentToken: string }> {
  const make = (path: string, body: unknown): Promise<Made> => host.api<Made>("POST", path, { token: BOOTSTRAP, body });
  const { token: agentToken } = await make("/agent-tokens", { name: "e2e" });
  const { token: key } = await make("/api-tokens", { name: "e2e", role: "admin" });
  for (const name of names)
    await host.api("POST", "/users", { token: key, body: { name, email: `${name.toLowerCase()}@example.com`, password: PASSWORD, role } });
  return { key, agentToken };
}

export async function signIn(page: Page, url: string, name: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel(/e-?mail/i).fill(`${name.toLowerCase()}@example.com`);
  await page.getByLabel(/password/i).fill(PASSWORD);
  await page.getByRole("button", { name: /sign in/i }).click();
  await expect(page).toHaveURL(`${url}/`);
}

/** The same without a mouse. */
export async function signInByKeys(page: Page, url: string, name: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await expect(page.getByRole("button", { name: /sign in/i })).toBeVisible();
  await tabTo(page, /e-?mail/i);
  await page.keyboard.type(`${name.toLowerCase()}@example.com`);
  await tabTo(page, /password/i);
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${url}/`);
}

/** What has the focus, by its accessible name, and whether one sees it. */
interface Focused {
  readonly lost: boolean;
  readonly name: string;
  readonly seen: boolean;
}

export function focused(page: Page): Promise<Focused> {
  return page.evaluate(() => {
    const active = document.activeElement;
    if (!(active instanceof HTMLElement) || active === document.body) return { lost: true, name: "", seen: false };
    // The page as a whole: where one is led that came by no link.
    if (active.id === "main") return { lost: false, name: "main", seen: true };
    const label =
      active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement ? (active.labels?.[0]?.textContent ?? "") : "";
    const box = active.getBoundingClientRect();
    // A field without edges is ringed with what stands beside it.
    const ring = [active, active.parentElement].some((element) => {
      const style = element === null ? null : getComputedStyle(element);
      return style !== null && ((style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none");
    });
    return {
      lost: false,
      name: `${label} ${active.getAttribute("aria-label") ?? ""} ${active.textContent}`.trim(),
      seen: ring && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < window.innerHeight,
    };
  });
}

/** Presses Tab until something of that name has the focus; each step on the way must be seen and not lost. */
export async function tabTo(page: Page, name: RegExp, { key = "Tab", most = 60 } = {}): Promise<void> {
  const way: string[] = [];
  for (let i = 0; i <= most; i++) {
    const now = await focused(page);
    way.push(now.name.slice(0, 30));
    if (!now.lost && !now.seen) expect.soft(now.name, `the focus is not seen on the way to ${String(name)}`).toBe("");
    if (name.test(now.name)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${String(name)} was not reached by ${key}: ${way.join(" | ")}`);
}
