"use client";
import { Fragment } from "react";
import type { IncidentSummary } from "../../../protocol/incident-api.ts";
import { formatClock } from "../../charts/format.ts";
import { Glyph } from "../../components/glyph.tsx";
import { Brand } from "../../frame/brand.tsx";
import { useEnvironment } from "../../frame/environment.tsx";
import { FleetCounts } from "../../frame/fleet-counts.tsx";
import type { WallView } from "./rotation.ts";
import { isUrgent } from "./wall-incidents.tsx";

const WORDS: Readonly<Record<WallView, string>> = { fleet: "Fleet", incidents: "Incidents", switched: "Switched", map: "Map" };

interface WallHeadProps {
  readonly view: WallView;
  readonly views: readonly WallView[];
  readonly held: boolean;
  readonly open: readonly IncidentSummary[];
  readonly now: number;
  readonly live: boolean;
}

export function WallHead({ view, views, held, open, now, live }: WallHeadProps) {
  const { environment } = useEnvironment();
  const worst = Math.min(...open.filter(isUrgent).map(({ severity }) => severity));
  const note = held ? "held" : worst !== Infinity && view === "incidents" ? `stays for SEV${String(worst)}` : "";
  return (
    <header className="wl-head">
      <Brand />
      <span className="fr-environment">{environment}</span>
      <h1>{WORDS[view]}</h1>
      <span className="wl-places" aria-hidden>
        {views.map((each) => (
          <Fragment key={each}>{each === view ? "●" : "○"}</Fragment>
        ))}
      </span>
      <span className="wl-note">{note}</span>
      <span className="hf-grow" />
      {open.length === 0 ? null : (
        <span className="wl-open">
          <Glyph status="open" size={20} label="open incidents" /> {open.length}
        </span>
      )}
      <FleetCounts />
      {live ? <span className="wl-live">LIVE</span> : null}
      <time className="wl-clock">{formatClock(now)}</time>
    </header>
  );
}
