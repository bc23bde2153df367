"use client";
import { parseAsArrayOf, parseAsBoolean, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useEffect, useEffectEvent } from "react";
import type { EntryKind } from "../../../protocol/incident-api.ts";
import { plural } from "../../charts/format.ts";
import { useTimeAxis } from "../../charts/time-axis.tsx";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { useEvents } from "../../live/hooks.ts";
import type { IncidentPart } from "./incident-head.tsx";
import { ENTRY_WORDS, isOpenStatus } from "./incident-words.ts";
import { NoteForm } from "./note-form.tsx";
import { TimelineEntry } from "./timeline-entry.tsx";
import { rowsOf } from "./timeline-model.ts";
import { useNoise, useTimeline } from "./use-incidents.ts";

const KINDS = [
  "transition",
  "pressure",
  "change",
  "receipt",
  "deploy",
  "fleet",
  "incident",
  "note",
] as const satisfies readonly EntryKind[];
const PARAMS = {
  kinds: parseAsArrayOf(parseAsStringLiteral(KINDS)).withDefault([]),
  noise: parseAsBoolean.withDefault(false),
  pinned: parseAsBoolean.withDefault(false),
};

interface NoteProps {
  /** The form that is open, and the moment it is about; null: now. */
  readonly note: { readonly at: number | null } | null;
  readonly onNote: (note: NoteProps["note"]) => void;
}

/** What the log and people say of it, oldest first; when the page is zoomed, only what lies there. */
export function Timeline({ incident, environment, refusal, note, onNote }: IncidentPart & NoteProps) {
  const [filter, setFilter] = useQueryStates(PARAMS);
  const { seen, zoomed, undo } = useTimeAxis();
  const timeline = useTimeline(incident.id, filter);
  const noise = useNoise(incident.id);
  useFreshEntries(timeline.refetch, isOpenStatus(incident.status));
  const entries = timeline.data?.pages.flatMap(({ items }) => items) ?? [];
  const inside = zoomed ? entries.filter(({ at }) => at >= seen.from && at <= seen.to) : entries;
  const rows = rowsOf(inside);
  const { hasNextPage, isFetching, fetchNextPage } = timeline;
  // A page may hold nothing of what is wanted and still have a next one.
  const empty = (rows.length === 0 || (zoomed && (entries.at(-1)?.at ?? 0) < seen.to)) && hasNextPage && !isFetching;
  useEffect(() => {
    if (empty) void fetchNextPage();
  }, [empty, fetchNextPage]);
  useScrollToHash(rows.length > 0);
  const toggle = (kind: (typeof KINDS)[number]): void => {
    const kinds = filter.kinds.includes(kind) ? filter.kinds.filter((other) => other !== kind) : [...filter.kinds, kind];
    void setFilter({ kinds: kinds.length === 0 ? null : kinds });
  };
  const hidden = noise.data;
  return (
    <section className="in-timeline" aria-label="Timeline">
      <header>
        <h2>Timeline</h2>
        <span className="hf-grow" />
        <Button refusal={refusal} aria-expanded={note !== null} onClick={() => onNote(note === null ? { at: null } : null)}>
          Add a note
        </Button>
      </header>
      {note === null ? null : <NoteForm key={note.at} incident={incident} at={note.at} onClose={() => onNote(null)} />}
      <div className="in-kinds" role="group" aria-label="Kinds of entries">
        {KINDS.map((kind) => (
          <button key={kind} type="button" aria-pressed={filter.kinds.includes(kind)} onClick={() => toggle(kind)}>
            {ENTRY_WORDS[kind].many}
          </button>
        ))}
        <button type="button" aria-pressed={filter.pinned} onClick={() => void setFilter({ pinned: filter.pinned ? null : true })}>
          Pinned
        </button>
        <span className="hf-grow" />
        {hidden === undefined || (hidden.count === 0 && !filter.noise) ? null : (
          <button type="button" aria-pressed={filter.noise} onClick={() => void setFilter({ noise: filter.noise ? null : true })}>
            {hidden.count}
            {hidden.more ? " or more" : ""} of little interest{filter.noise ? "" : " hidden"}
          </button>
        )}
      </div>
      {inside.length === entries.length ? null : (
        <p className="in-note" role="status">
          {plural(inside.length, "entry", "entries")} of {entries.length} lie in the time that is seen.{" "}
          <button type="button" className="in-link" onClick={undo}>
            Undo
          </button>
        </p>
      )}
      <ErrorNote error={timeline.error} />
      {timeline.isPending ? <p className="in-note">Reading the timeline…</p> : null}
      <ol className="in-entries">
        {rows.map((row) => (
          <TimelineEntry key={row.key} row={row} incident={incident} environment={environment} refusal={refusal} />
        ))}
      </ol>
      {!timeline.isPending && entries.length === 0 && !hasNextPage ? (
        <p className="in-note">The log holds nothing of this for it.</p>
      ) : null}
      {hasNextPage ? (
        <Button disabled={isFetching} onClick={() => void fetchNextPage()}>
          {isFetching ? "Reading…" : "Later entries"}
        </Button>
      ) : null}
    </section>
  );
}

const GATHER_MS = 1_000;

/** Reads again, at most once a second, when something happened while it is open. */
function useFreshEntries(refetch: () => unknown, open: boolean): void {
  const { events } = useEvents();
  const newest = events[0]?.id ?? 0;
  const read = useEffectEvent(() => void refetch());
  useEffect(() => {
    if (!open || newest === 0) return undefined;
    const timer = setTimeout(read, GATHER_MS);
    return () => clearTimeout(timer);
  }, [newest, open]);
}

/** A link to one entry leads to it once it is there. */
function useScrollToHash(ready: boolean): void {
  useEffect(() => {
    const key = window.location.hash.slice(1);
    if (!ready || !/^[en][\w-]+$/.test(key)) return;
    document.getElementById(key)?.scrollIntoView({ block: "center" });
  }, [ready]);
}
