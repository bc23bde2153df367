"use client";
import { useNow, useRates } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";

const LOOK_MS = 3_000;

/** Requests a second of each service, by this browser's last samples, looked at every three seconds; an unknown one is left out. */
export function useServiceLoad(): ReadonlyMap<string, number> {
  const store = useLiveStore();
  const rate = useRates();
  useNow(LOOK_MS);
  const load = new Map<string, number>();
  for (const instance of store.fleet.instances.values()) {
    const server = instance.resources.find(({ kind, retired }) => kind === "server" && retired !== true);
    const requests = server === undefined ? null : rate(instance, { kind: "server", name: server.name, column: "requests" });
    if (requests !== null) load.set(instance.service, (load.get(instance.service) ?? 0) + requests);
  }
  return load;
}
