"use client";

import { parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useEffect, useRef } from "react";
import { useSwitches } from "../../api/queries.ts";
import { Button } from "../../components/button.tsx";
import { Empty } from "../../components/empty.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useConnection, usePast } from "../../live/hooks.ts";
import { useOpenIncidents } from "../incidents/use-incidents.ts";
import { PushPathNote } from "./push-path.tsx";
import { SwitchSheet } from "./switch-sheet.tsx";
import { orderSwitches, passes, switchRowState, type SwitchFilter } from "./switch-state.ts";
import { useHydrated } from "../../live/use-hydrated.ts";
import { BoardList } from "./board-list.tsx";
import { boardRows, capabilities, type BoardRow } from "./board.ts";
import { LadderStrip } from "./ladder-strip.tsx";
import { isAbout, leftSwitched, standingSets } from "./left.ts";
import { LeftSwitched } from "./left-switched.tsx";
import { linkedIncident } from "./linked-incident.ts";
import { PlanSheets } from "./plan-sheets.tsx";
import { PresetStrip } from "./preset-strip.tsx";
import { useChangeSets, useLiveChanges, usePlaces, usePresets } from "./use-plans.ts";
import { TickedBar } from "./ticked-bar.tsx";
import { useRefusal } from "./use-refusal.ts";
import { useTicked, type Ticked } from "./use-ticked.ts";
import "./switchboard.css";
import "./plans.css";

const FILTERS = ["all", "switched", "incomplete", "undrilled"] as const satisfies readonly SwitchFilter[];

/** Every switch of the environment. Rows only open the sheet; the sheet is where something can be changed. */
export function SwitchboardScreen() {
  if (useHydrated()) return <LiveSwitchboard />;
  return (
    <div className="sw">
      <header className="sw-head">
        <h1>Switchboard</h1>
      </header>
    </div>
  );
}

function LiveSwitchboard() {
  const environment = useConnection().environment || "production";
  const switches = useSwitches(environment);
  const past = usePast();
  const [filter, setFilter] = useQueryState("show", parseAsStringLiteral(FILTERS).withDefault("all"));
  const [text, setText] = useQueryState("q", parseAsString.withDefault(""));
  const [open, setOpen] = useQueryState("switch", parseAsString.withOptions({ history: "push" }));
  const [plan, setPlan] = useQueryState("plan", parseAsString.withOptions({ history: "push" }));
  const [group, setGroup] = useQueryState("ladder", parseAsString);
  const search = useSlashToSearch();
  const incidents = useOpenIncidents(environment).data ?? [];
  const entries = orderSwitches(switches.data ?? []);
  const places = usePlaces(environment);
  const rows = boardRows(entries, past ? [] : (places.data ?? []));
  const wants = (row: BoardRow, wanted: SwitchFilter, words = ""): boolean =>
    passes(row.entry, { filter: wanted, text: words, undrilled: row.place?.proven === null });
  const shown = rows.filter((row) => wants(row, filter, text));
  const count = (wanted: SwitchFilter) => rows.filter((row) => wants(row, wanted)).length;
  const chosen = rows.find(({ entry }) => entry.key === open);
  const changes = useLiveChanges(environment);
  const listsChanges = filter === "switched" && !past && changes.isSuccess;
  const allLeft = leftSwitched(changes.data ?? [], entries);
  const left = listsChanges ? allLeft.filter((change) => isAbout(change, text)) : allLeft;
  const ticked = useTicked();
  const plans = {
    ...{ rows, group, environment, open: plan, onOpen: (next: string | null) => void setPlan(next), left, allLeft },
    ...{ ticked: ticked.ids, onUntick: () => ticked.set([]) },
  };
  return (
    <div className="sw">
      <header className="sw-head">
        <h1>Switchboard</h1>
        <Segmented
          label="Which switches"
          value={filter}
          onChange={(next) => void setFilter(next)}
          options={[
            { value: "all", label: <FilterLabel word="All" count={entries.length} /> },
            {
              value: "switched",
              label: <FilterLabel word="Left switched" count={changes.isSuccess && !past ? allLeft.length : count("switched")} />,
            },
            { value: "incomplete", label: <FilterLabel word="Not everywhere" count={count("incomplete")} /> },
            ...(past ? [] : [{ value: "undrilled" as const, label: <FilterLabel word="Never drilled" count={count("undrilled")} /> }]),
          ]}
        />
        <label className="sw-search">
          <span className="hf-unseen">Find a switch</span>
          <input
            ref={search}
            type="search"
            value={text}
            placeholder="Find a switch or a service"
            onChange={(event) => void setText(event.target.value === "" ? null : event.target.value)}
          />
          <Kbd>/</Kbd>
        </label>
      </header>
      {entries.length > 0 ? <PushPathNote environment={environment} /> : null}
      {switches.isError ? <ErrorNote error={switches.error} /> : null}
      {switches.isPending ? <p className="sw-note">Reading the switches…</p> : null}
      {switches.isSuccess && entries.length === 0 ? <NoSwitches /> : null}
      {entries.length > 0 && !past ? <Plans {...plans} onGroup={(next) => void setGroup(next)} failed={places.error} /> : null}
      {listsChanges ? (
        <Left {...plans} onTicked={ticked.set} onSwitch={(key) => void setOpen(key)} />
      ) : entries.length > 0 ? (
        <BoardList
          rows={shown}
          total={entries.length}
          open={open}
          incidents={incidents}
          onOpen={(key) => void setOpen(key)}
          onAll={() => {
            void setFilter(null);
            void setText(null);
          }}
          ticked={ticked.ids}
          onTicked={ticked.set}
        />
      ) : null}
      {past || entries.length === 0 ? null : (
        <Acts
          ticked={ticked}
          all={listsChanges ? allLeft.map(({ id }) => id) : rows.map(({ entry }) => entry.key)}
          shown={listsChanges ? left.map(({ id }) => id) : shown.map(({ entry }) => entry.key)}
          changes={listsChanges}
          onOpen={plans.onOpen}
        />
      )}
      {entries.length > 0 && !listsChanges ? (
        <Summary switched={entries.filter((entry) => switchRowState(entry).switched).length} total={entries.length} />
      ) : null}
      {chosen === undefined ? null : (
        <SwitchSheet
          key={chosen.entry.key}
          row={chosen}
          capabilities={capabilities(rows)}
          environment={environment}
          incident={linkedIncident(chosen.entry, past ? [] : incidents)}
          onClose={() => void setOpen(null)}
        />
      )}
    </div>
  );
}

