"use client";
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useState } from "react";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Empty } from "../../components/empty.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { useEnvironment } from "../../frame/environment.tsx";
import { useNow } from "../../live/hooks.ts";
import { DeclareIncident } from "./declare-incident.tsx";
import { IncidentRow } from "./incident-row.tsx";
import { isOpenStatus } from "./incident-words.ts";
import { IncidentsNav } from "./incidents-nav.tsx";
import { ListFilters } from "./list-filters.tsx";
import { inListOrder, listParams, NO_FILTER, pastStatuses, STATUS_CHOICES, TIME_CHOICES, type ListFilter } from "./list-filter.ts";
import { MergeIncidents } from "./merge-incidents.tsx";
import { useOpenIncidents, usePastIncidents, useRefusal } from "./use-incidents.ts";
import "./incidents.css";

const FILTER_PARAMS = {
  status: parseAsStringLiteral(STATUS_CHOICES).withDefault("all"),
  severity: parseAsInteger.withDefault(0),
  service: parseAsString.withDefault(""),
  who: parseAsString.withDefault(""),
  text: parseAsString.withDefault(""),
  time: parseAsStringLiteral(TIME_CHOICES).withDefault("any"),
};

/** Every incident: open ones first, then the newest. New ones appear by themselves. */
export function IncidentsScreen() {
  const { environment } = useEnvironment();
  const now = useNow(1000);
  const [filter, setFilter] = useQueryStates(FILTER_PARAMS, { urlKeys: { text: "q" } });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [sheet, setSheet] = useState<"declare" | "merge" | null>(null);
  const refusal = useRefusal();
  const params = listParams(filter);
  const wanted = filter.status === "all" || filter.status === "open";
  const status = pastStatuses(filter);
  const open = useOpenIncidents(environment, { params, wanted });
  const past = usePastIncidents(environment, status, { params, time: filter.time });
  const shown = inListOrder([
    ...(wanted ? (open.data ?? []) : []),
    ...(status === null ? [] : (past.data?.pages.flatMap(({ items }) => items) ?? [])),
  ]);
  const chosen = shown.filter(({ id }) => selected.has(id));
  const openCount = shown.filter(({ status }) => isOpenStatus(status)).length;
  const hasMore = status !== null && past.hasNextPage;
  const filtered = JSON.stringify(filter) !== JSON.stringify(NO_FILTER);
  const change = (part: Partial<ListFilter>): void => void setFilter(part);
  const pending = (wanted && open.isPending) || (past.isPending && past.fetchStatus !== "idle");
  return (
    <div className="in">
      <header className="in-head">
        <h1>Incidents</h1>
        <IncidentsNav on="list" />
        <span className="hf-grow" />
        {chosen.length < 2 ? null : (
          <Button refusal={refusal} onClick={() => setSheet("merge")}>
            Merge {chosen.length}
          </Button>
        )}
        <Button tone="primary" refusal={refusal} onClick={() => setSheet("declare")}>
          Declare an incident
        </Button>
      </header>
      <ListFilters filter={filter} onChange={change} />
      <ErrorNote error={open.error ?? past.error} />
      {pending ? <p className="in-note">Reading…</p> : null}
      {!pending && shown.length === 0 ? <Nothing filtered={filtered} onClear={() => void setFilter(null)} /> : null}
      {shown.length === 0 ? null : (
        <>
          <p className="hf-unseen" role="status">
            {plural(openCount, "open incident")}
          </p>
          <ul className="in-list" aria-label="Incidents">
            {shown.map((incident) => (
              <IncidentRow
                key={incident.id}
                incident={incident}
                now={now}
                selected={selected.has(incident.id)}
                refusal={refusal ?? (incident.status === "merged" ? "It is part of another incident already." : undefined)}
                onSelect={(wanted) =>
                  setSelected((before) => new Set(wanted ? [...before, incident.id] : [...before].filter((id) => id !== incident.id)))
                }
              />
            ))}
          </ul>
        </>
      )}
      <footer className="in-foot">
        {hasMore ? (
          <Button disabled={past.isFetchingNextPage} onClick={() => void past.fetchNextPage()}>
            {past.isFetchingNextPage ? "Reading…" : "Older incidents"}
          </Button>
        ) : null}
        {shown.length === 0 && !hasMore ? null : (
          <span className="in-note">
            {hasMore ? `${plural(shown.length, "incident")} so far` : `That is all: ${plural(shown.length, "incident")}.`}
          </span>
        )}
      </footer>
      <DeclareIncident open={sheet === "declare"} environment={environment} onClose={() => setSheet(null)} />
      <MergeIncidents
        key={chosen.map(({ id }) => id).join()}
        open={sheet === "merge"}
        incidents={chosen}
        onClose={(merged) => {
          setSheet(null);
          if (merged) setSelected(new Set());
        }}
      />
    </div>
  );
}

function Nothing({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  if (filtered)
    return (
      <p className="in-note">
        No incident is like this.{" "}
        <button type="button" className="in-link" onClick={onClear}>
          Show all
        </button>
      </p>
    );
  return (
    <Empty title="No incident yet">
      <p>
        An incident opens by itself when a rule sees trouble for long enough: a breaker stays open, a pool is full, load is shed, instances
        are lost, an error budget burns. Troubles along one path of calls become one incident.
      </p>
      <p>You can also declare one by hand, and look at what the rules would have found in the last days.</p>
    </Empty>
  );
}
