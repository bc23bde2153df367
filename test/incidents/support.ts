/** A console whose agents' events and clock are moved by hand. */
import type { AgentEvent } from "../../protocol/agent-up.ts";
import type { IncidentSummary } from "../../protocol/incident-api.ts";
import { startTestApi, type Json, type TestApi, type TestApiOptions } from "../support/test-api.ts";

export type Console = Awaited<ReturnType<typeof startConsole>>;

const TARGETS: Record<string, readonly { kind: "breaker" | "pool"; name: string; target: string }[]> = {
  storefront: [
    { kind: "breaker", name: "orders", target: "orders" },
    { kind: "breaker", name: "search", target: "search" },
  ],
  orders: [{ kind: "breaker", name: "payments", target: "payments" }],
  payments: [{ kind: "pool", name: "payments-db", target: "payments-db" }],
};

/** Storefront calls orders and search, orders calls payments, payments has a database; one instance each. */
export async function startConsole(options: TestApiOptions = {}) {
  const api: TestApi = await startTestApi(options);
  const operator = await api.token("operator");
  if (options.dataDir === undefined)
    for (const [service, resources] of Object.entries(TARGETS))
      api.fleet
        .connect(
          { environment: "production", service, instance: `${service}-1` },
          { boot: "b1", version: null, labels: {}, agentVersion: "0.1.0", runtime: "node", clockSkewMs: 0, policyRevision: 0 },
        )
        .declared(
          resources.map((resource, id) => ({ ...resource, id })),
          [],
        );
  let seq = Date.now();

  return {
    ...api,
    operator,
    get: async (path: string): Promise<Json> => (await api.call("GET", `/api/v1${path}`, { as: operator })).json,
    send: async (method: string, path: string, body: unknown = {}) => api.call(method, `/api/v1${path}`, { as: operator, body }),
    list: async (query = ""): Promise<IncidentSummary[]> =>
      (await api.call("GET", `/api/v1/incidents${query}`, { as: operator })).json.items,
    /** An agent says so now: committed, then on the bus. */
    async happen(service: string, type: string, about: Partial<AgentEvent> = {}): Promise<void> {
      const now = api.clock.now();
      const events = await api.store.appendAgentEvents([
        {
          ...{ environment: "production", service, instance: `${service}-1`, boot: "b1", receivedAt: now, skewMs: 0 },
          events: [{ seq: seq++, at: now, type, data: {}, ...about }],
        },
      ]);
      api.bus.publish({ type: "events", environment: "production", events });
    },
    /** Moves the clock second by second; each tick decides and writes before the next. */
    async pass(seconds: number): Promise<void> {
      for (let i = 0; i < seconds; i++) {
        api.clock.advance(1_000);
        await api.incidents.settled();
      }
    },
  };
}
