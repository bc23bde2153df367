"use client";
import { useQuery } from "@tanstack/react-query";
import type { LatencyAnswer } from "../../../protocol/history-api.ts";
import { get, query } from "../../api/client.ts";
import { usePastUntil } from "../../api/queries.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { LIVE_WINDOWS } from "../../charts/time-window.ts";

export interface MergedLatency {
  /** Microseconds; null when nothing was measured. */
  readonly p50: number | null;
  readonly p99: number | null;
}

const AGAIN_MS = 60_000;
const NONE: ReadonlyMap<string, MergedLatency> = new Map();

/** Percentiles of the last quarter of an hour over all instances, by merged histograms; by kind and name of the resource. */
export function useLatencies(environment: string, service: string): ReadonlyMap<string, MergedLatency> {
  const store = useLiveStore();
  const until = usePastUntil();
  const read = useQuery({
    queryKey: ["latencies", environment, service, until],
    queryFn: ({ signal }) => {
      const to = until ?? Math.round(store.now());
      return get<LatencyAnswer>(`/history/latencies${query({ environment, service, from: to - LIVE_WINDOWS["15m"], to })}`, signal);
    },
    ...(until === null ? { refetchInterval: AGAIN_MS } : { staleTime: Infinity }),
    select: byResource,
  });
  return read.data ?? NONE;
}

/** The merged p50 of the seconds' medians, and the merged p99 of their p99. */
export function byResource({ latencies }: Pick<LatencyAnswer, "latencies">): ReadonlyMap<string, MergedLatency> {
  const found = new Map<string, MergedLatency>();
  for (const { kind, resource, column, p50, p99 } of latencies) {
    const key = `${kind} ${resource}`;
    const before = found.get(key) ?? { p50: null, p99: null };
    if (column === "p50Us") found.set(key, { ...before, p50 });
    if (column === "p99Us") found.set(key, { ...before, p99 });
  }
  return found;
}
