/** A message in the way of a sink: generic JSON, or what Slack and those who speak like it understand. */
import { NOTIFY_BODY_VERSION, type SinkKind } from "../../protocol/notify.ts";
import type { Message, MessageItem } from "./message.ts";

export interface Telling {
  readonly deliveryId: string;
  readonly message: Message;
  /** Origin of the console. */
  readonly publicUrl: string;
  /** Messages before this one that were left out because too many waited. */
  readonly dropped: number;
}

/** The same telling is always the same text, so that a repeated delivery is the same in every byte. */
export function bodyFor(kind: SinkKind, telling: Telling): string {
  return JSON.stringify(kind === "slack" ? slackBody(telling) : genericBody(telling));
}

function genericBody({ deliveryId, message, publicUrl, dropped }: Telling): object {
  const { topic, environment, at, title, text, actor, path, momentPath, incident, service, details, items, more } = message;
  const link = (to: string): string => `${publicUrl}${to}`;
  return {
    ...{ version: NOTIFY_BODY_VERSION, id: deliveryId, type: topic, environment, at: new Date(at).toISOString(), title, text, actor },
    url: link(path),
    moment: momentPath === null ? null : link(momentPath),
    incident: incident && { ...incident, startedAt: new Date(incident.startedAt).toISOString() },
    ...{ service, details },
    items: items.map((item) => ({
      ...{ type: item.topic, environment: item.environment, at: new Date(item.at).toISOString(), title: item.title },
      url: link(item.path),
    })),
    ...{ more, dropped },
  };
}

/**
 * Names come from agents and people: they must not mention a channel, make a link or pretend to be our words. Slack's control characters
 * are escaped; an invisible space keeps those who understand a bare @all from seeing one.
 */
export function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("@", "@\u200b");
}

const SECTION_CHARS = 2_800;
const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

function slackBody({ message, publicUrl, dropped }: Telling): object {
  const { title, text, environment, path, items, more } = message;
  const link = (to: string, words: string): string => `<${publicUrl}${to}|${words}>`;
  const line = ({ title: words, path: to, environment: where }: MessageItem): string =>
    `• ${link(to, slackText(cut(words, 200)).replaceAll("|", "¦"))} in ${slackText(where)}`;
  const lines = [slackText(cut(title, 300)), slackText(cut(text, 500)), ...items.map(line)].filter((part) => part !== "");
  if (more > 0) lines.push(`and ${more} more`);
  const context = [
    ...(environment === null ? [] : [slackText(environment)]),
    link(path, "Open in Holdfast"),
    ...(dropped > 0 ? [`${dropped} earlier messages were left out`] : []),
  ];
  const sections = chunks(lines).map((part) => ({ type: "section", text: { type: "mrkdwn", text: part, verbatim: true } }));
  return {
    text: slackText(cut(environment === null ? title : `${title} (${environment})`, 400)),
    blocks: [...sections, { type: "context", elements: [{ type: "mrkdwn", text: context.join("  ·  "), verbatim: true }] }],
  };
}

/** A section has at most 3,000 characters. */
function chunks(lines: readonly string[]): string[] {
  const parts: string[] = [];
  for (const line of lines) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + line.length < SECTION_CHARS) parts[parts.length - 1] = `${last}\n${line}`;
    else parts.push(line);
  }
  return parts;
}
