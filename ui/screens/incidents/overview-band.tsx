"use client";
import { strainOf } from "../../../core/incidents/strain.ts";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import { formatClock, plural } from "../../charts/format.ts";
import { MomentSlider } from "../../charts/moment-slider.tsx";
import { Sparkline } from "../../charts/sparkline.tsx";
import { useTimeAxis } from "../../charts/time-axis.tsx";
import { TimePlot } from "../../charts/time-plot.tsx";
import { TimeScale } from "../../charts/time-scale.tsx";
import { placed } from "../../charts/time-window.ts";
import { Button } from "../../components/button.tsx";
import { sinceStart } from "./timeline-model.ts";

const STEPS = 240;

/** All of the incident at a glance: how much was bad at once. What is brushed here is what everything below shows. */
export function OverviewBand({ incident }: { readonly incident: Pick<IncidentAnswer, "symptoms" | "startedAt"> }) {
  const { full, seen, zoomed, undo, zoom } = useTimeAxis();
  const strain = strainOf(incident.symptoms, full, STEPS);
  const most = Math.max(...strain);
  return (
    <section className="in-band" aria-label="All of it">
      <MomentSlider
        label="Moment of the incident"
        window={full}
        words={(at) => `${formatClock(at)}, ${sinceStart(at, incident.startedAt)} since it began`}
        describedBy="in-band-note"
      >
        <TimePlot window={full} marks="lines">
          <Sparkline
            series={[{ role: "main", values: strain }]}
            height={40}
            label={most === 0 ? "Nothing was measured as bad" : `At most ${plural(most, "thing")} bad at once`}
          />
          {zoomed ? (
            <>
              <span className="in-band-dim" style={placed({ from: full.from, to: seen.from }, full)} />
              <span className="in-band-seen" style={placed(seen, full)} />
              <span className="in-band-dim" style={placed({ from: seen.to, to: full.to }, full)} />
            </>
          ) : null}
        </TimePlot>
      </MomentSlider>
      <TimeScale window={full} />
      <p className="in-note in-band-note">
        <span id="in-band-note">
          {most === 0
            ? "Drag over a stretch of time to look closer."
            : `At most ${plural(most, "thing")} bad at once. Drag to look closer.`}
        </span>
        {zoomed ? (
          <>
            <span role="status">
              Seen: {formatClock(seen.from)} to {formatClock(seen.to)}
            </span>
            <Button tone="quiet" onClick={undo}>
              Undo
            </Button>
            <Button tone="quiet" onClick={() => zoom(null)}>
              All of it
            </Button>
          </>
        ) : null}
      </p>
    </section>
  );
}
