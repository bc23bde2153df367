/** What the console turned away since this page was opened, in words that help. Pure. */
import type { SelfHealth } from "../../../protocol/health-api.ts";

type Counts = Pick<SelfHealth, "startedAt" | "refused" | "evicted">;

const WORDS: Readonly<Record<string, string>> = {
  "agent 400":
    "It speaks another protocol than this console: install the newest @holdfast/agent, and let no proxy take the subprotocol away.",
  "agent 401": "Its token is not valid here: copy it again, whole. A token may also have been revoked or have expired.",
  "agent forbidden": "Its token is not for this service or environment.",
  "agent versionUnsupported": "It speaks a version of the protocol that this console does not know: bring both to the same release.",
  "agent badMessage": "It said what this console does not understand: bring both to the same release.",
  "agent 429": "It comes too often; it tries again by itself.",
  "agent 503": "The console has no room for it just now, or its database does not answer; it tries again by itself.",
  "other 404": "It knocks at a path where no agent is expected: the url is this console's address alone, without a path.",
};

export interface Refusal {
  readonly key: string;
  readonly times: number;
  readonly text: string;
}

/** Of agents only, the most frequent first. Empty across a restart of the console, when its counters begin anew. */
export function refusalsBetween(before: Counts, after: Counts): readonly Refusal[] {
  if (before.startedAt !== after.startedAt) return [];
  const count = ({ refused, evicted }: Counts, key: string): number => (refused[key] ?? 0) + (evicted[key] ?? 0);
  return Object.entries(WORDS)
    .map(([key, text]) => ({ key, text, times: count(after, key) - count(before, key) }))
    .filter(({ times }) => times > 0)
    .sort((a, b) => b.times - a.times);
}
