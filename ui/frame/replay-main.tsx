"use client";
/** What stands in the frame while it replays: the screens as of the moment, or why there is nothing to show. */
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { Button } from "../components/button.tsx";
import { Empty } from "../components/empty.tsx";
import { ErrorNote } from "../components/error-note.tsx";
import { useConnection } from "../live/hooks.ts";
import { AsOf, useReplay, useReplayed } from "../replay/replay-provider.tsx";
import { momentWords } from "./replay-words.ts";

/** Pages that do not replay: what they show is of now, or has its own time. */
const OF_NOW = ["/settings", "/incidents/rules", "/incidents/accounting", "/audit"];

export const isOfNow = (path: string): boolean => OF_NOW.some((page) => path === page || path.startsWith(`${page}/`));

export function ReplayMain({ children }: { readonly children: ReactNode }) {
  const phase = useReplayed((view) => view.phase);
  const path = usePathname();
  if (phase === "live") return children;
  if (isOfNow(path))
    return (
      <>
        <p className="fr-moment" role="note">
          <span>
            This page is not part of the replay. <b>What it shows is of now.</b>
          </span>
        </p>
        {children}
      </>
    );
  if (phase === "shown") return <AsOf key="past">{children}</AsOf>;
  return <NoPicture />;
}

function NoPicture() {
  const replay = useReplay();
  const { now } = useConnection();
  const { phase, at, recordedFrom, error } = useReplayed((view) => view);
  if (phase === "reading")
    return (
      <p className="rp-reading" role="status">
        Reading what was recorded around {momentWords(at, now)}…
      </p>
    );
  if (phase === "failed")
    return (
      <div className="rp-failed">
        <ErrorNote error={error} />
        <Button onClick={() => replay.retry()}>Try again</Button> <Button onClick={() => replay.goLive()}>Back to live</Button>
      </div>
    );
  return (
    <Empty title={recordedFrom === null ? "Nothing was recorded yet" : `Nothing was recorded before ${momentWords(recordedFrom, now)}`}>
      <p>
        {recordedFrom === null
          ? "The past begins when the first agent has connected."
          : `${momentWords(at, now)} lies before the oldest second that is there, or that is still kept.`}
      </p>
      <p>
        {recordedFrom === null ? null : (
          <Button onClick={() => replay.seek(recordedFrom + 1000)}>Go to {momentWords(recordedFrom, now)}</Button>
        )}{" "}
        <Button onClick={() => replay.goLive()}>Back to live</Button>
      </p>
    </Empty>
  );
}
