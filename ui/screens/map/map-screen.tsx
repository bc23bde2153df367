"use client";
import Link from "next/link";
import { parseAsArrayOf, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useState } from "react";
import { cascadeOf, type Cascade } from "../../../core/cascade.ts";
import type { DependencyMap, MapNode } from "../../../core/dependency-map.ts";
import { closeGroups, matching, neighbourhood, startingPoint } from "../../../core/map-scope.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Empty } from "../../components/empty.tsx";
import { FilterField } from "../../components/filter-field.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useKey } from "../../keys/keys-provider.tsx";
import { useConnectionState, useNow, usePast } from "../../live/hooks.ts";
import { CascadeFacts, NodeFacts } from "./map-aside.tsx";
import { MapDrawing } from "./map-drawing.tsx";
import { MOST_DRAWN } from "./map-layout.ts";
import { MapList } from "./map-list.tsx";
import { useMap } from "./use-map.ts";
import { useNarrow } from "../../components/use-narrow.ts";
import "./map.css";

const VIEWS = ["near", "wide", "fleet"] as const;
const VIEW_LABELS = { near: "1 call", wide: "2 calls", fleet: "Whole fleet" } as const;
/** Above this many nodes the whole fleet begins with its groups closed. */
const CLOSED_FROM = 24;

/** Who calls whom through what, and where trouble comes from. */
export function MapScreen() {
  const now = useNow(1000);
  const map = useMap(now);
  const state = useConnectionState();
  if (map.nodes.size === 0) return state === "connecting" ? <p className="mp-wait">Reading the fleet…</p> : <NoFleet />;
  if (map.edges.length === 0) return <NoEdges map={map} />;
  return <Chart map={map} now={now} />;
}

function Chart({ map, now }: { map: DependencyMap; now: number }) {
  const [service, setService] = useQueryState("service", parseAsString);
  const [view, setView] = useQueryState("view", parseAsStringLiteral(VIEWS).withDefault("near"));
  const [as, setAs] = useQueryState("as", parseAsStringLiteral(["map", "list"]));
  const [filter, setFilter] = useQueryState("q", parseAsString.withDefault(""));
  const [toggled, setToggled] = useQueryState("groups", parseAsArrayOf(parseAsString).withDefault([]));
  const [cascading, setCascading] = useQueryState("cascade", parseAsBoolean.withDefault(false));
  // Chosen once: the centre must not wander because a state changed.
  const [start] = useState(() => startingPoint(map));
  const [pointed, setPointed] = useState<string | null>(null);
  const narrow = useNarrow();
  const list = (as ?? (narrow ? "list" : "map")) === "list";
  const toggleList = (): void => void setAs(list === narrow ? (list ? "map" : "list") : null);
  useKey("list", () => (toggleList(), true));

  const centre = service ?? (view === "fleet" ? null : start);
  const known = centre === null || map.nodes.has(centre);
  const isClosed = (group: string): boolean => map.nodes.size > CLOSED_FROM !== toggled.includes(group);
  const flip = (group: string): void =>
    void setToggled(toggled.includes(group) ? toggled.filter((other) => other !== group) : [...toggled, group]);
  const listed = view === "fleet" ? matching(map, filter) : neighbourhood(map, centre ?? "", view === "near" ? 1 : 2);
  const drawn = view === "fleet" ? closeGroups(listed, isClosed) : listed;
  const tooMany = !list && drawn.nodes.size > MOST_DRAWN;
  // It comes and goes with what is chosen, never with what is pointed at: the drawing must not jump under the hand.
  const hasAside = cascading || (!list && map.nodes.has(centre ?? ""));
  const facts = map.nodes.get(pointed ?? "") ?? map.nodes.get(centre ?? "");
  const select = (node: MapNode): void => {
    if (node.kind === "group" && node.group !== null) flip(node.group);
    else void setService(node.key);
  };

  return (
    <div className="mp-screen">
      <div className="mp-bar">
        <h1>Map</h1>
        <ServiceChoice map={map} value={centre ?? ""} onChange={(name) => void setService(name)} />
        <Segmented
          label="How much"
          value={view}
          options={VIEWS.map((value) => ({ value, label: VIEW_LABELS[value] }))}
          onChange={(value) => void setView(value)}
        />
        {view === "fleet" ? (
          <FilterField label="Filter the map" value={filter} onChange={(value) => void setFilter(value === "" ? null : value)} />
        ) : null}
        <span className="hf-grow" />
        <Button aria-pressed={cascading} onClick={() => void setCascading(cascading ? null : true)}>
          Cascade
        </Button>
        <Button onClick={toggleList}>
          {list ? "Map" : "List"} <Kbd>v</Kbd>
        </Button>
      </div>
      {tooMany ? (
        <p className="mp-note" role="status">
          {plural(drawn.nodes.size, "node")} are too many for a drawing that can be read: filter, close groups, or choose a service. Here
          they are as a list.
        </p>
      ) : null}
      <div className="mp-main" data-aside={hasAside}>
        {!known ? (
          <Unknown name={centre} />
        ) : list || tooMany ? (
          <MapList map={listed} now={now} />
        ) : (
          <MapDrawing
            map={drawn}
            clustered={view === "fleet" && map.groupedBy !== null}
            selected={centre}
            cascade={cascading ? cascadeOf(view === "fleet" ? closeGroups(map, isClosed) : map) : null}
            now={now}
            onSelect={select}
            onCloseGroup={flip}
            onPoint={setPointed}
          />
        )}
        {hasAside ? (
          <Aside map={map} facts={facts} cascade={cascading ? cascadeOf(map) : null} now={now} onSelect={(key) => void setService(key)} />
        ) : null}
      </div>
    </div>
  );
}

