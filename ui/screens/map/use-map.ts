"use client";
/** The dependency map of the fleet as it is now. */
import { dependencyMap, type DependencyMap } from "../../../core/dependency-map.ts";
import { columnIndex } from "../../../protocol/kinds.ts";
import { useFleet } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { rateAt } from "../../live/rates.ts";

export function useMap(now: number): DependencyMap {
  const store = useLiveStore();
  return dependencyMap(useFleet(), now, (instance, resource, column) => {
    const index = columnIndex(resource.kind, column);
    return index < 0 ? null : rateAt(store.ring(instance.key).samples, resource.offset + index);
  });
}
