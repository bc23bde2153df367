"use client";

import { parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useEffect, useRef } from "react";
import { useSwitches } from "../../api/queries.ts";
import { Empty } from "../../components/empty.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useConnection, usePast } from "../../live/hooks.ts";
import { PushPathNote } from "./push-path.tsx";
import { SwitchRow } from "./switch-row.tsx";
import { SwitchSheet } from "./switch-sheet.tsx";
import { orderSwitches, passes, switchRowState, type SwitchFilter } from "./switch-state.ts";
import { useHydrated } from "../../live/use-hydrated.ts";
import "./switchboard.css";

const FILTERS = ["all", "switched", "incomplete"] as const satisfies readonly SwitchFilter[];

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
  const { environment } = useConnection();
  const switches = useSwitches(environment || "production");
  const [filter, setFilter] = useQueryState("show", parseAsStringLiteral(FILTERS).withDefault("all"));
  const [text, setText] = useQueryState("q", parseAsString.withDefault(""));
  const [open, setOpen] = useQueryState("switch", parseAsString.withOptions({ history: "push" }));
  const search = useSlashToSearch();
  const entries = orderSwitches(switches.data ?? []);
  const shown = entries.filter((entry) => passes(entry, { filter, text }));
  const count = (wanted: SwitchFilter) => entries.filter((entry) => passes(entry, { filter: wanted, text: "" })).length;
  const chosen = entries.find((entry) => entry.key === open);
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
            { value: "switched", label: <FilterLabel word="Left switched" count={count("switched")} /> },
            { value: "incomplete", label: <FilterLabel word="Not everywhere" count={count("incomplete")} /> },
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
      {entries.length > 0 ? <PushPathNote environment={environment || "production"} /> : null}
      {switches.isError ? <ErrorNote error={switches.error} /> : null}
      {switches.isPending ? <p className="sw-note">Reading the switches…</p> : null}
      {switches.isSuccess && entries.length === 0 ? <NoSwitches /> : null}
      {entries.length > 0 ? (
        <section className="sw-board" aria-label="Switches">
          <div className="sw-columns" aria-hidden="true">
            <span />
            <span>Switch, and what users lose</span>
            <span>Position</span>
            <span>Applied</span>
            <span>Reverts in</span>
            <span>Last change</span>
          </div>
          {shown.map((entry) => (
            <SwitchRow key={entry.key} entry={entry} selected={entry.key === open} onOpen={() => void setOpen(entry.key)} />
          ))}
          {shown.length === 0 ? (
            <p className="sw-none">
              None of {entries.length} switches matches.{" "}
              <button
                type="button"
                className="sw-link"
                onClick={() => {
                  void setFilter(null);
                  void setText(null);
                }}
              >
                Show all
              </button>
            </p>
          ) : null}
        </section>
      ) : null}
      {entries.length > 0 ? (
        <Summary switched={entries.filter((entry) => switchRowState(entry).switched).length} total={entries.length} />
      ) : null}
      {chosen === undefined ? null : <SwitchSheet key={chosen.key} entry={chosen} onClose={() => void setOpen(null)} />}
    </div>
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
