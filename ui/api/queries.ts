"use client";
/** Reads and writes of the API as hooks. Snapshots and history live in the query cache; the one-second stream never does. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { FlipDetail, Me, SwitchAnswer } from "../../protocol/api.ts";
import { usePolicyRevision } from "../live/hooks.ts";
import { useLiveStore } from "../live/live-provider.tsx";
import { useAskedAt } from "../replay/replay-provider.tsx";
import { WINDOW_MS, windowEnd, windowOf } from "../replay/replay-window.ts";
import { get, query } from "./client.ts";
import { getSeries } from "./series.ts";

export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: ({ signal }) => get<Me>("/me", signal), staleTime: 60_000 });
}

/** Switches of the environment, read again whenever the policy moves; in a replay those of then. */
export function useSwitches(environment: string) {
  const revision = usePolicyRevision();
  const client = useQueryClient();
  const at = useAskedAt();
  useEffect(() => void client.invalidateQueries({ queryKey: ["switches", environment, null] }), [client, environment, revision]);
  return useQuery({
    queryKey: ["switches", environment, at],
    queryFn: async ({ signal }) =>
      (await get<{ items: SwitchAnswer[] }>(`/switches${query({ environment, at, limit: 500 })}`, signal)).items,
    ...(at === null ? { refetchInterval: 10_000 } : { staleTime: Infinity }),
  });
}

/** One flip with its receipts, read again whenever receipts move. */
export function useFlip(id: string | null) {
  const revision = usePolicyRevision();
  const client = useQueryClient();
  useEffect(() => void client.invalidateQueries({ queryKey: ["flip"] }), [client, revision]);
  return useQuery({
    queryKey: ["flip", id],
    enabled: id !== null,
    queryFn: ({ signal }) => get<FlipDetail>(`/flips/${id ?? ""}`, signal),
    refetchInterval: 2_000,
  });
}

/** History of some columns until now; in a replay, of the window around its moment and what lies before it. */
export function useSeries(request: {
  environment: string;
  service: string;
  resource?: string;
  columns: readonly string[];
  windowMs: number;
  stepMs: number;
  now: () => number;
}) {
  const { environment, service, resource, columns, windowMs, stepMs } = request;
  const until = usePastUntil();
  return useQuery({
    queryKey: ["series", environment, service, resource, columns.join(), windowMs, stepMs, until],
    queryFn: ({ signal }) => {
      const to = until ?? Math.round(request.now());
      const from = to - windowMs - (until === null ? 0 : WINDOW_MS);
      return getSeries({ environment, service, resource, columns: columns.join(","), from, to, step: stepMs }, signal);
    },
    ...(until === null ? { refetchInterval: 30_000 } : { staleTime: Infinity }),
  });
}

/** The end of the window in which the moment of a replay lies, so that what is read serves all of it; null for now. */
export function usePastUntil(): number | null {
  const store = useLiveStore();
  return store.past ? windowEnd(windowOf(store.now())) : null;
}
