"use client";
import { useState } from "react";
import { ApplyTimes } from "../../charts/apply-times.tsx";
import { formatNumber } from "../../charts/format.ts";
import { GoldenChart } from "../../charts/golden-chart.tsx";
import type { GoldenPoint } from "../../charts/golden-series.ts";
import { FlowBar, PoolBullet, ThresholdMeter, WindowBar, type Tone } from "../../charts/meters.tsx";
import { CountdownRing, TrafficDisc } from "../../charts/rings.tsx";
import { Sparkline } from "../../charts/sparkline.tsx";
import type { Run, RunState } from "../../charts/state-runs.ts";
import { StateStrip } from "../../charts/state-strip.tsx";
import { Shelf } from "./shelf.tsx";

const TONES: readonly Tone[] = ["plain", "closed", "half_open", "warning", "open", "forced"];
const STATES: readonly RunState[] = ["closed", "open", "half_open", "closed", "gap", "forced_open", "forced_closed", "disabled"];
/** A wave with a gap of what was not heard. */
const LINE: readonly (number | null)[] = Array.from({ length: 60 }, (_, i) => (i > 30 && i < 36 ? null : 40 + 30 * Math.sin(i / 6)));
const FLOW = [
  { name: "ok", word: "admitted", perSecond: 90 },
  { name: "limited", word: "limited", perSecond: 14 },
  { name: "shed", word: "shed", perSecond: 20 },
  { name: "rejected", word: "short-circuited", perSecond: 9 },
  { name: "failure", word: "failed", perSecond: 12 },
  { name: "fallback", word: "fallback", perSecond: 7 },
] as const;

const pointsAt = (now: number): readonly GoldenPoint[] =>
  LINE.map((value, i) => ({ at: now - (60 - i) * 5_000, requests: value, errors: value, p99: value, saturation: value }));
const runsAt = (now: number): readonly Run[] =>
  STATES.map((state, i) => ({ state, from: now - (STATES.length - i) * 30_000, to: now - (STATES.length - i - 1) * 30_000 }));

/** Figures as pictures. */
export function ChartBench() {
  const [now] = useState(() => Date.now());
  return (
    <>
      <Shelf name="GoldenChart" stacked>
        <GoldenChart points={pointsAt(now)} column="requests" tone="plain" least={10} format={formatNumber} />
        <GoldenChart points={pointsAt(now)} column="errors" tone="open" least={10} format={formatNumber} />
        <GoldenChart points={[]} column="errors" tone="plain" least={10} format={formatNumber} />
      </Shelf>
      <Shelf name="Sparkline" stacked>
        <Sparkline series={[{ role: "main", values: LINE }]} label="a wave" />
        <Sparkline
          series={[
            { role: "in", values: LINE },
            { role: "out", values: LINE.map((value) => value && value * 0.8) },
          ]}
          limit={64}
          label="in against out"
        />
        <Sparkline series={[{ role: "main", values: [] }]} label="nothing known" />
      </Shelf>
      <Shelf name="StateStrip" stacked>
        <StateStrip runs={runsAt(now)} window={{ from: now - 240_000, to: now }} label="Every state" />
        <StateStrip runs={[]} window={{ from: now - 240_000, to: now }} label="Nothing known" />
      </Shelf>
      <Shelf name="ThresholdMeter" stacked>
        {TONES.map((tone, i) => (
          <ThresholdMeter key={tone} permille={100 + i * 160} threshold={500} tone={tone} />
        ))}
        <ThresholdMeter permille={null} threshold={null} tone="plain" />
      </Shelf>
      <Shelf name="WindowBar" stacked>
        <WindowBar rates={{ calls: 100, failures: 30, timeouts: 12, rejected: 20, fallbacks: 25 }} seconds={10} />
        <WindowBar rates={{ calls: null, failures: null, timeouts: null, rejected: null, fallbacks: null }} seconds={10} />
      </Shelf>
      <Shelf name="PoolBullet" stacked>
        <PoolBullet pool={{ inUse: 3, idle: 4, waiting: 0, max: 10 }} tone="plain" label="3 of 10" />
        <PoolBullet pool={{ inUse: 9, idle: 1, waiting: 0, max: 10 }} tone="warning" label="9 of 10" />
        <PoolBullet pool={{ inUse: 10, idle: 0, waiting: 6, max: 10 }} tone="open" label="10 of 10, 6 wait" />
        <PoolBullet pool={{ inUse: null, idle: null, waiting: null, max: null }} tone="plain" label="unknown" />
      </Shelf>
      <Shelf name="FlowBar" stacked>
        <FlowBar parts={FLOW} />
        <FlowBar parts={[]} />
      </Shelf>
      <Shelf name="CountdownRing, TrafficDisc">
        {[30_000, 12_000, 1_000, 0].map((leftMs) => (
          <CountdownRing key={leftMs} leftMs={leftMs} totalMs={30_000} />
        ))}
        {TONES.map((tone, i) => (
          <TrafficDisc key={tone} perSecond={(i + 1) * 30} full={180} tone={tone} />
        ))}
        <TrafficDisc perSecond={null} full={180} tone="plain" />
      </Shelf>
      <Shelf name="ApplyTimes" stacked>
        <ApplyTimes times={[2, 3, 3, 5, 8, 14, 31]} />
      </Shelf>
    </>
  );
}
