"use client";
/** Reads of notifications as hooks, and their writes. Every key begins with `notify`. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { DeliveryAnswer, NewSinkAnswer, NotifySettings, SinkAnswer, SinkChange } from "../../../protocol/notify-api.ts";
import { get, patch, post, query, remove } from "../../api/client.ts";

interface ListPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

const EVERY_MS = 5_000;
const PAGE = 50;

export function useNotifySettings(enabled: boolean) {
  return useQuery({ queryKey: ["notify", "settings"], enabled, queryFn: ({ signal }) => get<NotifySettings>("/notify-settings", signal) });
}

/** All of them: there are at most fifty. */
export function useSinks(enabled: boolean) {
  return useQuery({
    queryKey: ["notify", "sinks"],
    enabled,
    queryFn: async ({ signal }) => (await get<ListPage<SinkAnswer>>(`/notify-sinks${query({ limit: 500 })}`, signal)).items,
    refetchInterval: EVERY_MS,
  });
}

/** Newest first; null: of every sink. */
export function useDeliveries(sink: string | null, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["notify", "deliveries", sink],
    enabled,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<ListPage<DeliveryAnswer>>(`/notify-deliveries${query({ sink, limit: PAGE, cursor: pageParam })}`, signal),
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: EVERY_MS,
  });
}

function useWrite<T, V>(write: (value: V) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: write, onSettled: () => client.invalidateQueries({ queryKey: ["notify"] }) });
}

const sinkPath = (id: string): string => `/notify-sinks/${encodeURIComponent(id)}`;

/** Acts on one sink. */
export function useSinkActs(id: string) {
  return {
    change: useWrite((change: SinkChange) => patch<SinkAnswer>(sinkPath(id), change)),
    rotate: useWrite(() => post<NewSinkAnswer>(`${sinkPath(id)}/rotate`, {})),
    test: useWrite(() => post<DeliveryAnswer>(`${sinkPath(id)}/test`, {})),
    remove: useWrite(() => remove<unknown>(sinkPath(id))),
  };
}

export function useRepeat() {
  return useWrite((id: string) => post<DeliveryAnswer>(`/notify-deliveries/${encodeURIComponent(id)}/repeat`, {}));
}
