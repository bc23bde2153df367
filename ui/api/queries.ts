"use client";
/** Reads and writes of the API as hooks. Snapshots and history live in the query cache; the one-second stream never does. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { FlipDetail, Me, SwitchAnswer } from "../../protocol/api.ts";
import { usePolicyRevision } from "../live/hooks.ts";
import { useLiveStore } from "../live/live-provider.tsx";
import { useAskedAt } from "../replay/replay-provider.tsx";
import { windowEnd, windowOf } from "../replay/replay-window.ts";
import { get, query } from "./client.ts";

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

/** The end of the window in which the moment of a replay lies, so that what is read serves all of it; null for now. */
export function usePastUntil(): number | null {
  const store = useLiveStore();
  return store.past ? windowEnd(windowOf(store.now())) : null;
}
