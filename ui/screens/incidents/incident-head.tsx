"use client";
import Link from "next/link";
import { useState, type ReactNode } from "react";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import type { Severity } from "../../../protocol/incident-rule-api.ts";
import { actorName, counted, lasting } from "../../../core/incidents/words.ts";
import { unmarked } from "../../../core/isolated.ts";
import { formatClock, formatUtc } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { formatDuration } from "../../components/duration.ts";
import { useFocusReturn } from "../../components/focus-return.tsx";
import { ConflictNote } from "./conflict-note.tsx";
import { isOpenStatus, lastedMs, SEVERITIES, SEVERITY_WORDS } from "./incident-words.ts";
import { SeverityMark } from "./severity-mark.tsx";
import { StatusMark } from "./status-mark.tsx";
import { momentHref } from "./timeline-model.ts";
import { useChange } from "./use-incident-acts.ts";

export interface IncidentPart {
  readonly incident: IncidentAnswer;
  readonly environment: string;
  readonly refusal: string | undefined;
}

/** What it is, how bad, since when, and who has it. */
export function IncidentHead({ incident, environment, refusal, now }: IncidentPart & { readonly now: number }) {
  const { number, status, severity, startedAt, detectedAt, detectedBy, manual, resolvedAt, resolvedBy, phases } = incident;
  const open = isOpenStatus(status);
  const change = useChange();
  return (
    <header className="in-incident-head">
      <div className="in-head">
        <Link className="in-link" href="/incidents">
          Incidents
        </Link>
        <span className="in-number">#{number}</span>
        <SeverityMark severity={severity} over={!open} />
        <StatusMark status={status} />
        {phases.length > 1 ? <Chip>reopened {phases.length === 2 ? "once" : counted(phases.length - 1, "time")}</Chip> : null}
        <span className="hf-grow" />
        <span className="in-select">
          <label htmlFor="in-severity">Severity</label>
          <select
            id="in-severity"
            value={severity}
            disabled={refusal !== undefined || change.isPending}
            title={refusal}
            onChange={(event) => change.mutate({ wish: { severity: Number(event.target.value) as Severity }, seen: incident })}
          >
            {SEVERITIES.map((one) => (
              <option key={one} value={one}>
                SEV{one} {SEVERITY_WORDS[one]}
              </option>
            ))}
          </select>
        </span>
      </div>
      <Title incident={incident} refusal={refusal} />
      <dl className="in-facts">
        <Fact word="began">
          <time dateTime={new Date(startedAt).toISOString()} title={formatUtc(startedAt)}>
            {new Date(startedAt).toLocaleDateString(undefined, { day: "numeric", month: "short" })} {formatClock(startedAt)}
          </time>
        </Fact>
        <Fact word={open ? "open for" : "lasted"}>{open ? formatDuration(lastedMs(incident, now)) : lasting(lastedMs(incident, now))}</Fact>
        <Fact word={manual ? "declared by" : "noticed"}>
          {manual ? actorName(detectedBy) : `by a rule, ${lasting(Math.max(0, detectedAt - startedAt))} after`}
        </Fact>
        {resolvedAt === null ? null : (
          <Fact word="resolved">
            {formatClock(resolvedAt)} by {actorName(resolvedBy ?? "system")}
          </Fact>
        )}
        <Fact word="has it">{incident.assignee === null ? "nobody" : actorName(incident.assignee)}</Fact>
        <Fact word="in it">{incident.services.length === 0 ? "no service named" : incident.services.join(", ")}</Fact>
        <Fact word="see">
          <Link href={momentHref("/", incident.detectedAt, environment)}>the console as it was then</Link>
        </Fact>
      </dl>
      <ConflictNote change={change} />
    </header>
  );
}

function Fact({ word, children }: { readonly word: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface TitleDraft {
  readonly text: string;
  readonly seen: IncidentAnswer;
}

const EDIT_TITLE = "in-edit-title";

function Title({ incident, refusal }: Pick<IncidentPart, "incident" | "refusal">) {
  const [draft, setDraft] = useState<TitleDraft | null>(null);
  if (draft !== null) return <TitleForm draft={draft} onChange={setDraft} />;
  return (
    <div className="in-title">
      <h1>{incident.title}</h1>
      <Button
        id={EDIT_TITLE}
        tone="quiet"
        refusal={refusal}
        aria-label="Edit the title"
        onClick={() => setDraft({ text: unmarked(incident.title), seen: incident })}
      >
        Edit
      </Button>
    </div>
  );
}

function TitleForm({ draft, onChange }: { readonly draft: TitleDraft; readonly onChange: (draft: TitleDraft | null) => void }) {
  const change = useChange();
  useFocusReturn(EDIT_TITLE);
  const text = draft.text.trim();
  const close = (): void => onChange(null);
  return (
    <>
      <form
        className="in-title"
        aria-label="Title"
        onSubmit={(event) => {
          event.preventDefault();
          if (text === unmarked(draft.seen.title)) close();
          else change.mutate({ wish: { title: text }, seen: draft.seen }, { onSuccess: close });
        }}
      >
        <input
          className="in-input"
          aria-label="Title"
          value={draft.text}
          maxLength={120}
          autoFocus
          onChange={(event) => onChange({ ...draft, text: event.target.value })}
          onKeyDown={(event) => (event.key === "Escape" ? close() : undefined)}
        />
        <Button type="submit" tone="primary" disabled={text === "" || change.isPending}>
          Save
        </Button>
        <Button tone="quiet" onClick={close}>
          Cancel
        </Button>
      </form>
      <ConflictNote change={change} onDone={close} />
    </>
  );
}
