import type { AgentDown } from "../../protocol/agent-down.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { PolicyItem } from "../policy/feed.ts";

export interface Transaction {
  readonly txn: number;
  readonly revision: number;
  readonly mode: "full" | "delta";
  readonly puts: readonly PolicyItem[];
  readonly dels: readonly string[];
}

/** The text frames of a transaction: arrays of messages in order, as few as the limit on items allows. The same for every agent. */
export function transactionFrames({ txn, revision, mode, puts, dels }: Transaction, now: number): readonly string[] {
  const messages: AgentDown[] = [
    { t: "intent", txn, mode, revision },
    ...dels.map((id): AgentDown => ({ t: "del", txn, id })),
    ...puts.map((item): AgentDown => ({
      t: "put",
      txn,
      id: item.id,
      kind: item.kind,
      key: item.key,
      revision: item.revision,
      leaseMs: leaseLeft(item, now),
      body: item.body,
    })),
    { t: "commit", txn, revision },
  ];
  const frames: string[] = [];
  for (let at = 0; at < messages.length; at += LIMITS.policyItemsPerMessage)
    frames.push(JSON.stringify(messages.slice(at, at + LIMITS.policyItemsPerMessage)));
  return frames;
}

/** Time left of an item's lease; null has no expiry. */
export function leaseLeft(item: PolicyItem, now: number): number | null {
  return item.expiresAt === null ? null : Math.max(0, item.expiresAt - now);
}
