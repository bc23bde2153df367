"use client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { AuditEntry, AuditPage } from "../../../protocol/audit-api.ts";
import { get, query } from "../../api/client.ts";
import type { AuditFilter } from "./use-audit-filter.ts";

const PAGE = 100;
const LOOK_AGAIN_MS = 10_000;

/** Entries, newest first. While only the first page is shown, new ones come by themselves. */
export function useAudit(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ["audit", filter],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => get<AuditPage>(`/audit${query({ ...filter, limit: PAGE, cursor: pageParam })}`, signal),
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : LOOK_AGAIN_MS),
  });
}

/** One entry by its sequence; null when there is none. */
export function useAuditEntry(seq: number | null, listed: readonly AuditEntry[]) {
  const known = listed.find((entry) => entry.seq === seq);
  const asked = useQuery({
    queryKey: ["audit-entry", seq],
    enabled: seq !== null && known === undefined,
    queryFn: async ({ signal }) => {
      const { items } = await get<AuditPage>(`/audit${query({ upTo: seq, limit: 1 })}`, signal);
      return items[0]?.seq === seq ? items[0] : null;
    },
  });
  return { entry: known ?? asked.data, error: asked.error };
}
