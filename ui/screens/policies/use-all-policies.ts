"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import { get, query } from "../../api/client.ts";
import { usePolicyRevision } from "../../live/hooks.ts";
import { useAskedAt } from "../../replay/replay-provider.tsx";

const PAGE = 500;
/** More than this are not read; the list says so. */
const PAGES_MOST = 10;

export interface AllPolicies {
  readonly items: readonly PolicyAnswer[];
  readonly more: boolean;
}

/** Every policy of the environment, read again whenever policy or receipts move; in a replay those of then. */
export function useAllPolicies(environment: string) {
  const revision = usePolicyRevision();
  const client = useQueryClient();
  const at = useAskedAt();
  useEffect(() => void client.invalidateQueries({ queryKey: ["policies", environment, "", null] }), [client, environment, revision]);
  return useQuery({
    queryKey: ["policies", environment, "", at],
    queryFn: async ({ signal }): Promise<AllPolicies> => {
      const items: PolicyAnswer[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < PAGES_MOST; page++) {
        const found: { items: PolicyAnswer[]; nextCursor: string | null } = await get(
          `/policies${query({ environment, at, limit: PAGE, cursor })}`,
          signal,
        );
        items.push(...found.items);
        cursor = found.nextCursor;
        if (cursor === null) break;
      }
      return { items, more: cursor !== null };
    },
    ...(at === null ? { refetchInterval: 10_000 } : { staleTime: Infinity }),
  });
}
