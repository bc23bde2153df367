"use client";
import { useQuery } from "@tanstack/react-query";
import type { JobsAnswer, TiersAnswer } from "../../../protocol/history-api.ts";
import { get, ProblemError } from "../../api/client.ts";
import { formatMs, plural, UNKNOWN } from "../../charts/format.ts";
import { ErrorNote } from "../../components/error-note.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { formatBytes } from "./health-rates.ts";
import { SettingsPart } from "./settings-frame.tsx";

type Tier = TiersAnswer["tiers"][number];
const TIER_WORDS: Readonly<Record<Tier["tier"], { readonly name: string; readonly setting: string }>> = {
  "1s": { name: "Every second", setting: "HOLDFAST_KEEP_SECONDS" },
  "1m": { name: "Minutes", setting: "HOLDFAST_KEEP_MINUTES" },
  "1h": { name: "Hours", setting: "HOLDFAST_KEEP_HOURS" },
};
const bytes = (count: number | null): string => (count === null ? UNKNOWN : formatBytes(count));

const COLUMNS: readonly TableColumn<Tier>[] = [
  { key: "tier", title: "Detail", cell: (tier) => <b>{TIER_WORDS[tier.tier].name}</b> },
  { key: "keep", title: "Kept for", figure: true, cell: (tier) => formatMs(tier.keepMs) },
  {
    key: "reach",
    title: "Reaches back",
    figure: true,
    cell: (tier) => (tier.oldestAt === null ? "nothing yet" : <RelativeTime at={tier.oldestAt} />),
  },
  { key: "bytes", title: "Takes now", figure: true, cell: (tier) => bytes(tier.bytes) },
  { key: "projected", title: "Will take when full", figure: true, cell: (tier) => bytes(tier.projectedBytes) },
  { key: "setting", title: "Set by", cell: (tier) => <code>{TIER_WORDS[tier.tier].setting}</code> },
];

/** How long what is kept, what it takes, and what it will take. */
export function RetentionScreen() {
  const tiers = useQuery({
    queryKey: ["tiers"],
    queryFn: ({ signal }) => get<TiersAnswer>("/history/tiers", signal),
    refetchInterval: 60_000,
  });
  const jobs = useQuery({ queryKey: ["jobs"], queryFn: ({ signal }) => get<JobsAnswer>("/history/jobs", signal), refetchInterval: 60_000 });
  if (tiers.error instanceof ProblemError && tiers.error.problem.status === 404)
    return <p className="st-note">This console does not say yet how long it keeps what.</p>;
  if (tiers.isError) return <ErrorNote error={tiers.error} />;
  if (tiers.isPending) return <p className="st-note">Measuring…</p>;
  const { databaseBytes, projectedBytes, at } = tiers.data;
  return (
    <>
      <SettingsPart
        title="Samples"
        note="Readings are kept as they came, then as minutes, then as hours. Events, changes and incidents are not thinned out. What an incident needs is kept with it."
      >
        <Table label="What is kept" columns={COLUMNS} rows={tiers.data.tiers} rowKey={(tier) => tier.tier} />
      </SettingsPart>
      <SettingsPart
        title="Disk"
        note={
          <>
            Measured <RelativeTime at={at} />. What is projected goes by the pace so far.
          </>
        }
      >
        <dl className="st-figures">
          <div>
            <dt>Whole database now</dt>
            <dd>{bytes(databaseBytes)}</dd>
          </div>
          <div>
            <dt>Samples when every tier is full</dt>
            <dd>{bytes(projectedBytes)}</dd>
          </div>
          {jobs.data === undefined ? null : (
            <div>
              <dt>Hours still to be thinned out</dt>
              <dd>{jobs.data.hoursDue}</dd>
            </div>
          )}
        </dl>
        {jobs.data === undefined || jobs.data.hoursDue < 3 ? null : (
          <p className="st-note">
            {plural(jobs.data.hoursDue, "hour")} wait. They are worked through one by one; nothing is lost meanwhile.
          </p>
        )}
      </SettingsPart>
      <p className="st-note">
        Times are set where the console is started, such as <code>HOLDFAST_KEEP_SECONDS=48h</code>, and hold from its next start.
      </p>
    </>
  );
}
