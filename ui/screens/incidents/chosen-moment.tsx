"use client";
import Link from "next/link";
import { formatClock, formatUtc } from "../../charts/format.ts";
import { useChosen, useTimeAxis } from "../../charts/time-axis.tsx";
import { Button } from "../../components/button.tsx";
import { useReplay } from "../../replay/replay-provider.tsx";
import type { IncidentPart } from "./incident-head.tsx";
import { momentHref, sinceStart } from "./timeline-model.ts";

/** What can be done with the moment that was clicked. */
export function ChosenMoment({ incident, environment, refusal, onNote }: IncidentPart & { readonly onNote: (at: number) => void }) {
  const { crosshair } = useTimeAxis();
  const chosen = useChosen(crosshair);
  const replay = useReplay();
  if (chosen === null) return null;
  return (
    <div className="in-chosen" role="group" aria-label="The chosen moment">
      <span>
        <time dateTime={new Date(chosen).toISOString()} title={formatUtc(chosen)}>
          {formatClock(chosen)}
        </time>{" "}
        <span className="in-note">{sinceStart(chosen, incident.startedAt)}</span>
      </span>
      <Button tone="primary" onClick={() => replay.seek(chosen)}>
        Replay from here
      </Button>
      <Link className="hf-button" data-tone="default" href={momentHref("/", chosen, environment)}>
        The fleet then
      </Link>
      <Button refusal={refusal} onClick={() => onNote(chosen)}>
        Note here
      </Button>
      <Button tone="quiet" onClick={() => crosshair.choose(null)}>
        Dismiss
      </Button>
    </div>
  );
}
