"use client";
/** Reads of incidents as hooks. Every key begins with `incidents`, so that one word of the live socket makes all of it fresh. */
import { keepPreviousData, useInfiniteQuery, useQuery, type QueryClient } from "@tanstack/react-query";
import type { Accounting, Entry, EntryKind, IncidentAnswer, IncidentSummary, WriteUp } from "../../../protocol/incident-api.ts";
import type { RuleAnswer } from "../../../protocol/incident-rule-api.ts";
import { get, ProblemError, query } from "../../api/client.ts";
import { useMe } from "../../api/queries.ts";
import { usePaused } from "../../live/hooks.ts";
import { useIncidentsAt, usePastRefusal } from "../../replay/replay-provider.tsx";
import { useLiveStore } from "../../live/live-provider.tsx";
import { sinceOf, type ListParams, type TimeChoice } from "./list-filter.ts";

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

const PAGE = 50;
/** Of an open incident much changes that is no event of its own. */
const OPEN_MS = 5_000;
const STORY_MS = 30_000;

export const OPEN_STATUSES = "open,acknowledged";

/** Why this person may not act; undefined when they may, empty while it is not known. */
export function useRefusal(): string | undefined {
  const past = usePastRefusal();
  const me = useMe();
  if (past !== undefined) return past;
  if (me.data === undefined) return me.isError ? undefined : " ";
  return me.data.role === "viewer" ? "You are a viewer: you see everything and change nothing. Ask an operator." : undefined;
}

/** All that are open and pass the filter, newest beginning first. */
export function useOpenIncidents(environment: string, { params = {}, wanted = true }: { params?: ListParams; wanted?: boolean } = {}) {
  const { paused } = usePaused();
  const at = useIncidentsAt();
  const queryKey = ["incidents", environment, "open", params, at];
  return useQuery({
    queryKey,
    enabled: environment !== "" && wanted,
    placeholderData: at === null ? keepPreviousData : keptUntil(queryKey),
    queryFn: async ({ signal }) =>
      (
        await get<ListPage<IncidentSummary>>(
          `/incidents${query({ environment, status: OPEN_STATUSES, limit: 200, ...params, at })}`,
          signal,
        )
      ).items,
    refetchInterval: paused || at !== null ? false : OPEN_MS * 3,
  });
}

/** Those that are over, page by page. `status`: one or several with commas; null: none are wanted. */
export function usePastIncidents(
  environment: string,
  status: string | null,
  { params = {}, time = "any" }: { params?: ListParams; time?: TimeChoice } = {},
) {
  const store = useLiveStore();
  const at = useIncidentsAt();
  const queryKey = ["incidents", environment, "past", status, params, time, at];
  return useInfiniteQuery({
    queryKey,
    enabled: environment !== "" && status !== null,
    placeholderData: at === null ? keepPreviousData : keptUntil(queryKey),
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<ListPage<IncidentSummary>>(
        `/incidents${query({ environment, status, limit: PAGE, cursor: pageParam, ...params, since: wholeOf(sinceOf(time, store.now())), at })}`,
        signal,
      ),
    getNextPageParam: (page) => page.nextCursor,
  });
}

const wholeOf = (at: number | null): number | null => at && Math.round(at);

const NUMBER = /^\d{1,9}$/;

/** The id behind a number; an id stays itself. @throws ProblemError incident_unknown */
async function idOf(environment: string, reference: string, signal: AbortSignal): Promise<string> {
  if (!NUMBER.test(reference)) return reference;
  const { items } = await get<ListPage<IncidentSummary>>(`/incidents${query({ environment, number: reference })}`, signal);
  const [found] = items;
  if (found) return found.id;
  throw new ProblemError({
    type: "about:blank",
    title: "No such incident",
    status: 404,
    code: "incident_unknown",
    detail: `There is no incident ${reference} in ${environment}.`,
    retryable: false,
    requestId: "",
  });
}

/**
 * While a replay goes on, what was shown stays until the next answer: of the same question, whose key ends with the moment, and never
 * anything later than the moment.
 */
function keptUntil(key: readonly unknown[]) {
  const at = key.at(-1);
  return <T>(previous: T | undefined, asked: { readonly queryKey: readonly unknown[] } | undefined): T | undefined => {
    const before = asked?.queryKey.at(-1);
    if (typeof at !== "number" || typeof before !== "number" || before > at) return undefined;
    return JSON.stringify(asked?.queryKey.slice(0, -1)) === JSON.stringify(key.slice(0, -1)) ? previous : undefined;
  };
}