interface AsideProps {
  readonly map: DependencyMap;
  readonly facts: MapNode | undefined;
  readonly cascade: Cascade | null;
  readonly now: number;
  readonly onSelect: (key: string) => void;
}

function Aside({ map, facts, cascade, now, onSelect }: AsideProps) {
  return (
    <aside className="mp-aside" aria-label="In words">
      {cascade ? <CascadeFacts cascade={cascade} onSelect={onSelect} /> : null}
      {facts ? <NodeFacts node={facts} map={map} now={now} onSelect={onSelect} /> : null}
    </aside>
  );
}

function ServiceChoice({ map, value, onChange }: { map: DependencyMap; value: string; onChange: (name: string) => void }) {
  const named = (kind: MapNode["kind"]): readonly string[] =>
    [...map.nodes.values()].filter((node) => node.kind === kind).map((node) => node.name);
  const options = (names: readonly string[]) => names.map((name) => <option key={name}>{name}</option>);
  return (
    <select
      className="mp-select"
      aria-label="Service"
      value={map.nodes.has(value) ? value : ""}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="" disabled>
        Choose a service
      </option>
      <optgroup label="Services">{options(named("service"))}</optgroup>
      <optgroup label="Outside">{options(named("outside"))}</optgroup>
    </select>
  );
}

function Unknown({ name }: { name: string | null }) {
  return (
    <Empty title={`Nothing is known of ${name ?? "this service"}`}>
      <p>
        No agent of that name has connected in this environment, and nobody calls it.{" "}
        <Link href="/map?view=fleet">See the whole fleet</Link>.
      </p>
    </Empty>
  );
}

function NoFleet() {
  if (usePast()) return <p className="mp-wait">No agent had connected by then.</p>;
  return (
    <Empty title="No agent has connected yet">
      <p>
        The map is drawn from what services say of those they call. <Link href="/">Connect the first one</Link>.
      </p>
    </Empty>
  );
}

function NoEdges({ map }: { map: DependencyMap }) {
  return (
    <Empty title="Nobody says whom they call">
      <h1 className="hf-unseen">Map</h1>
      <p>
        {plural(map.nodes.size, "service")} known: {[...map.nodes.keys()].slice(0, 8).join(", ")}. Name the far side of what is observed,
        and it is on the map within a second:
      </p>
      <pre className="hf-code">{`agent.observe(breaker, "payments", { target: "payments" });`}</pre>
    </Empty>
  );
}
