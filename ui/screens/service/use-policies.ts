"use client";
import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ChangeDetail } from "../../../protocol/api.ts";
import type { ChangePreview, PolicyAnswer } from "../../../protocol/policy-api.ts";
import { get, post, query } from "../../api/client.ts";
import { usePolicyRevision } from "../../live/hooks.ts";
import { useAskedAt } from "../../replay/replay-provider.tsx";
import { previewRequest, type PolicyChange } from "./policy-form.ts";

/** Policies that a service declares, read again whenever policy or receipts move; in a replay those of then. */
export function usePolicies(environment: string, service: string): UseQueryResult<PolicyAnswer[]> {
  const revision = usePolicyRevision();
  const client = useQueryClient();
  const at = useAskedAt();
  useEffect(
    () => void client.invalidateQueries({ queryKey: ["policies", environment, service, null] }),
    [client, environment, service, revision],
  );
  return useQuery({
    queryKey: ["policies", environment, service, at],
    queryFn: async ({ signal }) =>
      (await get<{ items: PolicyAnswer[] }>(`/policies${query({ environment, service, at, limit: 500 })}`, signal)).items,
    ...(at === null ? { refetchInterval: 10_000 } : { staleTime: Infinity }),
  });
}

/** A change with its receipts, read again whenever receipts move. */
export function useChange(id: string): UseQueryResult<ChangeDetail> {
  const revision = usePolicyRevision();
  const client = useQueryClient();
  useEffect(() => void client.invalidateQueries({ queryKey: ["change"] }), [client, revision]);
  return useQuery({
    queryKey: ["change", id],
    queryFn: ({ signal }) => get<ChangeDetail>(`/changes/${encodeURIComponent(id)}`, signal),
    refetchInterval: 2_000,
  });
}

/** What the change would do, as of now. */
export function useChangePreview(change: PolicyChange, environment: string): UseQueryResult<ChangePreview> {
  const request = previewRequest(change);
  return useQuery({
    queryKey: ["change-preview", environment, request],
    enabled: request !== null,
    queryFn: () => post<ChangePreview>(`/policies/preview${query({ environment })}`, request),
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
    retry: false,
  });
}
