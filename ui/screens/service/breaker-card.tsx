"use client";

import type { Status } from "../../../core/health.ts";
import type { BreakerState } from "../../../protocol/kinds.ts";
import { Glyph } from "../../components/glyph.tsx";
import { formatClock, formatNumber, formatPermille, formatUs, UNKNOWN } from "../../charts/format.ts";
import { ThresholdMeter, WindowBar, type Tone } from "../../charts/meters.tsx";
import { windowBar } from "../../charts/bars.ts";
import { CountdownRing, TrafficDisc } from "../../charts/rings.tsx";
import { sinceWhen, type Run, type StripWindow } from "../../charts/state-runs.ts";
import { StateStrip } from "../../charts/state-strip.tsx";
import { breakerSentence, isNearLimit, stateWords, type BreakerView } from "./breaker-view.ts";
import { WINDOW_SECONDS } from "./members.ts";

const WORDS: Readonly<Record<BreakerState, string>> = {
  closed: "closed",
  half_open: "half-open",
  open: "open",
  forced_open: "forced open",
  forced_closed: "forced closed",
  disabled: "disabled",
};

/** Status of a breaker's state in the language of the console; null is not heard. */
export function statusOfState(state: BreakerState | null): Status {
  if (state === null) return "stale";
  if (state === "closed" || state === "half_open" || state === "open") return state;
  return "forced";
}

export function statusOfBreaker(view: BreakerView): Status {
  return isNearLimit(view) ? "warning" : statusOfState(view.state);
}

const TONE: Readonly<Record<Status, Tone>> = {
  closed: "closed",
  half_open: "half_open",
  warning: "warning",
  open: "open",
  forced: "forced",
  switched: "plain",
  stale: "plain",
  offline: "plain",
  unseen: "plain",
};

/** More instances than this are counted, not drawn. */
const TICKS = 40;

export interface BreakerCardProps {
  readonly view: BreakerView;
  readonly runs: readonly Run[];
  readonly window: StripWindow;
  /** Calls a second and instance that fill the traffic disc: the busiest breaker of the page. */
  readonly busiest: number;
}

export function BreakerCard({ view, runs, window, busiest }: BreakerCardProps) {
  const status = statusOfBreaker(view);
  const tone = TONE[status];
  const word = view.state === null ? "not heard" : status === "warning" ? "near limit" : stateWords(view, WORDS[view.state]);
  const since = sinceWhen(runs, window);
  const heard = view.members.filter((member) => member.state !== null).length;
  return (
    <article
      className="svc-breaker"
      data-status={status}
      data-state={view.state ?? "unknown"}
      aria-label={`Breaker ${view.name}, ${word}, ${breakerSentence(view)}`}
    >
      <header className="svc-breaker-head">
        <Glyph status={status} size={14} />
        <h3 title={view.target === null ? view.name : `${view.name}, to ${view.target}`}>{view.name}</h3>
        <span className="svc-word" data-tone={tone}>
          {word}
        </span>
        <InstanceTicks view={view} />
      </header>
      <div className="svc-breaker-main">
        <div className="svc-disc">
          <TrafficDisc perSecond={heard === 0 || view.rates.calls === null ? null : view.rates.calls / heard} full={busiest} tone={tone} />
          <span className="svc-mono">{view.rates.calls === null ? UNKNOWN : `${formatNumber(view.rates.calls)}/s`}</span>
        </div>
        <div className="svc-breaker-share">
          <p className="svc-figure" data-tone={tone === "closed" ? "plain" : tone}>
            {formatPermille(view.failurePermille)}
            <small>{view.failurePermille === null ? " no calls" : " % failures"}</small>
          </p>
          <ThresholdMeter permille={view.failurePermille} threshold={view.threshold} tone={tone === "closed" ? "plain" : tone} />
          <p className="svc-note">
            {view.threshold === null ? "limit not told" : `opens at ${formatPermille(view.threshold)} %`}
            {view.members.length > 1 && view.worstInstance !== null && status !== "closed" ? `, worst ${view.worstInstance}` : ""}
          </p>
        </div>
        {view.nextProbeMs === null ? null : (
          <div className="svc-probe">
            <CountdownRing leftMs={view.nextProbeMs} totalMs={view.resetMs ?? view.nextProbeMs} />
            <span className="svc-note">to next probe</span>
          </div>
        )}
      </div>
      <div className="svc-strip-head svc-note">
        <span>15 min</span>
        {since === null || view.state === null ? null : (
          <span>
            {WORDS[view.state]} since <span className="svc-mono">{formatClock(since)}</span>
          </span>
        )}
      </div>
      <StateStrip runs={runs} window={window} label={`Breaker ${view.name}`} />
      <WindowBar rates={view.rates} seconds={WINDOW_SECONDS} />
      <Counts view={view} />
      <div className="svc-facts">
        <dl>
          <div>
            <dt>p50</dt>
            <dd>{formatUs(view.p50Us)}</dd>
          </div>
          <div>
            <dt>p99</dt>
            <dd>{formatUs(view.p99Us)}</dd>
          </div>
        </dl>
        {view.members.length > 1 ? <span className="svc-facts-note">worst instance</span> : null}
      </div>
    </article>
  );
}

function Counts({ view }: { readonly view: BreakerView }) {
  const bar = windowBar(view.rates, WINDOW_SECONDS);
  const known = view.rates.calls !== null;
  const count = (value: number) => (known ? formatNumber(value) : UNKNOWN);
  const of = (part: string) => bar.parts.find((entry) => entry.part === part)?.count ?? 0;
  const cells: readonly (readonly [string, string, number])[] = [
    ["ok", "ok", of("ok")],
    ["fail", "failure", of("failure")],
    ["timeout", "timeout", of("timeout")],
    ["short-circ.", "rejected", of("rejected")],
    ["fallback", "fallback", bar.fallback.count],
  ];
  return (
    <dl className="svc-counts" aria-label={`Calls of the last ${String(WINDOW_SECONDS)} seconds`}>
      {cells.map(([word, part, value]) => (
        <div key={word}>
          <dt>
            <i className={`ch-swatch ch-part-${part}`} aria-hidden="true" />
            {word}
          </dt>
          <dd>{count(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function InstanceTicks({ view }: { readonly view: BreakerView }) {
  if (view.members.length < 2) return null;
  if (view.members.length > TICKS)
    return <span className="svc-note svc-mono svc-ticks">{`${String(view.inState)}/${String(view.members.length)}`}</span>;
  return (
    <span
      className="svc-ticks"
      role="img"
      aria-label={view.members.map((member) => `${member.name} ${member.state === null ? "not heard" : WORDS[member.state]}`).join(", ")}
    >
      {view.members.map((member) => (
        <span key={member.key} title={`${member.name}: ${member.state === null ? "not heard" : WORDS[member.state]}`}>
          <Glyph status={statusOfState(member.state)} size={12} />
        </span>
      ))}
    </span>
  );
}
