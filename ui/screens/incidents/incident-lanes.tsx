"use client";
import type { IncidentAnswer, WriteUp } from "../../../protocol/incident-api.ts";
import { counted, lasting } from "../../../core/incidents/words.ts";
import { formatClock, formatMinute } from "../../charts/format.ts";
import { lanesOf, marksOf, shareOf, ticksOf, type Lane } from "./lane-model.ts";
import { useIncidentTime } from "./incident-time.tsx";
import { TimePlot } from "./time-plot.tsx";

const percent = (share: number): string => `${String(Math.round(share * 10_000) / 100)}%`;

/** What was bad when, one lane for each symptom in the order of the cascade; dashed lines are what people changed. */
export function IncidentLanes({ incident, changes }: { readonly incident: IncidentAnswer; readonly changes: WriteUp["changes"] }) {
  const { seen: window } = useIncidentTime();
  const lanes = lanesOf(incident, window);
  const marks = marksOf(changes, window);
  if (lanes.length === 0) return null;
  const format = window.to - window.from < 600_000 ? formatClock : formatMinute;
  return (
    <section className="in-part" aria-label="When it was bad">
      <header>
        <h2>When it was bad</h2>
        <span className="in-note">in the order of the cascade{marks.length > 0 ? "; dashed lines are changes" : ""}</span>
      </header>
      <div className="in-lanes">
        <ol>
          {lanes.map((lane, index) => (
            <li key={lane.key}>
              <span className="in-place" aria-hidden>
                {index + 1}
              </span>
              <span className="in-lane-name" title={lane.title}>
                {lane.title}
              </span>
              <TimePlot className="in-lane" window={window}>
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
                {marks.map((mark) => (
                  <span key={mark.at} className="in-mark" style={{ left: percent(mark.left) }} title={mark.titles.join("\n")} />
                ))}
              </TimePlot>
              <span className="hf-unseen">{lane.runs.map(runWords).join("; ")}</span>
            </li>
          ))}
        </ol>
        <div className="in-axis" aria-hidden>
          {ticksOf(window).map((at) => (
            <span key={at} style={{ left: percent(shareOf(at, window)) }}>
              {format(at)}
            </span>
          ))}
        </div>
      </div>
      {marks.length === 0 ? null : (
        <ul className="in-changes">
          {marks.map((mark) => (
            <li key={mark.at}>
              <time>{formatClock(mark.at)}</time> {mark.titles.join("; ")}
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
