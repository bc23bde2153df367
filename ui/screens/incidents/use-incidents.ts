"use client";
/** Reads of incidents as hooks. Every key begins with `incidents`, so that one word of the live socket makes all of it fresh. */
import { useInfiniteQuery, useQuery, type QueryClient } from "@tanstack/react-query";
import type {
  Accounting,
  Entry,
  EntryKind,
  IncidentAnswer,
  IncidentStatus,
  IncidentSummary,
  WriteUp,
} from "../../../protocol/incident-api.ts";
import type { RuleAnswer } from "../../../protocol/incident-rule-api.ts";
import { get, ProblemError, query } from "../../api/client.ts";
import { useMe } from "../../api/queries.ts";
import { usePaused } from "../../live/hooks.ts";

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
  const me = useMe();
  if (me.data === undefined) return me.isError ? undefined : " ";
  return me.data.role === "viewer" ? "You are a viewer: you see everything and change nothing. Ask an operator." : undefined;
}

/** All that are open, newest beginning first. */
export function useOpenIncidents(environment: string) {
  const { paused } = usePaused();
  return useQuery({
    queryKey: ["incidents", environment, "open"],
    enabled: environment !== "",
    queryFn: async ({ signal }) =>
      (await get<ListPage<IncidentSummary>>(`/incidents${query({ environment, status: OPEN_STATUSES, limit: 200 })}`, signal)).items,
    refetchInterval: paused ? false : OPEN_MS * 3,
  });
}

/** Those that are over, page by page; null status: none are wanted. */
export function usePastIncidents(environment: string, status: IncidentStatus | null) {
  return useInfiniteQuery({
    queryKey: ["incidents", environment, "past", status],
    enabled: environment !== "" && status !== null,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<ListPage<IncidentSummary>>(`/incidents${query({ environment, status, limit: PAGE, cursor: pageParam })}`, signal),
    getNextPageParam: (page) => page.nextCursor,
  });
}

const NUMBER = /^\d{1,9}$/;
const LOOKED_AT_PAGES = 40;

/** The id behind a number, from newest to oldest; an id stays itself. @throws ProblemError incident_unknown */
async function idOf(environment: string, reference: string, signal: AbortSignal): Promise<string> {
  if (!NUMBER.test(reference)) return reference;
  const wanted = Number(reference);
  const status = "open,acknowledged,resolved,merged";
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null && pages < LOOKED_AT_PAGES; pages++) {
    const page: ListPage<IncidentSummary> = await get(
      `/incidents${query({ environment, status, limit: pages === 0 ? 100 : 500, cursor })}`,
      signal,
    );
    const found = page.items.find(({ number }) => number === wanted);
    if (found) return found.id;
    cursor = page.nextCursor;
  }
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

/** An incident by number or id. One that was merged comes as the one that took it in. */
export function useIncident(environment: string, reference: string) {
  const { paused } = usePaused();
  const id = useQuery({
    queryKey: ["incident-id", environment, reference],
    enabled: environment !== "",
    staleTime: Infinity,
    retry: false,
    queryFn: ({ signal }) => idOf(environment, reference, signal),
  });
  const incident = useQuery({
    queryKey: ["incidents", "one", id.data],
    enabled: id.data !== undefined,
    queryFn: ({ signal }) => readIncident(id.data ?? "", signal),
    refetchInterval: ({ state }) => (paused || state.data === undefined || state.data.resolvedAt !== null ? false : OPEN_MS),
  });
  return { data: incident.data, error: id.error ?? incident.error, isError: id.isError || incident.isError };
}

export const readIncident = (id: string, signal?: AbortSignal): Promise<IncidentAnswer> =>
  get<IncidentAnswer>(`/incidents/${encodeURIComponent(id)}`, signal);

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
  return useInfiniteQuery({
    queryKey: ["incidents", "timeline", id, kinds.join(), noise, pinned],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<ListPage<Entry>>(
        `/incidents/${encodeURIComponent(id)}/timeline${query({
          limit: 200,
          cursor: pageParam,
          kind: kinds.join(","),
          noise: String(noise),
          pinned: String(pinned),
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
  return useQuery({
    queryKey: ["incidents", "noise", id],
    queryFn: async ({ signal }): Promise<NoiseCount> => {
      const page = await get<ListPage<Entry>>(
        `/incidents/${encodeURIComponent(id)}/timeline${query({ noise: "true", limit: 500 })}`,
        signal,
      );
      return { count: page.items.filter((entry) => entry.noise).length, more: page.nextCursor !== null };
    },
  });
}

/** The whole story: numbers, charts, write-up. */
export function useStory(id: string, open: boolean) {
  const { paused } = usePaused();
  return useQuery({
    // Not under `incidents`: it reads a lot, and is read anew when something it tells of changed, or now and then.
    queryKey: ["incident-story", id],
    queryFn: ({ signal }) => get<WriteUp>(`/incidents/${encodeURIComponent(id)}/write-up`, signal),
    refetchInterval: open && !paused ? STORY_MS : false,
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
