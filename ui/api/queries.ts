"use client";
/** Reads and writes of the API as hooks. Snapshots and history live in the query cache; the one-second stream never does. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { FlipDetail, Me, SeriesAnswer, SwitchAnswer } from "../../protocol/api.ts";
import { usePolicyRevision } from "../live/hooks.ts";
import { get, query } from "./client.ts";

export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: ({ signal }) => get<Me>("/me", signal), staleTime: 60_000 });
}

/** Switches of the environment, read again whenever the policy moves. */
export function useSwitches(environment: string) {
  const revision = usePolicyRevision();
  const client = useQueryClient();
  useEffect(() => void client.invalidateQueries({ queryKey: ["switches"] }), [client, revision]);
  return useQuery({
    queryKey: ["switches", environment],
    queryFn: async ({ signal }) => (await get<{ items: SwitchAnswer[] }>(`/switches${query({ environment, limit: 500 })}`, signal)).items,
    refetchInterval: 10_000,
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

/** History of some columns. `to` moves with `refreshMs`. */
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
  return useQuery({
    queryKey: ["series", environment, service, resource, columns.join(), windowMs, stepMs],
    queryFn: ({ signal }) => {
      const to = Math.round(request.now());
      return get<SeriesAnswer>(
        `/series${query({ environment, service, resource, columns: columns.join(","), from: to - windowMs, to, step: stepMs })}`,
        signal,
      );
    },
    refetchInterval: 30_000,
  });
}
