"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { LoggedEvent } from "../../protocol/live.ts";
import { get, query } from "../api/client.ts";
import { formatMinute } from "../charts/format.ts";
import { useReplay, useReplayView } from "../replay/replay-provider.tsx";
import { useEnvironment } from "./environment.tsx";
import { momentWords } from "./replay-words.ts";
import { stretchAround, timeMarks, type Span, type Stretch, type TimeMark } from "./time-span.ts";

const WIDTH = 1000;
const MARK: Readonly<Record<TimeMark["kind"], { readonly y: number; readonly height: number }>> = {
  trouble: { y: 8, height: 12 },
  people: { y: 0, height: 20 },
  other: { y: 15, height: 5 },
};

/** Every moment of a stretch, to be dragged to; what changed stands on it as marks. */
export function TimeScrubber({ span }: { readonly span: Span }) {
  const replay = useReplay();
  const { at, loop, recordedFrom } = useReplayView();
  const { environment } = useEnvironment();
  const [kept, keep] = useState<Stretch | null>(null);
  const stretch = stretchAround(kept, at, { span, edge: replay.edge() });
  if (stretch !== kept) keep(stretch);
  const { from, to } = stretch;
  const events = useQuery({
    queryKey: ["replay-marks", environment, from, to],
    queryFn: ({ signal }) =>
      get<{ items: LoggedEvent[]; nextCursor: string | null }>(
        `/events${query({ environment, since: from, until: to, limit: 500 })}`,
        signal,
      ),
    staleTime: 30_000,
  });
  const x = (time: number): number => Math.min(WIDTH, Math.max(0, ((time - from) / (to - from)) * WIDTH));
  return (
    <div className="rp-scrub">
      <time className="hf-figure">{formatMinute(from)}</time>
      <div className="rp-track">
        <svg viewBox={`0 0 ${WIDTH} 20`} preserveAspectRatio="none" aria-hidden>
          <line x1="0" x2={WIDTH} y1="19.5" y2="19.5" className="rp-line" />
          {recordedFrom === null ? null : <rect x="0" width={x(recordedFrom)} y="0" height="20" className="rp-empty" />}
          <rect x={x(replay.edge())} width={WIDTH - x(replay.edge())} y="0" height="20" className="rp-empty" />
          {loop === null ? null : (
            <rect x={x(loop.from)} width={Math.max(2, x(loop.to) - x(loop.from))} y="0" height="20" className="rp-loop" />
          )}
          {timeMarks(events.data?.items ?? [], stretch).map((mark) => (
            <rect key={mark.at} x={x(mark.at) - 1} width="3" {...MARK[mark.kind]} className={`rp-mark-${mark.kind}`} />
          ))}
        </svg>
        <input
          type="range"
          aria-label="Moment"
          aria-valuetext={momentWords(at, to)}
          min={from}
          max={to}
          step={1000}
          value={Math.round(at / 1000) * 1000}
          onChange={(event) => replay.seek(Number(event.target.value))}
        />
      </div>
      <time className="hf-figure">{formatMinute(to)}</time>
    </div>
  );
}
