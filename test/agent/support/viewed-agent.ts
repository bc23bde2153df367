/** An agent without a link: a test says what it sees, and publishes on its topics what happened. */
import type { Reading } from "../../../protocol/kinds.ts";
import { createNoopAgent } from "../../../agent/src/noop.ts";
import { publish } from "../../../agent/src/topics.ts";
import type { Agent, Data } from "../../../agent/src/types.ts";
import { VIEW, type AgentView, type ViewedReading, type ViewedSwitch } from "../../../agent/src/view.ts";

const ORIGIN = { service: "orders", instance: "orders-1" };

export type SeenReading = Omit<ViewedReading, "columns"> & { readonly columns: Reading };

export interface ViewedAgent {
  readonly agent: Agent;
  readonly switches: Map<string, ViewedSwitch>;
  /** Answered at each collection. */
  readings: SeenReading[];
  /** What the host told the agent. */
  readonly told: [type: string, data: Data | undefined][];
  connect(connected: boolean): void;
  declare(key: string, positions?: string[]): void;
  /** Moves switches as one commit. */
  commit(positions: Record<string, string>, revision: number): void;
  happen(type: string, resource: SeenReading | null, data: Data): void;
}

export function viewedAgent(options: { readonly connected: boolean }): ViewedAgent {
  let { connected } = options;
  const noop = createNoopAgent();
  const view: AgentView = {
    switchOf: (key) => seen.switches.get(key) ?? null,
    readings: () => seen.readings.map(({ columns, ...reading }) => ({ ...reading, columns: () => columns })),
  };
  const seen: ViewedAgent = {
    agent: {
      ...noop,
      get status() {
        return { ...noop.status, ...ORIGIN, enabled: true, connected };
      },
      event: (type, data) => void seen.told.push([type, data]),
      [VIEW]: view,
    } as Agent,
    switches: new Map(),
    readings: [],
    told: [],
    connect: (now) => {
      connected = now;
      publish("holdfast:link:state", () => ({ ...ORIGIN, connected }));
    },
    declare: (key, positions = ["on", "off"]) =>
      void seen.switches.set(key, { key, positions, position: positions[0] ?? "", revision: 0, known: true }),
    commit: (positions, revision) => {
      const changes = Object.entries(positions).map(([key, position]) => {
        const before = seen.switches.get(key);
        if (before === undefined) throw new Error(`no switch ${key}`);
        seen.switches.set(key, { ...before, position, revision });
        return { key, position, previous: before.position, revision, source: "policy" } as const;
      });
      for (const change of changes) publish("holdfast:switch:change", () => ({ ...ORIGIN, ...change }));
    },
    happen: (type, resource, data) =>
      publish("holdfast:event", () => ({
        ...ORIGIN,
        type,
        resource: resource === null ? null : { kind: resource.kind, name: resource.name },
        data,
      })),
  };
  return seen;
}
