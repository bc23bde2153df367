"use client";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import Link from "next/link";
import type { Accounting, BreakerAccount } from "../../../protocol/incident-api.ts";
import { shedTotal } from "../../../core/incidents/accounting.ts";
import { counted, lasting } from "../../../core/incidents/words.ts";
import { formatNumber, formatUtc } from "../../charts/format.ts";
import { Chip } from "../../components/chip.tsx";
import { Empty } from "../../components/empty.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { useEnvironment } from "../../frame/environment.tsx";
import { useLiveStore } from "../../live/live-provider.tsx";
import { IncidentsNav } from "./incidents-nav.tsx";
import { useAccounting } from "./use-incidents.ts";
import "./incidents.css";

const WINDOWS = { day: 1, week: 7, month: 30 } as const;
const NAMES = ["day", "week", "month"] as const satisfies readonly (keyof typeof WINDOWS)[];
const WEEK_DAYS = 7;
const DAY_MS = 86_400_000;

/** What breakers cost and what protection saved, over a window. */
export function AccountingScreen() {
  const { environment } = useEnvironment();
  const [window, setWindow] = useQueryState("window", parseAsStringLiteral(NAMES).withDefault("week"));
  const store = useLiveStore();
  const account = useAccounting(environment, WINDOWS[window], () => store.now());
  return (
    <div className="in">
      <header className="in-head">
        <h1>Accounting</h1>
        <IncidentsNav on="accounting" />
        <span className="hf-grow" />
        <Segmented
          label="Window"
          value={window}
          onChange={(next) => void setWindow(next)}
          options={[
            { value: "day", label: "24 hours" },
            { value: "week", label: "7 days" },
            { value: "month", label: "30 days" },
          ]}
        />
      </header>
      <ErrorNote error={account.error} />
      {account.isPending ? <p className="in-note">Counting…</p> : null}
      {account.data === undefined ? null : <Account account={account.data} />}
    </div>
  );
}

function Account({ account }: { readonly account: Accounting }) {
  const { from, to, breakers, shed, incidents, saved, truncated } = account;
  const longest = [...breakers].sort((a, b) => b.longestOpenMs - a.longestOpenMs)[0];
  const shedSum = shed.reduce((sum, entry) => sum + shedTotal(entry), 0);
  return (
    <>
      <dl className="in-figures">
        <div>
          <dt>Incidents</dt>
          <dd>{incidents.opened}</dd>
          <dd className="in-note">{incidents.reopened === 0 ? "none reopened" : `${String(incidents.reopened)} reopened`}</dd>
        </div>
        <div>
          <dt>Minutes in incidents</dt>
          <dd>{formatNumber(incidents.openMinutes)}</dd>
          <dd className="in-note">of {formatNumber((to - from) / 60_000)}</dd>
        </div>
        <div>
          <dt>Breakers that opened</dt>
          <dd>{breakers.length}</dd>
          <dd className="in-note">{longest ? `longest ${lasting(longest.longestOpenMs)}` : "none"}</dd>
        </div>
        <div>
          <dt>Shed</dt>
          <dd>{formatNumber(shedSum)}</dd>
          <dd className="in-note">calls turned away</dd>
        </div>
      </dl>
      <p className="in-saved">{saved}</p>
      {truncated ? <p className="in-note">The window holds more than could be read: the counts are at least these.</p> : null}
      <section className="in-part" aria-label="Breakers">
        <header>
          <h2>Breakers</h2>
          <span className="in-note">
            {formatUtc(from)} to {formatUtc(to)}, longest open first
          </span>
        </header>
        {breakers.length === 0 ? (
          <Empty title="No breaker was open">
            <p>Nothing to account for in this window.</p>
          </Empty>
        ) : (
          <Table
            label="Breakers that were open"
            columns={breakerColumns(breakers, (to - from) / DAY_MS)}
            rows={breakers}
            rowKey={({ service, name }) => `${service}/${name}`}
          />
        )}
      </section>
      {shed.length === 0 ? null : (
        <section className="in-part" aria-label="Shed">
          <header>
            <h2>Shed load</h2>
            <span className="in-note">calls turned away, by class</span>
          </header>
          <Table label="Shed calls by service and class" columns={SHED} rows={shed} rowKey={({ service }) => service} />
        </section>
      )}
    </>
  );
}

const FLAP: Readonly<Record<BreakerAccount["flap"], { readonly word: string; readonly status: "closed" | "warning" | "open" }>> = {
  steady: { word: "steady", status: "closed" },
  restless: { word: "restless", status: "warning" },
  flapping: { word: "flapping", status: "open" },
};

function breakerColumns(all: readonly BreakerAccount[], days: number): readonly TableColumn<BreakerAccount>[] {
  const most = Math.max(1, ...all.map(({ openMinutes }) => openMinutes));
  // Less than a week is told as it is: a bad hour is no bad week.
  const perWeek = days > WEEK_DAYS ? WEEK_DAYS / days : 1;
  return [
    {
      key: "name",
      title: "Breaker",
      cell: ({ service, name, target }) => (
        <Link href={`/services/${encodeURIComponent(service)}`}>
          {service} → {target ?? name}
        </Link>
      ),
    },
    {
      key: "open",
      title: perWeek === 1 ? "Minutes open" : "Minutes open a week",
      figure: true,
      cell: ({ openMinutes }) => (
        <span className="in-bar" style={{ "--share": `${String((openMinutes / most) * 100)}%` } as Record<string, string>}>
          {formatNumber(openMinutes * perWeek)}
        </span>
      ),
    },
    {
      key: "instances",
      title: "Summed over instances",
      figure: true,
      cell: ({ instanceMinutes }) => formatNumber(instanceMinutes * perWeek),
    },
    { key: "longest", title: "Longest", figure: true, cell: ({ longestOpenMs }) => lasting(longestOpenMs) },
    { key: "openings", title: "Openings", figure: true, cell: ({ openings }) => formatNumber(openings) },
    {
      key: "flap",
      title: "Flapping",
      cell: ({ flap, flapsPerHour }) => (
        <span title={`At most ${counted(flapsPerHour, "opening")} within an hour on one instance`}>
          <Chip status={FLAP[flap].status}>{FLAP[flap].word}</Chip> <span className="in-note">{flapsPerHour} an hour at most</span>
        </span>
      ),
    },
    { key: "short", title: "Answered at once", figure: true, cell: ({ shortCircuited }) => formatNumber(shortCircuited) },
    { key: "fallbacks", title: "Fallbacks", figure: true, cell: ({ fallbacks }) => formatNumber(fallbacks) },
  ];
}

const SHED: readonly TableColumn<Accounting["shed"][number]>[] = [
  { key: "service", title: "Service", cell: ({ service }) => <Link href={`/services/${encodeURIComponent(service)}`}>{service}</Link> },
  ...(["low", "medium", "high", "critical"] as const).map((name) => ({
    key: name,
    title: name,
    figure: true,
    cell: (row: Accounting["shed"][number]) => formatNumber(row[name]),
  })),
];
