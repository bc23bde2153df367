/** What the gateways count. Passed in; implemented where /metrics is served. Calls are on hot paths and must be cheap and never throw. */
export interface GatewayMetrics {
  /** Connected now. */
  setAgents(count: number): void;
  setBrowsers(count: number): void;
  /** How late the gateway's one-second tick ran, in milliseconds. */
  setLagMs(ms: number): void;
  /** One sample frame was taken: live or back-fill, with so many slots and bytes. */
  countFrame(kind: "live" | "backfill", slots: number, bytes: number): void;
  /** Events committed and acknowledged. */
  countEvents(committed: number): void;
  /** Something was not taken or not delivered: who dropped it, and how many. */
  countDropped(what: "agent-events" | "agent-samples" | "browser-deltas" | "browser-events" | "refused-messages", count: number): void;
  /** A socket was closed by the console; `reason` is the name of the close code. */
  countEvicted(socket: "agent" | "browser", reason: string): void;
  /** An upgrade was answered with this status instead of 101. */
  countHandshakeRejected(socket: "agent" | "browser" | "other", status: number): void;
  /** A policy change was written to so many sockets, the last one `ms` after it was handed over. */
  observePush(agents: number, ms: number): void;
  /** An agent acknowledged a transaction `ms` after it was written to its socket. */
  observePolicyAck(ms: number): void;
}
