"use client";

import type { ReactNode } from "react";
import type { Status } from "../../../core/health.ts";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import { Glyph } from "../../components/glyph.tsx";
import { formatNumber, formatPermille, formatUs, UNKNOWN } from "../../charts/format.ts";
import { ThresholdMeter, WindowBar, type Tone } from "../../charts/meters.tsx";
import { windowBar } from "../../charts/bars.ts";
import { CountdownRing, TrafficDisc } from "../../charts/rings.tsx";
import { BreakerPolicy, ForcedByItself } from "./breaker-policy.tsx";
import { BREAKER_WORDS, statusOfState } from "./breaker-words.ts";
import { InstanceTicks } from "./instance-ticks.tsx";
import { breakerSentence, isNearLimit, stateWords, type BreakerView } from "./breaker-view.ts";
import { WINDOW_SECONDS } from "./members.ts";
import type { MergedLatency } from "./use-latencies.ts";

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

export interface BreakerCardProps {
  readonly view: BreakerView;
  /** Its states over time. */
  readonly strip: ReactNode;
  /** Calls a second and instance that fill the traffic disc: the busiest breaker of the page. */
  readonly busiest: number;
  /** What the console may change of it; null when its code leaves nothing to it. */
  readonly policy: PolicyAnswer | null;
  readonly service: string;
  readonly environment: string;
  /** Over all instances, by merged histograms; null when nothing is stored. */
  readonly merged: MergedLatency | null;
}

export function BreakerCard({ view, strip, busiest, policy, service, environment, merged }: BreakerCardProps) {
  const status = statusOfBreaker(view);
  const tone = TONE[status];
  const word = view.state === null ? "not heard" : status === "warning" ? "near limit" : stateWords(view, BREAKER_WORDS[view.state]);
  const worst = view.members.length > 1 ? "worst " : "";
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
      {strip}
      <WindowBar rates={view.rates} seconds={WINDOW_SECONDS} />
      <Counts view={view} />
      <dl className="svc-facts">
        <div>
          <dt>{worst}p50</dt>
          <dd>{formatUs(view.p50Us)}</dd>
        </div>
        <div>
          <dt>{worst}p99</dt>
          <dd>{formatUs(view.p99Us)}</dd>
        </div>
        {merged === null || merged.p99 === null ? null : (
          <div title="Of all instances, the last 15 minutes, by merged histograms">
            <dt>merged p99</dt>
            <dd>{formatUs(merged.p99)}</dd>
          </div>
        )}
      </dl>
      {policy === null ? (
        <ForcedByItself state={view.state} />
      ) : (
        <BreakerPolicy policy={policy} service={service} environment={environment} />
      )}
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
