"use client";
import { createParser, useQueryState } from "nuqs";
import { Button } from "../components/button.tsx";
import { formatDuration } from "../components/duration.ts";
import { useLiveNow } from "../live/hooks.ts";
import { MOMENT_PARAM, momentOf } from "./links.ts";

const parseMoment = createParser({ parse: momentOf, serialize: (at: number) => new Date(at).toISOString() });
/** A link that is opened at once needs no word about its age. */
const FRESH_MS = 60_000;

/** A link names the moment it was made for; this says so, and that what is shown is now. */
export function MomentNote() {
  const [at, setAt] = useQueryState(MOMENT_PARAM, parseMoment);
  const now = useLiveNow(1000);
  if (at === null || now - at < FRESH_MS) return null;
  return (
    <p className="fr-moment">
      <span>
        This link was made for <time dateTime={new Date(at).toISOString()}>{new Date(at).toLocaleString()}</time>,{" "}
        {formatDuration(now - at)} ago. <b>What you see is now.</b>
      </span>
      <Button tone="quiet" onClick={() => void setAt(null)}>
        Dismiss
      </Button>
    </p>
  );
}
