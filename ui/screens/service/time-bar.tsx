"use client";
import { History } from "lucide-react";
import { ChangeMarkers } from "../../charts/change-markers.tsx";
import { formatSpan, plural } from "../../charts/format.ts";
import { MomentSlider } from "../../charts/moment-slider.tsx";
import { useTimeAxis } from "../../charts/time-axis.tsx";
import { TimePlot } from "../../charts/time-plot.tsx";
import { TimeScale } from "../../charts/time-scale.tsx";
import { LIVE_WINDOW_NAMES, LIVE_WINDOW_WORDS } from "../../charts/time-window.ts";
import { Button } from "../../components/button.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useNow, usePast } from "../../live/hooks.ts";
import { ChosenMoment } from "./chosen-moment.tsx";
import { useLiveWindow } from "./service-time.tsx";

/** Only the day matters of it. */
const MINUTE_MS = 60_000;
const OPTIONS = LIVE_WINDOW_NAMES.map((value) => ({ value, label: LIVE_WINDOW_WORDS[value] }));

/** Which stretch of time the whole page is drawn over, and what was changed in it. */
export function TimeBar() {
  const { seen, zoomed, zoom, undo, changes, changesCutAt } = useTimeAxis();
  const [name, setName] = useLiveWindow();
  const past = usePast();
  const now = useNow(MINUTE_MS);
  const count = changes.filter(({ at }) => at >= seen.from && at <= seen.to).length;
  const cut = changesCutAt !== null && changesCutAt > seen.from;
  return (
    <section className="svc-time" aria-label="Time of the charts">
      <div className="svc-time-head">
        <Segmented
          label="Window"
          value={zoomed ? null : name}
          onChange={(next) => {
            if (zoomed) zoom(null);
            setName(next);
          }}
          options={OPTIONS}
        />
        {zoomed ? (
          <>
            <span className="hf-chip svc-not-live" role="status">
              <History size={12} aria-hidden />
              {formatSpan(seen, now)}, not live
            </span>
            <Button tone="quiet" onClick={undo}>
              Undo zoom
            </Button>
            <Button onClick={() => zoom(null)}>{past ? `Back to the last ${LIVE_WINDOW_WORDS[name]}` : "Back to live"}</Button>
          </>
        ) : (
          <span className="svc-note">{past ? `The ${LIVE_WINDOW_WORDS[name]} until then.` : null} Drag over a chart to look closer.</span>
        )}
        <ChosenMoment />
        <span className="svc-note svc-push">
          {cut ? `${plural(count, "change")} or more` : count === 0 ? "no changes" : plural(count, "change")}
        </span>
      </div>
      <ChangeMarkers changes={changes} window={seen} />
      <MomentSlider label="Moment on the charts" window={seen}>
        <TimePlot window={seen} marks="lines" className="svc-time-plot">
          <TimeScale window={seen} />
        </TimePlot>
      </MomentSlider>
    </section>
  );
}
