"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { createParser, parseAsNativeArrayOf, parseAsString, useQueryStates } from "nuqs";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { get, query } from "../../api/client.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Empty } from "../../components/empty.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { useConnection, useEpoch, useEvents } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { momentOf } from "../../frame/links.ts";
import { isoOf } from "../../replay/moments.ts";
import { EventFilters } from "./event-filters.tsx";
import { EventRow } from "./event-row.tsx";
import { environmentOf, feedOf, startsDay, type FeedFilter } from "./feed.ts";
import { useHydrated } from "../../live/use-hydrated.ts";
import "./events.css";

const PAGE = 100;
const moment = createParser({ parse: momentOf, serialize: isoOf });
const FILTER_PARAMS = {
  service: parseAsNativeArrayOf(parseAsString),
  kind: parseAsNativeArrayOf(parseAsString),
  from: moment,
  to: moment,
};
/** What is not on the socket is read again this often. */
const SYSTEM_MS = 10_000;
/** Closer to the top than this, the reader follows; further down, new events wait. */
const TOP_PX = 48;

interface EventPage {
  readonly items: LoggedEvent[];
  readonly nextCursor: string | null;
}

/** Everything that happened, newest first. New events come on top; once the reader scrolls, they wait and are counted. */
export function EventsScreen() {
  if (useHydrated()) return <LiveEvents />;
  return (
    <div className="ev">
      <header className="ev-head">
        <h1>Events</h1>
      </header>
    </div>
  );
}

/** Each once; an empty one in an address stands for all. */
const given = (values: readonly string[]): readonly string[] => [...new Set(values)].filter((value) => value !== "");

function LiveEvents() {
  const [asked, setAsked] = useQueryStates(FILTER_PARAMS);
  const { from, to } = asked;
  const [service, kind] = [given(asked.service), given(asked.kind)];
  const filter = { service, kind, from, to };
  return (
    <div className="ev">
      <header className="ev-head">
        <h1>Events</h1>
        <EventFilters
          filter={filter}
          onChange={({ service: services, kind: kinds, ...times }) =>
            void setAsked({
              ...times,
              ...(services === undefined ? {} : { service: [...services] }),
              ...(kinds === undefined ? {} : { kind: [...kinds] }),
            })
          }
        />
      </header>
      <FeedList key={JSON.stringify(filter)} filter={filter} />
    </div>
  );
}

function FeedList({ filter }: { readonly filter: FeedFilter }) {
  const { events: live, missed } = useEvents();
  const { environment: watched, state } = useConnection();
  const environment = environmentOf(filter.kind, watched);
  const [heldAt, setHeldAt] = useState<number | null>(null);
  const client = useQueryClient();
  const store = useLiveStore();
  const epoch = useEpoch();
  // In a replay the log is read until the moment one came to; what happens from there on comes with the picture.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const past = useMemo(() => (store.past ? Math.ceil(store.now()) : null), [store, epoch]);
  const { from, to } = filter;
  const until = past === null || (to !== null && to < past) ? to : past;
  const log = useInfiniteQuery({
    queryKey: ["events", environment, filter.service, filter.kind, from, until],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<EventPage>(
        `/events${query({ environment, service: filter.service, kind: filter.kind, since: from, until, limit: PAGE, cursor: pageParam })}`,
        signal,
      ),
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: environment === watched || until !== null ? false : SYSTEM_MS,
  });
  // What happened while the link was down is in the log, not on the socket.
  useEffect(() => {
    if (state === "live") void client.invalidateQueries({ queryKey: ["events"] });
  }, [client, state, missed]);
  const { rows, waiting } = feedOf(log.data?.pages.flatMap((page) => page.items) ?? [], live, { filter, heldAt });
  const newest = rows[0]?.id ?? null;
  useEffect(() => {
    const onScroll = (): void => {
      const away = window.scrollY > TOP_PX;
      setHeldAt((held) => (away ? (held ?? newest) : null));
    };
    window.addEventListener("scroll", onScroll, { passive: true });
    return () => window.removeEventListener("scroll", onScroll);
  }, [newest]);
  if (log.isPending) return <p className="ev-note">Reading the log…</p>;
  if (log.isError && rows.length === 0) return <ErrorNote error={log.error} />;
  if (rows.length === 0) return <Nothing filtered={filter.service.length + filter.kind.length > 0 || from !== null || to !== null} />;
  return (
    <>
      {waiting > 0 ? (
        <div className="ev-waiting">
          <Button
            tone="primary"
            onClick={() => {
              setHeldAt(null);
              window.scrollTo({ top: 0 });
            }}
          >
            {waiting} new
          </Button>
        </div>
      ) : null}
      <span className="hf-unseen" role="status">
        {waiting > 0 ? `${plural(waiting, "new event")} above` : ""}
      </span>
      <Rows
        rows={rows}
        hasMore={log.hasNextPage}
        onEnd={() => (log.hasNextPage && !log.isFetchingNextPage ? void log.fetchNextPage() : undefined)}
      />
      {log.isFetchNextPageError ? <ErrorNote error={log.error} /> : null}
      <p className="ev-note ev-end">
        {log.hasNextPage ? (log.isFetchingNextPage ? "Reading older events…" : "") : `That is all: ${plural(rows.length, "event")}.`}
      </p>
    </>
  );
}

function Rows({ rows, hasMore, onEnd }: { readonly rows: readonly LoggedEvent[]; readonly hasMore: boolean; readonly onEnd: () => void }) {
  const list = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => setOffset((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => 36,
    overscan: 12,
    scrollMargin: offset,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - 10) onEnd();
  }, [hasMore, last, rows.length, onEnd]);
  return (
    <div
      ref={list}
      className="ev-list"
      role="feed"
      aria-label="Events, newest first"
      aria-busy={false}
      style={{ height: virtual.getTotalSize() }}
    >
      {items.map((item) => {
        const event = rows[item.index];
        return event === undefined ? null : (
          <article
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            className="ev-item"
            aria-posinset={item.index + 1}
            aria-setsize={hasMore ? -1 : rows.length}
            style={{ transform: `translateY(${String(item.start - offset)}px)` }}
          >
            <EventRow event={event} day={startsDay(rows, item.index)} />
          </article>
        );
      })}
    </div>
  );
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  return filtered ? (
    <Empty title="Nothing like this has happened">
      <p>New events like this appear here by themselves. Take the filters away to see the rest.</p>
    </Empty>
  ) : (
    <Empty title="Nothing has happened yet">
      <p>
        Breakers that open, switches that are flipped, agents that come and go: all of it is kept here and survives a restart. A service can
        add its own:
      </p>
      <pre className="hf-code">{`agent.event("deploy", { version: "4.12.0" });
agent.event("note", { text: "cache warmed" });`}</pre>
    </Empty>
  );
}
