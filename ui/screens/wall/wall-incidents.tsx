"use client";
import type { IncidentSummary } from "../../../protocol/incident-api.ts";
import { actorName } from "../../../core/incidents/words.ts";
import { plural } from "../../charts/format.ts";
import { formatDuration } from "../../components/duration.ts";
import { lastedMs, STATUS_WORDS } from "../incidents/incident-words.ts";
import { SeverityMark } from "../incidents/severity-mark.tsx";
import "../incidents/incidents.css";

/** A SEV1 or a SEV2 stops the rotation. */
export const isUrgent = ({ severity }: Pick<IncidentSummary, "severity">): boolean => severity <= 2;

/** Worst first, then the oldest. */
export const byUrgency = (a: IncidentSummary, b: IncidentSummary): number => a.severity - b.severity || a.startedAt - b.startedAt;

interface WallIncidentsProps {
  readonly open: readonly IncidentSummary[];
  /** False while the list could not be read. */
  readonly known: boolean;
  /** Rows. */
  readonly room: number;
  readonly now: number;
}

export function WallIncidents({ open, known, room, now }: WallIncidentsProps) {
  const ranked = [...open].sort(byUrgency);
  return (
    <>
      {known ? null : <p className="wl-plain">The incidents could not be read just now.</p>}
      {known && ranked.length === 0 ? <p className="wl-plain">No incident is open.</p> : null}
      <ol className="wl-list" aria-label="Open incidents">
        {ranked.slice(0, room).map((incident, i) => (
          <Row key={incident.id} incident={incident} lead={i === 0} now={now} />
        ))}
      </ol>
      {ranked.length > room ? <p className="wl-foot">and {ranked.length - room} more</p> : null}
    </>
  );
}

/** Above every other view while a SEV1 or a SEV2 is open: the worst by name, for a view may be held and must not hide it. */
export function WallUrgent({ urgent, now }: { readonly urgent: readonly IncidentSummary[]; readonly now: number }) {
  const [worst] = [...urgent].sort(byUrgency);
  if (worst === undefined) return null;
  return (
    <ol className="wl-list wl-urgent" aria-label="Urgent">
      <Row incident={worst} lead={false} others={urgent.length - 1} now={now} />
    </ol>
  );
}

interface RowProps {
  readonly incident: IncidentSummary;
  readonly lead: boolean;
  readonly now: number;
  /** Urgent ones that it stands for as well. */
  readonly others?: number;
}

function Row({ incident, lead, now, others = 0 }: RowProps) {
  const { number, title, severity, status, cause, services, instances, assignee } = incident;
  return (
    <li className="wl-row" data-lead={lead} data-status={isUrgent(incident) ? "open" : undefined}>
      <SeverityMark severity={severity} />
      <span className="wl-what">
        <b>
          #{number} {title}
        </b>
        <span>
          {STATUS_WORDS[status]}
          {assignee === null ? ", nobody has it" : ` by ${actorName(assignee)}`}. {services.join(", ")}
          {instances === 0 ? "" : `, ${plural(instances, "instance")}`}.
          {lead && cause !== null && !title.startsWith(cause) ? ` First cause: ${cause}.` : ""}
          {others === 0 ? "" : ` ${String(others)} more of SEV1 or SEV2.`}
        </span>
      </span>
      <span className="wl-figure">{formatDuration(lastedMs(incident, now))}</span>
    </li>
  );
}
