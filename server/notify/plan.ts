/** From news to deliveries: who hears of what, and when single messages become one roundup. Pure. */
import { counted } from "../../core/incidents/words.ts";
import type { NewDelivery, Sink } from "../store/notify-store.ts";
import type { Message, MessageItem, News } from "./message.ts";
import { KEEP_TRYING_MS } from "./retry.ts";

/** So many single messages a sink gets in a minute; what comes beyond them is told together when the minute is over. */
export const SINGLES_MOST = 10;
export const WINDOW_MS = 60_000;
/** So many items a roundup names; the rest it counts. */
const ITEMS_MOST = 20;

export interface Window {
  readonly from: number;
  readonly singles: number;
  /** The delivery that takes up the rest. */
  readonly roundup: string | null;
}
/** By sink. */
export type Windows = Readonly<Record<string, Window>>;

export interface PlanInput {
  readonly news: readonly News[];
  readonly sinks: readonly Sink[];
  readonly windows: Windows;
  /** What open roundups say so far, by delivery. */
  readonly roundups: Readonly<Record<string, Message>>;
  readonly now: number;
  readonly newId: () => string;
}

export interface Plan {
  readonly created: readonly NewDelivery[];
  readonly grown: readonly { readonly id: string; readonly title: string; readonly message: string }[];
  readonly windows: Windows;
}

export function hearsOf({ hears, afterId }: Pick<Sink, "hears" | "afterId">, { id, topic, environment, severity }: News): boolean {
  return (
    id > afterId &&
    hears.topics.includes(topic) &&
    (hears.environments.length === 0 || hears.environments.includes(environment)) &&
    (severity === null || severity <= hears.severity)
  );
}

const isOpen = (window: Window | undefined, now: number): window is Window =>
  window !== undefined && now >= window.from && now < window.from + WINDOW_MS;

/** Deliveries that more news may still be added to. */
export function openRoundups(windows: Windows, now: number): string[] {
  return Object.values(windows).flatMap((window) => (isOpen(window, now) && window.roundup !== null ? [window.roundup] : []));
}

export function plan({ news, sinks, windows, roundups, now, newId }: PlanInput): Plan {
  const created: NewDelivery[] = [];
  const changed = new Map<string, Message>();
  const next: Record<string, Window> = {};
  for (const sink of sinks) {
    const known = windows[sink.id];
    let window: Window = isOpen(known, now) ? known : { from: now, singles: 0, roundup: null };
    for (const one of news) {
      if (!hearsOf(sink, one)) continue;
      if (window.roundup === null && window.singles < SINGLES_MOST) {
        created.push(delivery(sink.id, one.message, { id: newId(), now, nextAt: now }));
        window = { ...window, singles: window.singles + 1 };
        continue;
      }
      const id = window.roundup ?? newId();
      changed.set(id, added(changed.get(id) ?? roundups[id], one));
      if (window.roundup === null)
        created.push(delivery(sink.id, changed.get(id) ?? one.message, { id, now, nextAt: window.from + WINDOW_MS }));
      window = { ...window, roundup: id };
    }
    if (window.singles > 0) next[sink.id] = window;
  }
  const said = (id: string): { readonly title: string; readonly message: string } | null => {
    const message = changed.get(id);
    return message ? { title: message.title, message: JSON.stringify(message) } : null;
  };
  const fresh = new Set(created.map(({ id }) => id));
  return {
    created: created.map((one) => ({ ...one, ...said(one.id) })),
    grown: [...changed.keys()].flatMap((id) => {
      const words = fresh.has(id) ? null : said(id);
      return words ? [{ id, ...words }] : [];
    }),
    windows: next,
  };
}

function delivery(
  sinkId: string,
  message: Message,
  { id, now, nextAt }: { readonly id: string; readonly now: number; readonly nextAt: number },
): NewDelivery {
  const { topic, title } = message;
  return { ...{ id, sinkId, topic, title, nextAt }, message: JSON.stringify(message), createdAt: now, deadline: now + KEEP_TRYING_MS };
}

function added(roundup: Message | undefined, { topic, environment, message }: News): Message {
  const item: MessageItem = { topic, environment, at: message.at, title: message.title, path: message.path };
  const before = roundup?.items ?? [];
  const items = before.length < ITEMS_MOST ? [...before, item] : before;
  const more = (roundup?.more ?? 0) + (before.length < ITEMS_MOST ? 0 : 1);
  const environments = new Set(items.map((one) => one.environment));
  const one = environments.size === 1 ? environment : null;
  return {
    ...{ topic: "roundup", environment: one, at: message.at, actor: null, service: null, incident: null, items, more },
    title: `${counted(items.length + more, "thing")} happened within a minute`,
    text: "So many came at once that they are told together.",
    path: one === null ? "/events" : `/events?env=${encodeURIComponent(one)}`,
    momentPath: null,
    details: {},
  };
}
