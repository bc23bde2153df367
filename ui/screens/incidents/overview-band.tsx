"use client";
import type { KeyboardEvent } from "react";
import { strainOf } from "../../../core/incidents/strain.ts";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import { formatClock, formatMinute, plural } from "../../charts/format.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { Button } from "../../components/button.tsx";
import { shareOf, ticksOf } from "./lane-model.ts";
import { useCross, useIncidentTime, useReplayMoment } from "./incident-time.tsx";
import { sinceStart } from "./timeline-model.ts";
import { span, TimePlot } from "./time-plot.tsx";

const STEPS = 240;
/** A key moves by this share of what is seen; with Shift by ten times as much. */
const STEP_SHARE = 0.01;

/** All of the incident at a glance: how much was bad at once. What is brushed here is what everything below shows. */
export function OverviewBand({ incident }: { readonly incident: Pick<IncidentAnswer, "symptoms" | "startedAt"> }) {
  const { full, seen, zoomed, undo, zoom, crosshair } = useIncidentTime();
  const { chosen } = useCross(crosshair);
  const replayed = useReplayMoment();
  const strain = strainOf(incident.symptoms, full, STEPS);
  const most = Math.max(...strain);
  const format = full.to - full.from < 600_000 ? formatClock : formatMinute;
  const move = (event: KeyboardEvent): void => {
    const step = (seen.to - seen.from) * STEP_SHARE * (event.shiftKey ? 10 : 1);
    const from = chosen ?? replayed ?? seen.from;
    const next = { ArrowLeft: from - step, ArrowRight: from + step, Home: seen.from, End: seen.to }[event.key];
    if (event.key === "Escape") crosshair.choose(null);
    if (next === undefined) return;
    event.preventDefault();
    crosshair.choose(Math.round(Math.min(full.to, Math.max(full.from, next))));
  };
  return (
    <section className="in-band" aria-label="All of it">
      <div
        className="in-band-slider"
        role="slider"
        tabIndex={0}
        aria-label="Moment of the incident"
        aria-valuemin={full.from}
        aria-valuemax={full.to}
        aria-valuenow={chosen ?? replayed ?? full.from}
        aria-valuetext={momentWords(chosen ?? replayed, incident.startedAt)}
        aria-describedby="in-band-note"
        onKeyDown={move}
      >
        <TimePlot window={full}>
          <Sparkline
            series={[{ role: "main", values: strain }]}
            height={40}
            label={most === 0 ? "Nothing was measured as bad" : `At most ${plural(most, "thing")} bad at once`}
          />
          {zoomed ? (
            <>
              <span className="in-band-dim" style={span({ from: full.from, to: seen.from }, full)} />
              <span className="in-band-seen" style={span(seen, full)} />
              <span className="in-band-dim" style={span({ from: seen.to, to: full.to }, full)} />
            </>
          ) : null}
        </TimePlot>
      </div>
      <div className="in-axis" data-whole="true" aria-hidden>
        {ticksOf(full).map((at) => (
          <span key={at} style={{ left: `${String(shareOf(at, full) * 100)}%` }}>
            {format(at)}
          </span>
        ))}
      </div>
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

const momentWords = (at: number | null, startedAt: number): string =>
  at === null ? "none chosen" : `${formatClock(at)}, ${sinceStart(at, startedAt)} since it began`;
