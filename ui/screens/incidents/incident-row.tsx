"use client";
import Link from "next/link";
import type { IncidentSummary } from "../../../protocol/incident-api.ts";
import { actorName, counted, lasting } from "../../../core/incidents/words.ts";
import { formatMinute, formatUtc, plural } from "../../charts/format.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { Chip } from "../../components/chip.tsx";
import { formatDuration } from "../../components/duration.ts";
import { incidentHref, isOpenStatus, lastedMs } from "./incident-words.ts";
import { SeverityMark } from "./severity-mark.tsx";
import { StatusMark } from "./status-mark.tsx";

export interface IncidentRowProps {
  readonly incident: IncidentSummary;
  readonly now: number;
  readonly selected: boolean;
  /** Why it cannot be chosen, or undefined. */
  readonly refusal: string | undefined;
  readonly onSelect: (selected: boolean) => void;
}

export function IncidentRow({ incident, now, selected, refusal, onSelect }: IncidentRowProps) {
  const { number, title, severity, status, cause, services, startedAt, reopened, assignee, instances, overrides, strain } = incident;
  const open = isOpenStatus(status);
  return (
    <li className="in-row" data-row data-open={open} data-status={status}>
      <label className="in-check" title={refusal}>
        <input
          type="checkbox"
          checked={selected}
          disabled={refusal !== undefined}
          aria-description={refusal}
          aria-label={`Choose incident ${String(number)}`}
          onChange={(event) => onSelect(event.target.checked)}
        />
      </label>
      <SeverityMark severity={severity} over={!open} />
      <div className="in-what">
        <Link href={incidentHref(number)}>
          <span className="in-number">#{number}</span> {title}
        </Link>
        <p className="in-note">
          {cause === null || title.startsWith(cause) ? null : <>First cause: {cause}. </>}
          {services.length === 0 ? "No service named" : services.join(", ")}
          {instances === 0 ? null : `, ${plural(instances, "instance")}`}
          {overrides === 0 ? null : <Chip>{plural(overrides, "active override")}</Chip>}
          {reopened > 0 ? <Chip>reopened {reopened === 1 ? "once" : counted(reopened, "time")}</Chip> : null}
        </p>
      </div>
      <StatusMark status={status} />
      <span className="in-strain" title="How many things were bad at once, from its beginning to its end or to now">
        {strain.length === 0 ? null : (
          <Sparkline
            series={[{ role: "main", values: strain }]}
            height={20}
            label={`At most ${plural(Math.max(...strain), "thing")} bad at once`}
          />
        )}
      </span>
      <span className="in-when">
        <time dateTime={new Date(startedAt).toISOString()} title={formatUtc(startedAt)}>
          {dayOf(startedAt, now)} {formatMinute(startedAt)}
        </time>
        <b>{open ? formatDuration(lastedMs(incident, now)) : lasting(lastedMs(incident, now))}</b>
      </span>
      <span className="in-who">{assignee === null ? <span className="in-note">nobody</span> : actorName(assignee)}</span>
    </li>
  );
}

/** Nothing for today. */
function dayOf(at: number, now: number): string {
  const date = new Date(at);
  return date.toDateString() === new Date(now).toDateString() ? "" : date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
}
