"use client";
/** What the service page reads besides the live state: stored samples, and the transitions of the last quarter of an hour. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { get, query } from "../../api/client.ts";
import { usePastUntil, useSeries } from "../../api/queries.ts";
import { atStepEnd, goldenSeries, gridAt, joinSeries, type GoldenPoint, type Series } from "../../charts/golden-series.ts";
import { useConnection, useEvents, useNow } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { WINDOW_MS as REPLAYED_MS } from "../../replay/replay-window.ts";
import { CHARTED_COLUMNS, liveSeries } from "./live-series.ts";

export const WINDOW_MS = 900_000;
const STEP_MS = 10_000;
/** Charts are drawn again this often; the figures beside them move each second. */
const CHART_MS = 2_000;

export interface ServiceHistory {
  readonly golden: readonly GoldenPoint[];
  readonly series: readonly Series[];
  readonly grid: { readonly from: number; readonly to: number; readonly stepMs: number };
  readonly loading: boolean;
  readonly failed: boolean;
  /** The window held more than one answer carries: the oldest part is missing. */
  readonly truncated: boolean;
}

export function useServiceHistory(service: string): ServiceHistory {
  const store = useLiveStore();
  const { environment } = useConnection();
  const history = useSeries({
    environment,
    service,
    columns: CHARTED_COLUMNS,
    windowMs: WINDOW_MS,
    stepMs: STEP_MS,
    now: () => store.now(),
  });
  const beat = Math.floor(useNow(CHART_MS) / CHART_MS);
  const stored = history.data;
  return useMemo(() => {
    const grid = gridAt(beat * CHART_MS, { windowMs: WINDOW_MS, stepMs: STEP_MS });
    const instances = [...store.fleet.instances.values()].filter((instance) => instance.service === service);
    const series = joinSeries(
      stored === undefined ? [] : atStepEnd(stored),
      liveSeries(instances, (key) => store.ring(key).samples),
    );
    return {
      golden: goldenSeries(series, grid),
      series,
      grid,
      loading: history.isPending,
      failed: history.isError,
      truncated: stored?.truncated ?? false,
    };
  }, [beat, store, service, stored, history.isPending, history.isError]);
}

const PAGE = 500;

/** Transitions and arrivals of a service, and what people changed, over the window; newest last. */
export function useWindowEvents(service: string): readonly LoggedEvent[] {
  const store = useLiveStore();
  const { environment } = useConnection();
  const until = usePastUntil();
  const stored = useQuery({
    queryKey: ["window-events", environment, service, until],
    queryFn: async ({ signal }) => {
      const since = until === null ? Math.round(store.now() - WINDOW_MS) : until - WINDOW_MS - REPLAYED_MS;
      const asked = [{ service, kind: "breaker." }, { service, kind: "agent." }, { kind: "flip." }, { service, kind: "deploy" }];
      const pages = await Promise.all(
        asked.map((part) => get<{ items: LoggedEvent[] }>(`/events${query({ environment, since, until, limit: PAGE, ...part })}`, signal)),
      );
      return pages.flatMap((page) => page.items);
    },
    ...(until === null ? { refetchInterval: 60_000 } : { staleTime: Infinity }),
  });
  const { events: live } = useEvents();
  const now = useNow(1000);
  const last = until === null ? Infinity : now;
  return useMemo(() => {
    const byId = new Map<number, LoggedEvent>();
    for (const event of stored.data ?? []) byId.set(event.id, event);
    for (const event of live) if (event.service === service || event.type.startsWith("flip.")) byId.set(event.id, event);
    return [...byId.values()].filter((event) => event.at <= last).sort((a, b) => a.at - b.at || a.id - b.id);
  }, [stored.data, live, service, last]);
}
