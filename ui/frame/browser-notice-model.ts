/** What the browser is to tell while nobody looks at the console. Pure. */
import { escalatedTo } from "../../core/incidents/escalation.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import { ENVIRONMENT_PARAM } from "./links.ts";

export interface BrowserNotice {
  /** One notice for one incident, whatever the number of tabs. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  readonly href: string;
}

/** What is older came while the page was not connected: the page itself tells of it. */
const FRESH_MS = 120_000;
/** More than these at once say no more. */
const MOST = 3;

export interface NoticeWish {
  readonly environment: string;
  /** Told already, or there when the page was opened. */
  readonly seenId: number;
  readonly now: number;
}

/** Oldest first. @param events newest first */
export function noticesOf(events: readonly LoggedEvent[], { environment, seenId, now }: NoticeWish): readonly BrowserNotice[] {
  const found: BrowserNotice[] = [];
  for (const event of events) {
    if (event.id <= seenId || now - event.receivedAt > FRESH_MS) continue;
    const { number, title, severity } = event.data;
    const escalated = escalatedTo(event);
    if ((event.type !== "incident.opened" && escalated === null) || typeof number !== "number") continue;
    const worse = escalated ?? severity;
    found.push({
      tag: `incident ${environment} ${String(number)}`,
      title: `${typeof worse === "number" ? `SEV${String(worse)} ` : ""}incident #${String(number)} ${escalated === null ? "opened" : "got worse"}`,
      body: `${typeof title === "string" ? title : ""} (${environment})`.trim(),
      href: `/incidents/${String(number)}?${ENVIRONMENT_PARAM}=${encodeURIComponent(environment)}`,
    });
  }
  return found.slice(0, MOST).reverse();
}
