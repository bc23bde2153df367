"use client";
/** Fills the two minutes before the page was opened from stored samples, once, so that a trouble's start is on screen. */
import { useEffect, useRef, useState } from "react";
import { getSeries } from "../../api/series.ts";
import { useConnectionState, useEnvironmentName } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { RECALLED_MOST } from "./fleet-picture.ts";
import { usePictureHost } from "./picture-provider.tsx";
import { samplesFrom } from "./stored-samples.ts";

const WINDOW_MS = 120_000;
const STEP_MS = 2000;

/** Grows when they have come. */
export function useBackfill(): number {
  const store = useLiveStore();
  const host = usePictureHost();
  const [filled, setFilled] = useState(0);
  const [state, environment] = [useConnectionState(), useEnvironmentName()];
  const done = useRef(false);
  useEffect(() => {
    const count = store.fleet.instances.size;
    // The picture of a replay brings its own seconds before.
    if (store.past || done.current || state !== "live" || environment === "" || count === 0 || count > RECALLED_MOST) return;
    done.current = true;
    const to = Math.round(store.now());
    getSeries({ environment, columns: "requests,errors", from: to - WINDOW_MS, to, step: STEP_MS }).then(
      (answer) => {
        for (const [key, samples] of samplesFrom(answer, store.fleet)) store.backfill(key, samples);
        host?.backfill(answer);
        setFilled((count) => count + 1);
      },
      // Without it the lines start at the moment the page was opened, which is true too.
      () => undefined,
    );
  }, [store, host, state, environment]);
  return filled;
}
