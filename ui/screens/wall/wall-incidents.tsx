"use client";
import type { IncidentSummary } from "../../../protocol/incident-api.ts";
import { actorName } from "../../../core/incidents/words.ts";
import { plural } from "../../charts/format.ts";
import { formatDuration } from "../../components/duration.ts";
import { lastedMs, STATUS_WORDS } from "../incidents/incident-words.ts";
import { SeverityMark } from "../incidents/severity-mark.tsx";
import "../incidents/incidents.css";

const SHOWN = 5;

/** A SEV1 or a SEV2 stops the rotation. */
export const isUrgent = ({ severity }: Pick<IncidentSummary, "severity">): boolean => severity <= 2;

/** Worst first, then the oldest. */
export const byUrgency = (a: IncidentSummary, b: IncidentSummary): number => a.severity - b.severity || a.startedAt - b.startedAt;

interface WallIncidentsProps {
  readonly open: readonly IncidentSummary[];
  /** False while the list could not be read. */
  readonly known: boolean;
  readonly now: number;
}

export function WallIncidents({ open, known, now }: WallIncidentsProps) {
  const ranked = [...open].sort(byUrgency);
  return (
    <>
      {known ? null : <p className="wl-plain">The incidents could not be read just now.</p>}
      {known && ranked.length === 0 ? <p className="wl-plain">No incident is open.</p> : null}
      <ol className="wl-list" aria-label="Open incidents">
        {ranked.slice(0, SHOWN).map((incident, i) => (
          <Row key={incident.id} incident={incident} lead={i === 0} now={now} />
        ))}
      </ol>
      {ranked.length > SHOWN ? <p className="wl-foot">and {ranked.length - SHOWN} more</p> : null}
    </>
  );
}

function Row({ incident, lead, now }: { readonly incident: IncidentSummary; readonly lead: boolean; readonly now: number }) {
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
        </span>
      </span>
      <span className="wl-figure">{formatDuration(lastedMs(incident, now))}</span>
    </li>
  );
}
