"use client";
/** Events of a stretch of time: what the log kept, and what this browser heard since. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { LoggedEvent } from "../../protocol/live.ts";
import { get, query } from "../api/client.ts";
import { usePastUntil } from "../api/queries.ts";
import { useEvents, useNow } from "../live/hooks.ts";
import { useLiveStore } from "../live/live-provider.tsx";
import { WINDOW_MS as REPLAYED_MS } from "../replay/replay-window.ts";
import { CHANGE_PREFIXES, changesOf, type SpanChanges } from "./changes.ts";
import type { TimeSpan } from "./time-window.ts";

/** A part of the log: exact type or prefix, of one service or of all. */
export interface Wanted {
  readonly kind: string;
  readonly service?: string;
}

export interface Asked {
  readonly environment: string;
  readonly wanted: readonly Wanted[];
  readonly span: TimeSpan;
  /** The stretch ends now and moves on; else it is one of the past. */
  readonly moving: boolean;
}

export interface SpanEvents {
  /** Oldest first. */
  readonly events: readonly LoggedEvent[];
  /** Before this moment some are missing; null: none. */
  readonly cutAt: number | null;
  readonly failed: boolean;
}

interface EventPage {
  readonly items: readonly LoggedEvent[];
  readonly nextCursor: string | null;
}

const PAGE = 500;
const PAGES_MOST = 4;
const NONE: readonly LoggedEvent[] = [];

export function useSpanEvents({ environment, wanted, span, moving }: Asked): SpanEvents {
  const store = useLiveStore();
  const until = usePastUntil();
  const spanMs = span.to - span.from;
  const stored = useQuery({
    queryKey: ["span-events", environment, wanted, ...(moving ? [spanMs, until] : [span.from, span.to])],
    enabled: environment !== "",
    queryFn: async ({ signal }) => {
      const to = moving ? until : Math.ceil(span.to);
      const since = !moving ? span.from : until === null ? store.now() - spanMs : until - spanMs - REPLAYED_MS;
      const asked = { environment, since: Math.floor(since), until: to };
      const parts = await Promise.all(wanted.map((part) => readPages({ ...asked, ...part }, signal)));
      return {
        events: parts.flatMap(({ events }) => events),
        cutAt: parts.reduce<number | null>((latest, { cutAt }) => (cutAt === null ? latest : Math.max(latest ?? 0, cutAt)), null),
      };
    },
    ...(moving && until === null ? { refetchInterval: 60_000 } : { staleTime: Infinity }),
  });
  const { events: heard } = useEvents();
  const now = useNow(1000);
  const last = until === null ? Infinity : now;
  const events = useMemo(() => {
    const byId = new Map<number, LoggedEvent>();
    for (const event of stored.data?.events ?? NONE) byId.set(event.id, event);
    for (const event of heard) if (wanted.some((part) => isWanted(event, part))) byId.set(event.id, event);
    return [...byId.values()].filter(({ at }) => at <= last).sort((a, b) => a.at - b.at || a.id - b.id);
  }, [stored.data, heard, wanted, last]);
  return { events, cutAt: stored.data?.cutAt ?? null, failed: stored.isError };
}

/** Newest first, some pages of them. */
async function readPages(asked: Parameters<typeof query>[0], signal: AbortSignal): Promise<Omit<SpanEvents, "failed">> {
  const events: LoggedEvent[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MOST; page++) {
    const answer: EventPage = await get<EventPage>(`/events${query({ ...asked, limit: PAGE, cursor })}`, signal);
    events.push(...answer.items);
    cursor = answer.nextCursor;
    if (cursor === null) return { events, cutAt: null };
  }
  return { events, cutAt: events.at(-1)?.at ?? null };
}

const isWanted = (event: LoggedEvent, { kind, service }: Wanted): boolean =>
  (kind.endsWith(".") ? event.type.startsWith(kind) : event.type === kind) && (service === undefined || event.service === service);

const CHANGES: readonly Wanted[] = CHANGE_PREFIXES.map((kind) => ({ kind }));

/** What people changed in a stretch of time. `services`: changes that are about others are left out. */
export function useChanges({ services, ...asked }: Omit<Asked, "wanted"> & { readonly services: readonly string[] }): SpanChanges {
  const { events, cutAt } = useSpanEvents({ ...asked, wanted: CHANGES });
  // A replay has a new list each second; the marks are new only when there is another change.
  const changes = changesOf(events, services);
  const named = changes.map(({ key }) => key).join();
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => ({ changes, cutAt }), [named, cutAt]);
}
