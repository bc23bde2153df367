/** The consoles a service under load has to live with. */
export const HOST_MODES = ["live", "dead", "hanging", "hostile"] as const;
export type HostMode = (typeof HOST_MODES)[number];

/** Where the agent of a service finds its console; null for a service without an agent. */
export interface ConsoleAt {
  readonly url: string;
  readonly token: string;
}

/** Orders to host-service.ts. */
export type HostOrder = { readonly do: "start"; readonly console: ConsoleAt | null } | { readonly do: "cpu" } | { readonly do: "heap" };

/** Its answers: {port}, {cpuSeconds} since the last asking, {heapBytes, rssBytes, connected, reconnects}. */
export interface HostFacts {
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly connected: boolean;
  readonly reconnects: number;
}
