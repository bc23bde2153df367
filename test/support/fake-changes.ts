/** Invented changes by people over the last day, some of them close together, for the marks on the charts. */
import type { LoggedEvent } from "../../protocol/live.ts";

const MIN = 60_000;

type Made = readonly [agoMs: number, type: string, actor: string, data: LoggedEvent["data"], service?: string];

const MADE: readonly Made[] = [
  [20 * 60 * MIN, "deploy", "token:ci", { version: "4.10.0" }, "orders"],
  [9 * 60 * MIN, "deploy", "token:ci", { version: "4.11.0" }, "orders"],
  [
    5 * 60 * MIN,
    "policy.set",
    "user:ada",
    { policy: "breaker", name: "payments", values: "resetMs 20000", reason: "probe less often", revision: 90 },
    "orders",
  ],
  [42 * MIN, "fault.set", "user:ada", { pipeline: "payments", values: "latency 300 ms", reason: "drill", revision: 101 }, "orders"],
  [38 * MIN, "fault.reverted", "user:ada", { pipeline: "payments", reason: "done", revision: 102 }, "orders"],
  [11 * MIN, "deploy", "token:ci", { version: "4.12.1" }, "orders"],
  [6 * MIN, "incident.opened", "system", { number: 14, severity: 2, title: "orders → payments: breaker open" }],
  [
    350_000,
    "flip.created",
    "user:m.ito",
    { switch: "recommendations", position: "off", reason: "take load off orders", flipId: "f-8", revision: 116 },
  ],
  [345_000, "flip.created", "user:ada", { switch: "gift-wrap", position: "off", reason: "not needed now", flipId: "f-9", revision: 117 }],
  [
    340_000,
    "override.set",
    "user:ada",
    { policy: "breaker", name: "payments", state: "forced_open", reason: "let it rest", revision: 118 },
    "orders",
  ],
];

/** @param nextId ids go on from here */
export function fakeChanges(now: number, nextId: number): readonly LoggedEvent[] {
  return MADE.map(([ago, type, actor, data, service = null], i) => ({
    id: nextId + i,
    at: now - ago,
    receivedAt: now - ago,
    type,
    service,
    instance: null,
    resource: null,
    actor,
    data,
  }));
}
