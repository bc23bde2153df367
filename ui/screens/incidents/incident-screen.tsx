"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { parseAsInteger, parseAsStringLiteral, useQueryState } from "nuqs";
import { useEffect, useState } from "react";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import { ProblemError } from "../../api/client.ts";
import { Empty } from "../../components/empty.tsx";
import { TimeAxisProvider, useTimeAxis } from "../../charts/time-axis.tsx";
import { onSteps } from "../../charts/time-window.ts";
import { useChanges } from "../../charts/use-span-events.ts";
import { ErrorNote } from "../../components/error-note.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useEnvironment } from "../../frame/environment.tsx";
import { useNow } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { useKey } from "../../keys/keys-provider.tsx";
import { Cascade } from "./cascade.tsx";
import { ChosenMoment } from "./chosen-moment.tsx";
import { DependencyPicture } from "./dependency-picture.tsx";
import { ImpactStrip } from "./impact-strip.tsx";
import { IncidentActs } from "./incident-acts.tsx";
import { IncidentCharts } from "./incident-charts.tsx";
import { IncidentHead } from "./incident-head.tsx";
import { IncidentLanes } from "./incident-lanes.tsx";
import { servicesAround } from "./incident-words.ts";
import { laneWindow } from "./lane-model.ts";
import { OverviewBand } from "./overview-band.tsx";
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
  const { past } = useLiveStore();
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
    return past ? (
      <Empty title={`Incident ${reference} was not known at this moment`}>
        <p>It was opened later, or does not exist. Go on in time, or back to live.</p>
      </Empty>
    ) : (
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

interface TheIncidentProps {
  readonly incident: IncidentAnswer;
  readonly environment: string;
}

/** The window of an open incident moves on in such steps: not everything that is drawn over it is drawn again each second. */
const WINDOW_STEP_MS = 5_000;
/** Changes are asked for in whole minutes; what comes meanwhile is heard. */
const CHANGES_STEP_MS = 60_000;

function TheIncident({ incident, environment }: TheIncidentProps) {
  const now = useNow(1000);
  const full = laneWindow(incident, Math.floor(now / WINDOW_STEP_MS) * WINDOW_STEP_MS);
  const changes = useChanges({
    environment,
    span: onSteps(full, CHANGES_STEP_MS),
    moving: false,
    services: servicesAround(incident),
  });
  return (
    <TimeAxisProvider full={full} changes={changes}>
      <Looked incident={incident} environment={environment} now={now} />
    </TimeAxisProvider>
  );
}

function Looked({ incident, environment, now }: TheIncidentProps & { readonly now: number }) {
  const [tab, setTab] = useQueryState("tab", parseAsStringLiteral(TABS).withDefault("story"));
  const refusal = useRefusal();
  const { crosshair } = useTimeAxis();
  /** The form of a note, and the moment it is about; null: now. */
  const [note, setNote] = useState<{ readonly at: number | null } | null>(null);
  const writeNote = (at: number | null): boolean => {
    if (refusal !== undefined) return false;
    void setTab("story");
    setNote({ at });
    return true;
  };
  useKey("note", () => writeNote(crosshair.at));
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
            <OverviewBand incident={incident} />
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
            <IncidentLanes incident={incident} changes={story.data?.changes ?? []} />
            <IncidentCharts incident={incident} environment={environment} />
          </div>
          <Timeline {...shared} note={note} onNote={setNote} />
        </div>
      )}
      {tab === "story" && note === null ? <ChosenMoment {...shared} onNote={writeNote} /> : null}
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
