"use client";
import type { IncidentAnswer, WriteUp } from "../../../protocol/incident-api.ts";
import { counted, lasting } from "../../../core/incidents/words.ts";
import { ChangeMarkers } from "../../charts/change-markers.tsx";
import { formatClock } from "../../charts/format.ts";
import { useTimeAxis } from "../../charts/time-axis.tsx";
import { TimePlot } from "../../charts/time-plot.tsx";
import { TimeScale } from "../../charts/time-scale.tsx";
import { percent } from "../../charts/time-window.ts";
import { lanesOf, type Lane } from "./lane-model.ts";

/** What was bad when, one lane for each symptom in the order of the cascade; dashed lines are what people changed. */
export function IncidentLanes({ incident, changes }: { readonly incident: IncidentAnswer; readonly changes: WriteUp["changes"] }) {
  const { seen: window, changes: marked } = useTimeAxis();
  const lanes = lanesOf(incident, window);
  const listed = changes.filter(({ at }) => at >= window.from && at <= window.to);
  if (lanes.length === 0) return null;
  return (
    <section className="in-part" aria-label="When it was bad">
      <header>
        <h2>When it was bad</h2>
        <span className="in-note">in the order of the cascade{marked.length > 0 ? "; dashed lines are changes" : ""}</span>
      </header>
      <div className="in-lanes">
        <div className="in-over-lanes">
          <ChangeMarkers changes={marked} window={window} />
        </div>
        <ol>
          {lanes.map((lane, index) => (
            <li key={lane.key}>
              <span className="in-place" aria-hidden>
                {index + 1}
              </span>
              <span className="in-lane-name" title={lane.title}>
                {lane.title}
              </span>
              <TimePlot className="in-lane" window={window} marks="lines">
                {lane.runs.map((run) => (
                  <span
                    key={run.from}
                    className="in-run"
                    data-counted={run.counted}
                    data-still={run.to === null}
                    style={{ left: percent(run.left), width: percent(run.width) }}
                    title={runWords(run)}
                  />
                ))}
              </TimePlot>
              <span className="hf-unseen">{lane.runs.map(runWords).join("; ")}</span>
            </li>
          ))}
        </ol>
        <TimeScale className="in-over-lanes" window={window} />
      </div>
      {listed.length === 0 ? null : (
        <ul className="in-changes">
          {listed.map(({ at, title }) => (
            <li key={`${String(at)} ${title}`}>
              <time>{formatClock(at)}</time> {title}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function runWords({ from, to, counted: long, times }: Lane["runs"][number]): string {
  const when = `${formatClock(from)} to ${to === null ? "now" : `${formatClock(to)}, ${lasting(to - from)}`}`;
  return `bad from ${when}${times > 1 ? `, ${counted(times, "time")}` : ""}${long ? "" : ", too short to open an incident"}`;
}
