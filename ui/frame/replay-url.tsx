"use client";
/** The moment lives in the address: a link with one opens the replay there, and the address follows where one goes. */
import { createParser, parseAsInteger, useQueryState } from "nuqs";
import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { isoOf, rangeOf, rangeText } from "../replay/moments.ts";
import type { TimeRange } from "../replay/replay-source.ts";
import { SPEEDS, type ReplayView } from "../replay/replay-store.ts";
import { useReplay, useReplayed } from "../replay/replay-provider.tsx";
import { useGoing } from "./going.tsx";
import { LOOP_PARAM, MOMENT_PARAM, momentOf, SPEED_PARAM } from "./links.ts";

const parseMoment = createParser({ parse: momentOf, serialize: isoOf });
const parseRange = createParser<TimeRange>({ parse: rangeOf, serialize: rangeText, eq: (a, b) => a.from === b.from && a.to === b.to });

/** The address is written when one rests at a moment for so long. */
const RESTED_MS = 300;

/** What the address says, to the second; null while live. */
const addressed = ({ phase, at }: ReplayView): number | null => (phase === "live" ? null : Math.floor(at / 1000) * 1000);
const lasting = ({ phase, loop, speed }: ReplayView) => (phase === "live" ? { loop: null, speed: 1 } : { loop, speed });

interface Writing {
  readonly at: number | null;
  /** What the address says. */
  readonly named: number | null;
  readonly playing: boolean;
  /** A change of page, which a written address would end; what is due is written on the page one comes to. */
  readonly underWay: boolean;
}

/** While it plays the address keeps the moment it was played from. */
export const isToBeWritten = ({ at, named, playing, underWay }: Writing): boolean =>
  !underWay && at !== named && !(playing && named !== null);

export function ReplayUrl() {
  const replay = useReplay();
  const [named, setNamed] = useQueryState(MOMENT_PARAM, parseMoment);
  const [namedLoop, setNamedLoop] = useQueryState(LOOP_PARAM, parseRange);
  const [namedSpeed, setNamedSpeed] = useQueryState(SPEED_PARAM, parseAsInteger);
  const shown = useReplayed(addressed);
  const playing = useReplayed((view) => view.playing);
  const loop = useReplayed((view) => lasting(view).loop);
  const speed = useReplayed((view) => lasting(view).speed);
  /** Moments that this page wrote into the address; another one came from somebody else. */
  const mine = useRef(new Set<number>());
  const path = usePathname();
  const { underWay } = useGoing();
  useEffect(() => {
    const written = mine.current;
    return () => written.clear();
  }, []);

  useEffect(() => {
    if (named === null || mine.current.has(named)) return;
    mine.current.add(named);
    if (namedLoop !== null) replay.setLoop(namedLoop);
    const wanted = SPEEDS.find((one) => one === namedSpeed);
    if (wanted !== undefined) replay.setSpeed(wanted);
    replay.seek(named);
    // Loop and speed come with a moment and are not looked for alone.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [replay, named]);

  useEffect(() => {
    // Newer than the drawing: the effect above may just have begun a replay.
    const at = addressed(replay.view);
    if (!isToBeWritten({ at, named, playing: replay.view.playing, underWay })) return;
    if (at === null) mine.current.clear();
    else mine.current.add(at);
    const timer = setTimeout(() => void setNamed(at), RESTED_MS);
    return () => clearTimeout(timer);
  }, [replay, shown, playing, named, path, underWay, setNamed]);
  useEffect(() => {
    const { loop: range, speed: times } = lasting(replay.view);
    const wanted = times === 1 ? null : times;
    if (underWay || (namedSpeed === wanted && namedLoop?.from === range?.from && namedLoop?.to === range?.to)) return;
    const timer = setTimeout(() => {
      void setNamedLoop(range);
      void setNamedSpeed(wanted);
    });
    return () => clearTimeout(timer);
  }, [replay, loop, speed, shown, underWay, namedLoop, namedSpeed, setNamedLoop, setNamedSpeed]);
  return null;
}
