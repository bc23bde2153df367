"use client";
/** What the service page reads besides the live state: stored samples and transitions of the stretch of time that is seen. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { get, query } from "../../api/client.ts";
import { usePastUntil } from "../../api/queries.ts";
import { getSeries } from "../../api/series.ts";
import { asOf, atStepEnd, goldenSeries, joinSeries, type GoldenPoint, type Grid, type Series } from "../../charts/golden-series.ts";
import { useTimeAxis } from "../../charts/time-axis.tsx";
import { fittingStep, onSteps, type TimeSpan } from "../../charts/time-window.ts";
import { useSpanEvents } from "../../charts/use-span-events.ts";
import { useEnvironment } from "../../frame/environment.tsx";
import { useEpoch, useNow } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { HISTORY_MS, type RateRing } from "../../live/rates.ts";
import { WINDOW_MS as REPLAYED_MS } from "../../replay/replay-window.ts";
import { CHARTED_COLUMNS, liveSeries } from "./live-series.ts";

/** Charts of a quarter of an hour are drawn again this often; the figures beside them move each second. */
const CHART_MS = 2_000;
const SLOWEST_MS = 30_000;

export interface ServiceHistory {
  readonly golden: readonly GoldenPoint[];
  readonly series: readonly Series[];
  readonly grid: Grid;
  readonly loading: boolean;
  readonly failed: boolean;
  /** The window held more than one answer carries: the oldest part is missing. */
  readonly truncated: boolean;
}

const NONE: readonly Series[] = [];

export function useServiceHistory(service: string): ServiceHistory {
  const store = useLiveStore();
  const { seen, zoomed } = useTimeAxis();
  const wantedStep = fittingStep(seen.to - seen.from);
  const history = useStored({ service, seen, zoomed, stepMs: wantedStep });
  const stored = history.data;
  // Samples of long ago are kept by the minute or the hour: a finer grid would be drawn as gaps.
  const stepMs = Math.max(wantedStep, stored?.stepMs ?? 0);
  const { from, to } = onSteps(seen, stepMs);
  const epoch = useEpoch();
  useEffect(() => store.watch(service), [store, service, epoch]);
  const now = useNow(CHART_MS);
  const beatMs = Math.min(SLOWEST_MS, Math.max(CHART_MS, stepMs / 5));
  const beat = zoomed && !store.past ? 0 : Math.floor(now / beatMs);
  return useMemo(() => {
    const grid = { from, to, stepMs };
    const known = stored === undefined ? NONE : asOf(atStepEnd(stored), store.now());
    const instances = [...store.fleet.instances.values()].filter((instance) => instance.service === service);
    const heard = to > store.now() - HISTORY_MS ? liveSeries(instances, (key) => wholePart(store.ring(key))) : NONE;
    const series = joinSeries(known, heard);
    return {
      golden: goldenSeries(series, grid),
      series,
      grid,
      loading: history.isPending,
      failed: history.isError,
      truncated: stored?.truncated ?? false,
    };
    // A new beat or a jump of the time is a reason to look at the live samples again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [beat, epoch, store, service, stored, from, to, stepMs, history.isPending, history.isError]);
}

/** Where seconds were left out, what was stored tells more. */
const wholePart = ({ samples, wholeSince }: RateRing) => samples.filter(({ at }) => at >= wholeSince);

interface StoredAsk {
  readonly service: string;
  readonly seen: TimeSpan;
  readonly zoomed: boolean;
  readonly stepMs: number;
}

/** Stored samples on whole steps: of a zoom as they are, else up to now or to the end of the replayed window. */
function useStored({ service, seen, zoomed, stepMs }: StoredAsk) {
  const store = useLiveStore();
  const { environment } = useEnvironment();
  const until = usePastUntil();
  const spanMs = seen.to - seen.from;
  return useQuery({
    queryKey: ["service-series", environment, service, stepMs, ...(zoomed ? [seen.from, seen.to] : [spanMs, until])],
    queryFn: ({ signal }) => {
      const end = until ?? store.now();
      const { from, to } = onSteps(zoomed ? seen : { from: end - spanMs - (until === null ? 0 : REPLAYED_MS), to: end }, stepMs);
      return getSeries({ environment, service, columns: CHARTED_COLUMNS.join(","), from, to, step: stepMs }, signal);
    },
    ...(until !== null
      ? { staleTime: Infinity }
      : { refetchInterval: () => (zoomed && seen.to < store.liveNow() - HISTORY_MS ? false : SLOWEST_MS) }),
  });
}

/** What the state strips are made of. */
export interface StripEvents {
  /** Transitions and arrivals of the service, oldest first: of what is seen, and of what came next, which tells what it was before. */
  readonly events: readonly LoggedEvent[];
  /** Before this moment some are missing; null: none. */
  readonly cutAt: number | null;
  /** From the end of what is seen up to now nothing is missing: the state of now says what it was then. */
  readonly settled: boolean;
}

const AFTER = 500;

export function useStripEvents(service: string): StripEvents {
  const { environment } = useEnvironment();
  const { seen, zoomed } = useTimeAxis();
  const until = usePastUntil();
  const wanted = useMemo(() => ["breaker.", "agent."].map((kind) => ({ kind, service })), [service]);
  const { events, cutAt } = useSpanEvents({ environment, wanted, span: seen, moving: !zoomed });
  const after = useQuery({
    queryKey: ["events-after", environment, service, seen.to, until],
    enabled: zoomed,
    queryFn: async ({ signal }) => {
      const asked = { environment, since: Math.floor(seen.to), until, order: "asc", limit: AFTER };
      const pages = await Promise.all(
        wanted.map((part) => get<{ items: LoggedEvent[]; nextCursor: string | null }>(`/events${query({ ...asked, ...part })}`, signal)),
      );
      return { events: pages.flatMap(({ items }) => items), settled: pages.every(({ nextCursor }) => nextCursor === null) };
    },
    staleTime: Infinity,
  });
  const now = useNow(1000);
  const last = until === null ? Infinity : now;
  const next = zoomed ? after.data : undefined;
  return useMemo(() => {
    const later = next?.events.filter(({ at }) => at <= last) ?? [];
    const byId = new Map([...events, ...later].map((event) => [event.id, event]));
    return { events: [...byId.values()].sort((a, b) => a.at - b.at || a.id - b.id), cutAt, settled: !zoomed || next?.settled === true };
  }, [events, cutAt, next, zoomed, last]);
}
