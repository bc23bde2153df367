"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { SelfHealth } from "../../../protocol/health-api.ts";
import { get } from "../../api/client.ts";
import { formatMs, formatNumber, plural, UNKNOWN } from "../../charts/format.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { useFleet, useLiveNow } from "../../live/hooks.ts";
import { formatBound, formatBytes, percentile, quantileBetween, ratesBetween, readingBefore, troubles } from "./health-rates.ts";
import { SettingsPart } from "./settings-frame.tsx";

const EVERY_MS = 2000;
/** Five minutes. */
const KEPT = 150;
const WINDOW_MS = 10_000;
const MINUTE_MS = 60_000;
/** An agent that has not been heard for longer is not late but away. */
const AWAY_MS = 5000;

/** Readings since the page was opened, oldest first. */
function useReadings() {
  const client = useQueryClient();
  const queryKey = ["health-self"];
  return useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<readonly SelfHealth[]> => {
      const next = await get<SelfHealth>("/health/self", signal);
      return [...(client.getQueryData<readonly SelfHealth[]>(queryKey) ?? []), next].slice(-KEPT);
    },
    refetchInterval: EVERY_MS,
  });
}

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The console on itself: does it keep up, and if not, where does it stick. */
export function HealthScreen() {
  const readings = useReadings();
  const all = readings.data ?? [];
  const health = all.at(-1);
  if (health === undefined) return readings.isError ? <ErrorNote error={readings.error} /> : <p className="st-note">Asking…</p>;
  const before = readingBefore(all, WINDOW_MS);
  const minute = readingBefore(all, MINUTE_MS);
  const rates = before === null ? null : ratesBetween(before, health);
  const lately = minute === null ? null : ratesBetween(minute, health);
  const since = lately === null || minute === null ? null : minute;
  const commits = (share: number) => quantileBetween(since?.commits ?? null, health.commits, share);
  const wrong = troubles(health, lately, commits(0.99));
  const perSecond = (value: number | undefined): string => (value === undefined ? UNKNOWN : `${formatNumber(value)} /s`);
  const steps = all.slice(1).map((reading, i) => {
    const earlier = all[i];
    return earlier === undefined ? null : (ratesBetween(earlier, reading)?.values ?? null);
  });
  return (
    <>
      {readings.isError ? <ErrorNote error={readings.error} /> : null}
      <div className="st-verdict" data-status={wrong.length === 0 ? "closed" : "warn"} role="status">
        <Glyph status={wrong.length === 0 ? "closed" : "warning"} size={20} />
        <div>
          <b>{wrong.length === 0 ? "The console keeps up." : "The console does not keep up."}</b>
          {wrong.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
        <span className="st-note">
          started <RelativeTime at={health.startedAt} />
        </span>
      </div>
      <div className="st-panels">
        <SettingsPart title="Coming in" note="over the last 10 s">
          <Sparkline
            label={`Values a second since this page was opened, now ${perSecond(rates?.values)}`}
            series={[{ role: "main", values: steps }]}
          />
          <dl className="st-figures">
            <Figure name="Values">{perSecond(rates?.values)}</Figure>
            <Figure name="Frames">{perSecond(rates?.frames)}</Figure>
            <Figure name="Bytes">{rates === null ? UNKNOWN : `${formatBytes(rates.bytes)}/s`}</Figure>
            <Figure name="Events">{perSecond(rates?.events)}</Figure>
            <Figure name="Sent later, into their own time">{perSecond(rates?.backfilled)}</Figure>
          </dl>
        </SettingsPart>
        <SettingsPart title="Lag" note="from there to here">
          <dl className="st-figures">
            <ReadingAge />
            <Figure name="One-second tick, late by">{formatMs(health.tickLagMs)}</Figure>
            <Figure name="Change pushed to every socket, p99">{formatBound(quantileBetween(null, health.pushes, 0.99), formatMs)}</Figure>
            <Figure name="Agents acknowledge, p99">{formatBound(quantileBetween(null, health.acknowledgements, 0.99), formatMs)}</Figure>
          </dl>
        </SettingsPart>
        <SettingsPart title="Database" note="over the last minute">
          <dl className="st-figures">
            <Figure name="Answers">{health.storeHealthy ? "yes" : "no"}</Figure>
            <Figure name="Commit takes, p50">{formatBound(commits(0.5), formatMs)}</Figure>
            <Figure name="Commit takes, p99">{formatBound(commits(0.99), formatMs)}</Figure>
            <Figure name="Commits">{perSecond(lately?.commits)}</Figure>
            <Figure name="Writes in them">{perSecond(lately?.writes)}</Figure>
          </dl>
        </SettingsPart>
        <SettingsPart title="Connected" note="now">
          <dl className="st-figures">
            <Figure name="Agents">{formatNumber(health.agents)}</Figure>
            <Figure name="Browsers">{formatNumber(health.browsers)}</Figure>
            <Figure name="Memory">{formatBytes(health.memoryBytes)}</Figure>
          </dl>
        </SettingsPart>
      </div>
      <Losses health={health} />
    </>
  );
}

/** How old the newest reading of an agent is on this screen: the whole way, from there to these eyes. */
function ReadingAge() {
  const now = useLiveNow(1000);
  const ages = useFleet().flatMap(({ lastFrameAt }) =>
    lastFrameAt === null || now - lastFrameAt > AWAY_MS ? [] : [Math.max(0, now - lastFrameAt)],
  );
  return <Figure name="Newest readings on this screen, 95 % younger than">{formatMs(percentile(ages, 0.95))}</Figure>;
}

const WORDS: Readonly<Record<string, string>> = {
  "agent-events": "events of agents, not taken",
  "agent-samples": "samples of agents, not taken",
  "browser-deltas": "values for a browser that did not keep up; it got newer ones",
  "browser-events": "events for a browser that did not keep up; it was told",
  "refused-messages": "messages that were not understood",
  "history-samples": "samples that could not be kept",
  "damaged-pages": "stored pages that could not be read",
};

function Losses({ health }: { readonly health: SelfHealth }) {
  const groups = [
    { title: "Dropped", counts: health.dropped, none: "Nothing was dropped." },
    { title: "Sockets closed by the console", counts: health.evicted, none: "None was closed." },
    { title: "Connections refused", counts: health.refused, none: "None was refused." },
  ];
  return (
    <SettingsPart title="Lost and refused" note="since the start">
      <div className="st-losses">
        {groups.map(({ title, counts, none }) => {
          const entries = Object.entries(counts).filter(([, count]) => count > 0);
          return (
            <div key={title}>
              <h3>{title}</h3>
              {entries.length === 0 ? <p className="st-note">{none}</p> : null}
              <dl className="st-figures">
                {entries.map(([what, count]) => (
                  <Figure key={what} name={WORDS[what] ?? what}>
                    {formatNumber(count)}
                  </Figure>
                ))}
              </dl>
            </div>
          );
        })}
      </div>
      <p className="st-note">
        {plural(health.events, "event")} committed and acknowledged. Machines read the same at <code>/metrics</code>.
      </p>
    </SettingsPart>
  );
}
