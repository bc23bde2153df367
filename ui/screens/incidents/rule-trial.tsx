import type { TryAnswer } from "../../../protocol/incident-rule-api.ts";
import { counted, lasting } from "../../../core/incidents/words.ts";
import { formatNumber, formatUtc } from "../../charts/format.ts";
import { SeverityMark } from "./severity-mark.tsx";

/** What a rule would have opened. */
export function RuleTrial({ answer }: { readonly answer: TryAnswer }) {
  const { incidents, opened, openMinutes, truncated, from, to } = answer;
  return (
    <section className="in-trial" aria-label="What it would have opened">
      <p role="status">
        {opened === 0 ? (
          <>It would have opened nothing in these days.</>
        ) : (
          <>
            It would have opened <b>{counted(opened, "incident")}</b>, open for {formatNumber(openMinutes)} minutes in all.
          </>
        )}
      </p>
      <p className="in-note">
        {formatUtc(from)} to {formatUtc(to)}. Rates are looked at by the minute, so what is shorter may not show.
        {truncated ? " There was more than could be read: this is of a part." : ""}
      </p>
      {incidents.length === 0 ? null : (
        <ul>
          {incidents.map((incident) => (
            <li key={`${String(incident.startedAt)} ${incident.title}`}>
              <SeverityMark severity={incident.severity} over={incident.resolvedAt !== null} />
              <div>
                <p>{incident.title}</p>
                <p className="in-note">
                  {formatUtc(incident.startedAt)}, {lasting(incident.openMinutes * 60_000)}
                  {incident.resolvedAt === null ? ", still on" : ""}
                  {incident.reopened > 0 ? `, reopened ${counted(incident.reopened, "time")}` : ""}
                  {incident.services.length > 0 ? `, ${incident.services.join(", ")}` : ""}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      {opened > incidents.length ? <p className="in-note">and {counted(opened - incidents.length, "more", "more")}</p> : null}
    </section>
  );
}
