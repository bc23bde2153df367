"use client";
import { useMemo } from "react";
import { formatClock, formatSpan } from "../../charts/format.ts";
import { sinceWhen } from "../../charts/state-runs.ts";
import { StateStrip, wordAt } from "../../charts/state-strip.tsx";
import { useTimeAxis } from "../../charts/time-axis.tsx";
import { TimePlot } from "../../charts/time-plot.tsx";
import { LIVE_WINDOW_WORDS } from "../../charts/time-window.ts";
import type { BreakerView } from "./breaker-view.ts";
import { BREAKER_WORDS } from "./breaker-words.ts";
import type { ResourceGroup } from "./members.ts";
import { useLiveWindow } from "./service-time.tsx";
import { stripRuns } from "./strip-runs.ts";
import type { StripEvents } from "./use-service-data.ts";

interface StripProps {
  readonly group: ResourceGroup;
  readonly view: BreakerView;
  readonly strip: StripEvents;
  readonly now: number;
}

/** The strip moves every few seconds; a quarter of an hour in a few hundred pixels does not need more. */
const STRIP_MS = 3_000;

/** The states of a breaker over the time that the page looks at. */
export function BreakerStrip({ group, view, strip, now }: StripProps) {
  const { seen, zoomed } = useTimeAxis();
  const [name] = useLiveWindow();
  const beat = Math.ceil(now / STRIP_MS) * STRIP_MS;
  const states = view.members.map((member) => `${member.key}=${member.state ?? ""}`).join(" ");
  const runs = useMemo(() => {
    const instances = view.members.map(({ key, state }) => {
      const member = group.members.find((candidate) => candidate.instance.key === key);
      return { instance: member?.instance.instance ?? "", state };
    });
    return stripRuns(view.name, instances, { strip, seen, zoomed, now: beat });
    // The groups are new each second; what the strip is made of is the states, the events and the beat.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [beat, states, strip, seen, zoomed, view.name]);
  const since = zoomed ? null : sinceWhen(runs, { from: Math.max(seen.from, strip.cutAt ?? 0), to: seen.to });
  const span = zoomed ? `${formatSpan(seen, now)}, not live` : LIVE_WINDOW_WORDS[name];
  const label = `Breaker ${view.name}, ${span}`;
  return (
    <>
      <div className="svc-strip-head svc-note">
        <span>
          {span}
          {strip.cutAt !== null && strip.cutAt > seen.from ? `; nothing read before ${formatClock(strip.cutAt)}` : ""}
        </span>
        {since === null || view.state === null ? null : (
          <span>
            {BREAKER_WORDS[view.state]} since <span className="svc-mono">{formatClock(since)}</span>
          </span>
        )}
      </div>
      <TimePlot className="ch-low" window={seen} marks="lines" readout={(at) => wordAt(runs, at)}>
        <StateStrip runs={runs} window={seen} label={label} />
      </TimePlot>
    </>
  );
}
