"use client";
import { Bell, Check, CircleDot, Ellipsis, Gauge, Pin, Rocket, Server, SlidersHorizontal, StickyNote, type LucideIcon } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { Entry, EntryKind } from "../../../protocol/incident-api.ts";
import { actorName } from "../../../core/incidents/words.ts";
import { formatClock, formatUtc } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { EntryForm } from "./entry-form.tsx";
import { EntryProof } from "./entry-proof.tsx";
import type { IncidentPart } from "./incident-head.tsx";
import { ENTRY_WORDS } from "./incident-words.ts";
import { momentHref, rowTitle, sinceStart, type TimelineRow } from "./timeline-model.ts";
import { useEntryChange } from "./use-incident-acts.ts";

const ICONS: Readonly<Record<EntryKind, LucideIcon>> = {
  transition: CircleDot,
  pressure: Gauge,
  change: SlidersHorizontal,
  receipt: Check,
  deploy: Rocket,
  fleet: Server,
  incident: Bell,
  note: StickyNote,
  other: Ellipsis,
};
const SOURCE_WORDS: Readonly<Record<Entry["source"], string>> = { agent: "said by the agent", console: "the console", person: "" };

export function TimelineEntry({ row, ...part }: IncidentPart & { readonly row: TimelineRow }) {
  const [open, setOpen] = useState<"edit" | "proof" | "repeats" | null>(null);
  const change = useEntryChange(part.incident.id);
  const [entry] = row.entries;
  const { key, at, kind, actor, source, pinned, original, text, receipts, proof, noise } = entry;
  const Icon = ICONS[kind];
  const repeats = row.entries.length;
  const toggle = (next: typeof open): void => setOpen(open === next ? null : next);
  return (
    <li id={key} className="in-entry" data-row data-kind={kind} data-noise={noise} data-pinned={pinned}>
      <a className="in-entry-time" href={`#${key}`} title={`${formatUtc(at)}; a link to this entry`}>
        <time dateTime={new Date(at).toISOString()}>{formatClock(at)}</time>
        {utcClock(at) === formatClock(at) ? null : <span>{utcClock(at)} UTC</span>}
        <span>{sinceStart(at, part.incident.startedAt)}</span>
      </a>
      <span className="in-entry-icon" title={ENTRY_WORDS[kind].one}>
        <Icon size={14} aria-hidden />
        <span className="hf-unseen">{ENTRY_WORDS[kind].one}: </span>
      </span>
      <div className="in-entry-body">
        <p className="in-entry-title">
          {kind === "note" && text !== "" ? null : rowTitle(row)}
          {repeats > 1 ? (
            <button type="button" className="in-link" aria-expanded={open === "repeats"} onClick={() => toggle("repeats")}>
              ×{repeats}
            </button>
          ) : null}
          {pinned ? <Pin size={12} aria-label="pinned" /> : null}
        </p>
        {text === "" ? null : <p className="in-entry-text">{text}</p>}
        {original === null ? null : (
          <p className="in-note">
            {original.title === entry.title ? "" : `Was “${original.title}”. `}
            {original.at === at ? "" : `First told at ${formatClock(original.at)}. `}
            Edited by {actorName(original.editedBy)} at {formatClock(original.editedAt)}.
          </p>
        )}
        <div className="in-entry-acts">
          <span className="in-note">
            {source === "person" ? <b>{actorName(actor)}</b> : SOURCE_WORDS[source]}
            {receipts === null ? null : `, applied ${String(receipts.applied)}/${String(receipts.targeted)}`}
            {receipts !== null && receipts.refused > 0 ? `, refused by ${String(receipts.refused)}` : ""}
          </span>
          {proof === null ? null : (
            <button type="button" className="in-link" aria-expanded={open === "proof"} onClick={() => toggle("proof")}>
              Proof
            </button>
          )}
          <Link className="in-link" href={momentHref(pathOf(entry), at, part.environment)}>
            As it was
          </Link>
          <Button tone="quiet" refusal={part.refusal} aria-expanded={open === "edit"} onClick={() => toggle("edit")}>
            Edit
          </Button>
          <Button
            tone="quiet"
            refusal={part.refusal}
            disabled={change.isPending}
            aria-pressed={pinned}
            onClick={() => change.mutate({ key, change: { pinned: !pinned } })}
          >
            {pinned ? "Unpin" : "Pin"}
          </Button>
        </div>
        {open === "repeats" ? (
          <ul className="in-repeats">
            {row.entries.map((one) => (
              <li key={one.key} id={one.key === key ? undefined : one.key}>
                <time>{formatClock(one.at)}</time> {one.title}
              </li>
            ))}
          </ul>
        ) : null}
        {open === "edit" ? <EntryForm incidentId={part.incident.id} entry={entry} onClose={() => setOpen(null)} /> : null}
        {open === "proof" && proof !== null ? <EntryProof proof={proof} at={at} environment={part.environment} /> : null}
        <ErrorNote error={change.error} />
      </div>
    </li>
  );
}

const utcClock = (at: number): string => formatUtc(at).slice(11, 19);

function pathOf({ kind, service }: Entry): string {
  if (kind === "change") return "/switchboard";
  return service === null ? "/" : `/services/${encodeURIComponent(service)}`;
}
