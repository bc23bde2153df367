"use client";
import { Pause, Play, Repeat, SkipBack, SkipForward, SlidersHorizontal } from "lucide-react";
import { usePathname } from "next/navigation";
import { useState } from "react";
import { Button } from "../components/button.tsx";
import { Kbd } from "../components/kbd.tsx";
import { Segmented } from "../components/segmented.tsx";
import { Sheet } from "../components/sheet.tsx";
import { useConnection } from "../live/hooks.ts";
import { useReplay, useReplayView } from "../replay/replay-provider.tsx";
import { SPEEDS, type Speed } from "../replay/replay-store.ts";
import { pressLoop } from "./loop-press.ts";
import { momentWords, sinceWords } from "./replay-words.ts";
import { TimeField } from "./time-field.tsx";
import { TimeScrubber } from "./time-scrubber.tsx";
import { SPANS, SPAN_WORDS, type Span } from "./time-span.ts";
import { useTools } from "./tools-context.ts";

/** The controls of a replay under the header of every page. On a phone one row; the rest is in a sheet. */
export function ReplayBar() {
  const { phase } = useReplayView();
  return phase === "live" ? null : <Bar />;
}

function Bar() {
  const [span, setSpan] = useState<Span>(3_600_000);
  const [more, setMore] = useState(false);
  return (
    <section className="rp-bar" aria-label="Replay">
      <Transport />
      <Said />
      <div className="rp-wide">
        <TimeScrubber span={span} />
        <SpanChoice span={span} onChange={setSpan} />
        <SpeedChoice />
        <span className="rp-rest">
          <LoopButton />
          <TimeField />
          <Asking />
        </span>
      </div>
      <button type="button" className="rp-more" aria-label="More of the replay" aria-haspopup="dialog" onClick={() => setMore(true)}>
        <SlidersHorizontal size={16} aria-hidden />
      </button>
      {more ? (
        <Sheet open onClose={() => setMore(false)} title="Replay" description="What you see is of this moment, not of now.">
          <div className="rp-sheet">
            <TimeScrubber span={span} />
            <SpanSegments span={span} onChange={setSpan} />
            <SpeedSegments />
            <LoopButton />
            <TimeField />
            <Asking />
          </div>
        </Sheet>
      ) : null}
    </section>
  );
}

function Transport() {
  const replay = useReplay();
  const { playing } = useReplayView();
  return (
    <span className="rp-transport">
      <button type="button" aria-label="Previous transition" title="Previous transition  [" onClick={() => void replay.step(-1)}>
        <SkipBack size={16} aria-hidden />
      </button>
      <button
        type="button"
        className="rp-play"
        aria-label={playing ? "Hold" : "Play"}
        title={playing ? "Hold  p" : "Play  p"}
        onClick={() => replay.toggle()}
      >
        {playing ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
      </button>
      <button type="button" aria-label="Next transition" title="Next transition  ]" onClick={() => void replay.step(1)}>
        <SkipForward size={16} aria-hidden />
      </button>
    </span>
  );
}

/** Which moment, how long ago, and what the player is waiting for. */
function Said() {
  const { at, phase, waiting, step, atEdge, incomplete, error } = useReplayView();
  const { now } = useConnection();
  const note =
    step === "looking"
      ? "looking for a transition…"
      : step === "none"
        ? "no further transition"
        : phase === "reading" || waiting
          ? "reading…"
          : error !== null
            ? "could not be read"
            : atEdge
              ? "the newest that is recorded"
              : incomplete
                ? "part of this window is missing"
                : "";
  return (
    <span className="rp-said">
      <b className="hf-figure">{momentWords(at, now)}</b>
      <span className="rp-since">
        <strong>not live</strong>, <span className="hf-figure">{sinceWords(at, now)}</span>
      </span>
      <span className="rp-note" role="status">
        {note}
      </span>
    </span>
  );
}

const speedOptions = SPEEDS.map((speed) => ({ value: String(speed), label: `${speed}×` }));
const asSpeed = (text: string): Speed => SPEEDS.find((speed) => String(speed) === text) ?? 1;

function SpeedChoice() {
  const replay = useReplay();
  const { speed } = useReplayView();
  return (
    <select aria-label="Speed" value={String(speed)} onChange={(event) => replay.setSpeed(asSpeed(event.target.value))}>
      {speedOptions.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

function SpeedSegments() {
  const replay = useReplay();
  const { speed } = useReplayView();
  return <Segmented label="Speed" value={String(speed)} options={speedOptions} onChange={(value) => replay.setSpeed(asSpeed(value))} />;
}

interface SpanProps {
  readonly span: Span;
  readonly onChange: (span: Span) => void;
}

const spanOptions = SPANS.map((span) => ({ value: String(span), label: SPAN_WORDS[span] }));
const asSpan = (text: string): Span => SPANS.find((span) => String(span) === text) ?? 3_600_000;

function SpanChoice({ span, onChange }: SpanProps) {
  return (
    <select aria-label="Stretch of time" value={String(span)} onChange={(event) => onChange(asSpan(event.target.value))}>
      {spanOptions.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

function SpanSegments({ span, onChange }: SpanProps) {
  return <Segmented label="Stretch of time" value={String(span)} options={spanOptions} onChange={(value) => onChange(asSpan(value))} />;
}

function LoopButton() {
  const replay = useReplay();
  const { at, loop } = useReplayView();
  const { now } = useConnection();
  const [start, setStart] = useState<number | null>(null);
  const press = (): void => {
    const next = pressLoop({ loop, start }, at);
    setStart(next.start);
    replay.setLoop(next.loop);
    if (next.loop !== null) replay.play();
  };
  const words = loop !== null ? "Looping" : start !== null ? `From ${momentWords(start, now)} to here` : "Loop";
  const title =
    loop !== null ? "Stop going round" : start !== null ? "Go round from there to here" : "Go round a stretch: press where it begins";
  return (
    <Button aria-pressed={loop !== null || start !== null} title={title} onClick={press}>
      <Repeat size={14} aria-hidden /> {words}
    </Button>
  );
}

function Asking() {
  const { act } = useTools();
  const path = usePathname();
  return (
    <>
      <Button onClick={() => act("what-changed")}>
        What changed? <Kbd>w</Kbd>
      </Button>
      {path.startsWith("/switchboard") ? <Button onClick={() => act("as-it-was")}>As it was</Button> : null}
    </>
  );
}
