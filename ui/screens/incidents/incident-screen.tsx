"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { parseAsInteger, parseAsStringLiteral, useQueryState } from "nuqs";
import { useEffect } from "react";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import { ProblemError } from "../../api/client.ts";
import { Empty } from "../../components/empty.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useEnvironment } from "../../frame/environment.tsx";
import { useNow } from "../../live/hooks.ts";
import { Cascade } from "./cascade.tsx";
import { DependencyPicture } from "./dependency-picture.tsx";
import { ImpactStrip } from "./impact-strip.tsx";
import { IncidentActs } from "./incident-acts.tsx";
import { IncidentCharts } from "./incident-charts.tsx";
import { IncidentHead } from "./incident-head.tsx";
import { IncidentLanes } from "./incident-lanes.tsx";
import { incidentHref, isOpenStatus } from "./incident-words.ts";
import { Timeline } from "./timeline.tsx";
import { useIncident, useRefusal, useStory } from "./use-incidents.ts";
import { WriteUpTab } from "./write-up-tab.tsx";
import "./incidents.css";
import "./incident.css";

const TABS = ["story", "write-up"] as const;

/** One incident, by its number or its id. */
export function IncidentScreen({ reference }: { readonly reference: string }) {
  const { environment } = useEnvironment();
  const router = useRouter();
  const incident = useIncident(environment, reference);
  const number = incident.data?.number;
  // A link to one that was merged leads to the one that took it in; a link by id to the same page by number.
  const elsewhere = number !== undefined && String(number) !== reference;
  useEffect(() => {
    if (!elsewhere) return;
    const from = /^\d{1,9}$/.test(reference) ? `?from=${reference}` : "";
    router.replace(`${incidentHref(number)}${from}${window.location.hash}`);
  }, [elsewhere, number, reference, router]);
  if (incident.data !== undefined && !elsewhere) return <TheIncident incident={incident.data} environment={environment} />;
  if (incident.error instanceof ProblemError && incident.error.code === "incident_unknown")
    return (
      <Empty title={`There is no incident ${reference} in ${environment}`}>
        <p>
          Numbers are given within an environment. <Link href="/incidents">All incidents of {environment}</Link>
        </p>
      </Empty>
    );
  return (
    <div className="in">
      <header className="in-head">
        <h1>Incident {reference}</h1>
      </header>
      {incident.isError ? <ErrorNote error={incident.error} /> : <p className="in-note">Reading…</p>}
    </div>
  );
}

function TheIncident({ incident, environment }: { readonly incident: IncidentAnswer; readonly environment: string }) {
  const [tab, setTab] = useQueryState("tab", parseAsStringLiteral(TABS).withDefault("story"));
  const refusal = useRefusal();
  const now = useNow(1000);
  const open = isOpenStatus(incident.status);
  const story = useStory(incident.id, open);
  const shared = { incident, environment, refusal };
  return (
    <div className="in">
      <MergedNote number={incident.number} />
      <IncidentHead {...shared} now={now} />
      <IncidentActs {...shared} />
      <div className="in-strip-line">
        <Segmented
          label="Part"
          value={tab}
          onChange={(next) => void setTab(next)}
          options={[
            { value: "story", label: "What happened" },
            { value: "write-up", label: "Write-up" },
          ]}
        />
      </div>
      {story.isError ? <ErrorNote error={story.error} /> : null}
      {tab === "write-up" ? (
        <WriteUpTab {...shared} story={story.data ?? null} />
      ) : (
        <div className="in-columns">
          <div className="in-main">
            <ImpactStrip incident={incident} story={story.data ?? null} environment={environment} />
            <Cascade {...shared} />
            {incident.suspects.length === 0 ? null : (
              <section className="in-part" aria-label="Who calls whom">
                <header>
                  <h2>Who calls whom</h2>
                  <span className="in-note">numbers are those of the cascade, at the end that noticed</span>
                </header>
                <DependencyPicture suspects={incident.suspects} edges={incident.edges} />
              </section>
            )}
            <IncidentLanes incident={incident} changes={story.data?.changes ?? []} now={now} />
            <IncidentCharts incident={incident} environment={environment} changes={story.data?.changes ?? []} now={now} />
          </div>
          <Timeline {...shared} />
        </div>
      )}
    </div>
  );
}

/** Said once to who came by the link of an incident that was merged. */
function MergedNote({ number }: { readonly number: number }) {
  const [from, setFrom] = useQueryState("from", parseAsInteger);
  if (from === null || from === number) return null;
  return (
    <p className="in-merged" role="status">
      Incident {from} was merged into this one.{" "}
      <button type="button" className="in-link" onClick={() => void setFrom(null)}>
        Dismiss
      </button>
    </p>
  );
}
