/** Policy transactions as a console sends them. */
import type { AgentDown } from "../../../protocol/agent-down.ts";
import type { AgentUp } from "../../../protocol/agent-up.ts";
import type { FakeWorld } from "./fake-world.ts";

export interface Item {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly revision?: number;
  readonly leaseMs?: number | null;
  readonly body: Record<string, unknown>;
}

let txn = 0;

export function transaction(
  mode: "full" | "delta" | "none",
  revision: number,
  puts: readonly Item[],
  dels: readonly string[] = [],
): AgentDown[] {
  const number = ++txn;
  return [
    { t: "intent", txn: number, mode, revision },
    ...dels.map((id): AgentDown => ({ t: "del", txn: number, id })),
    ...puts.map((item): AgentDown => ({ t: "put", txn: number, revision: 1, leaseMs: null, ...item })),
    { t: "commit", txn: number, revision },
  ];
}

export const settings = (id: string, key: string, policy: string, values: Record<string, unknown>, revision = 1): Item => ({
  id,
  kind: "settings",
  key,
  revision,
  body: { policy, values },
});

export const override = (id: string, key: string, policy: string, state: string, revision = 1): Item => ({
  id,
  kind: "override",
  key,
  revision,
  body: { policy, state },
});

export const fault = (id: string, key: string, values: Record<string, unknown>, leaseMs: number | null, revision = 1): Item => ({
  id,
  kind: "fault",
  key,
  revision,
  leaseMs,
  body: { values },
});

type Answer = Extract<AgentUp, { t: "ack" | "nack" }>;

/** The newest answer: which items were refused, by id, and why. */
export function refusals(world: FakeWorld): Record<string, string> {
  const answer = world.socket
    .messages()
    .filter((message): message is Answer => message.t === "ack" || message.t === "nack")
    .at(-1);
  if (answer === undefined) throw new Error("nothing was answered");
  return answer.t === "ack" ? {} : Object.fromEntries(answer.rejected.map((item) => [item.id, item.code]));
}