/** An incident by number or id. One that was merged comes as the one that took it in. */
export function useIncident(environment: string, reference: string) {
  const { paused } = usePaused();
  const at = useIncidentsAt();
  const id = useQuery({
    queryKey: ["incident-id", environment, reference],
    enabled: environment !== "",
    staleTime: Infinity,
    retry: false,
    queryFn: ({ signal }) => idOf(environment, reference, signal),
  });
  const queryKey = ["incidents", "one", id.data, ...asOf(at)];
  const incident = useQuery({
    queryKey,
    enabled: id.data !== undefined,
    placeholderData: keptUntil(queryKey),
    retry: at === null ? 3 : false,
    queryFn: ({ signal }) => readIncident(id.data ?? "", { signal, at }),
    refetchInterval: ({ state }) => (paused || at !== null || state.data === undefined || state.data.resolvedAt !== null ? false : OPEN_MS),
  });
  return { data: incident.data, error: id.error ?? incident.error, isError: id.isError || incident.isError };
}

const asOf = (at: number | null): readonly number[] => (at === null ? [] : [at]);

export const readIncident = (
  id: string,
  { signal, at = null }: { readonly signal?: AbortSignal; readonly at?: number | null } = {},
): Promise<IncidentAnswer> => get<IncidentAnswer>(`/incidents/${encodeURIComponent(id)}${query({ at })}`, signal);

/** What was answered to a write is what is shown at once. */
export function keepIncident(client: QueryClient, incident: IncidentAnswer): Promise<void> {
  client.setQueryData(["incidents", "one", incident.id], incident);
  return client.invalidateQueries({ queryKey: ["incidents"] });
}

export interface TimelineFilter {
  /** Empty: every kind. */
  readonly kinds: readonly EntryKind[];
  readonly noise: boolean;
  readonly pinned: boolean;
}

/** Entries, oldest first. A page may be empty and still have a next one. */
export function useTimeline(id: string, { kinds, noise, pinned }: TimelineFilter) {
  const at = useIncidentsAt();
  const queryKey = ["incidents", "timeline", id, kinds.join(), noise, pinned, at];
  return useInfiniteQuery({
    queryKey,
    placeholderData: keptUntil(queryKey),
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<ListPage<Entry>>(
        `/incidents/${encodeURIComponent(id)}/timeline${query({
          limit: 200,
          cursor: pageParam,
          kind: kinds.join(","),
          noise: String(noise),
          pinned: String(pinned),
          at,
        })}`,
        signal,
      ),
    getNextPageParam: (page) => page.nextCursor,
  });
}

export interface NoiseCount {
  readonly count: number;
  /** There are more than were counted. */
  readonly more: boolean;
}

/** How many entries are hidden by default. */
export function useNoise(id: string) {
  const at = useIncidentsAt();
  return useQuery({
    queryKey: ["incidents", "noise", id, at],
    queryFn: async ({ signal }): Promise<NoiseCount> => {
      const page = await get<ListPage<Entry>>(
        `/incidents/${encodeURIComponent(id)}/timeline${query({ noise: "true", limit: 500, at })}`,
        signal,
      );
      return { count: page.items.filter((entry) => entry.noise).length, more: page.nextCursor !== null };
    },
  });
}

/** The whole story: numbers, charts, write-up. */
export function useStory(id: string, open: boolean) {
  const { paused } = usePaused();
  const at = useIncidentsAt();
  // Not under `incidents`: it reads a lot, and is read anew when something it tells of changed, or now and then.
  const queryKey = ["incident-story", id, ...asOf(at)];
  return useQuery({
    queryKey,
    placeholderData: keptUntil(queryKey),
    queryFn: ({ signal }) => get<WriteUp>(`/incidents/${encodeURIComponent(id)}/write-up${query({ at })}`, signal),
    refetchInterval: open && !paused && at === null ? STORY_MS : false,
  });
}

export function useRules(environment: string) {
  return useQuery({
    queryKey: ["incident-rules", environment],
    enabled: environment !== "",
    queryFn: async ({ signal }) => (await get<ListPage<RuleAnswer>>(`/incident-rules${query({ environment, limit: 500 })}`, signal)).items,
  });
}

export function useAccounting(environment: string, days: number, now: () => number) {
  return useQuery({
    queryKey: ["incident-accounting", environment, days],
    enabled: environment !== "",
    queryFn: ({ signal }) => {
      const to = Math.round(now());
      return get<Accounting>(`/accounting${query({ environment, from: to - days * 86_400_000, to })}`, signal);
    },
  });
}
