import { formatClock } from "../../charts/format.ts";
import { formatDuration } from "../../components/duration.ts";
import type { Freshness } from "./freshness.ts";

/** Over the whole width, while what is seen is not what is. */
export function WallStale({
  freshness,
  now,
  ageMs,
}: {
  readonly freshness: Freshness;
  readonly now: number;
  readonly ageMs: number | null;
}) {
  if (freshness === "live") return null;
  return (
    <div className="wl-stale" role="alert">
      {freshness === "waiting" ? (
        <b>CONNECTING</b>
      ) : (
        <>
          <b>NOT LIVE</b>
          <span>
            This is the picture of {formatClock(now - (ageMs ?? 0))}, {formatDuration(ageMs ?? 0)} old. What has happened since is unknown.
          </span>
        </>
      )}
    </div>
  );
}
