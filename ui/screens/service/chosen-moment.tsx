"use client";
import { formatClock, formatUtc } from "../../charts/format.ts";
import { useChosen, useTimeAxis } from "../../charts/time-axis.tsx";
import { Button } from "../../components/button.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { useTools } from "../../frame/tools-context.ts";
import { useKey } from "../../keys/keys-provider.tsx";
import { useReplay } from "../../replay/replay-provider.tsx";

/** What can be done with the moment that was clicked on a chart, or moved to by key. */
export function ChosenMoment() {
  const { crosshair } = useTimeAxis();
  const chosen = useChosen(crosshair);
  const replay = useReplay();
  const { act } = useTools();
  const ask = (at: number | null): void => (at === null ? act("what-changed") : act("what-changed", String(at)));
  useKey("what-changed", () => {
    ask(crosshair.at);
    return true;
  });
  if (chosen === null) return null;
  return (
    <span className="svc-chosen" role="group" aria-label="The chosen moment">
      <time className="svc-mono" dateTime={new Date(chosen).toISOString()} title={formatUtc(chosen)}>
        {formatClock(chosen)}
      </time>
      <Button onClick={() => ask(chosen)}>
        What changed? <Kbd>w</Kbd>
      </Button>
      <Button onClick={() => replay.seek(chosen)}>Replay from here</Button>
      <Button tone="quiet" onClick={() => crosshair.choose(null)}>
        Dismiss
      </Button>
    </span>
  );
}