type PlansProps = Omit<Parameters<typeof PlanSheets>[0], "presets">;

/** What is prepared: the ladder and presets, and the sheet of whichever is open. */
function Plans({ onGroup, failed, ...plans }: PlansProps & { readonly onGroup: (group: string | null) => void; readonly failed: unknown }) {
  const presets = usePresets(plans.environment);
  const refusal = useRefusal();
  const { onOpen, rows, group, left } = plans;
  return (
    <>
      <div className="pl">
        <LadderStrip rows={rows} group={group} onGroup={onGroup} onLevel={(level) => onOpen(`level-${String(level)}`)} />
        <PresetStrip
          presets={presets.data ?? []}
          switched={left.some(({ kind }) => kind !== "fault")}
          refusal={refusal}
          onOpen={(id) => onOpen(`preset-${id}`)}
          onNew={(from) => onOpen(from === "now" ? "now" : "new")}
        />
      </div>
      <ErrorNote error={failed ?? presets.error} />
      <PlanSheets {...plans} presets={presets.data ?? []} />
    </>
  );
}

interface LeftProps extends PlansProps {
  readonly onTicked: (ids: readonly string[]) => void;
  readonly onSwitch: (key: string) => void;
}

function Left({ left, environment, onOpen, onSwitch, ticked, onTicked }: LeftProps) {
  const sets = useChangeSets(environment);
  const refusal = useRefusal();
  return (
    <LeftSwitched
      changes={left}
      sets={standingSets(sets.data ?? [])}
      refusal={refusal}
      onSwitch={onSwitch}
      onPutBack={() => onOpen("back")}
      onSet={(id) => onOpen(`set-${id}`)}
      ticked={ticked}
      onTicked={onTicked}
    />
  );
}

interface ActsProps {
  readonly ticked: Ticked;
  /** Ids that can be ticked in this list, and those of them that the filter shows. */
  readonly all: readonly string[];
  readonly shown: readonly string[];
  /** The list is of changes in force; else it is of switches. */
  readonly changes: boolean;
  readonly onOpen: (plan: string) => void;
}

/** What can be done with what is ticked in the list that is shown. */
function Acts({ ticked, all, shown, changes, onOpen }: ActsProps) {
  const refusal = useRefusal();
  const mine = ticked.ids.filter((id) => all.includes(id));
  return (
    <TickedBar count={mine.length} hidden={mine.filter((id) => !shown.includes(id)).length} onClear={() => ticked.set([])}>
      <Button tone="primary" refusal={refusal} onClick={() => onOpen(changes ? "end" : "change")}>
        {changes ? "Put back" : "Change"} {mine.length}
      </Button>
      <Button refusal={refusal} onClick={() => onOpen(changes ? "keep-left" : "keep")}>
        Keep as a preset
      </Button>
    </TickedBar>
  );
}

function FilterLabel({ word, count }: { readonly word: string; readonly count: number }) {
  return (
    <>
      {word} <span className="sw-mono">{count}</span>
    </>
  );
}

function Summary({ switched, total }: { readonly switched: number; readonly total: number }) {
  return (
    <p className="sw-note">
      {switched === 0
        ? `All ${String(total)} are in their normal position.`
        : `${String(total - switched)} of ${String(total)} are in their normal position.`}
    </p>
  );
}

function NoSwitches() {
  if (usePast()) return <p className="sw-note">No switch was declared by then.</p>;
  return (
    <Empty title="No switch is declared yet">
      <p>A switch is declared by the service that obeys it. It appears here as soon as an instance with one connects.</p>
      <pre className="hf-code">{`const recommendations = agent.switch({
  key: "recommendations",
  title: "Recommendations",
  whatUsersLose: "Personal picks become popular items",
  positions: ["personal", "popular", "off"],
});

if (recommendations.is("popular")) { /* … */ }`}</pre>
    </Empty>
  );
}

/** The slash goes to the search, as it does on every page; not while something is being typed. */
function useSlashToSearch() {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement | null;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || target?.closest("input, textarea, [role=dialog]")) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return input;
}
