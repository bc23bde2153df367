"use client";
import { X } from "lucide-react";
import { useId } from "react";
import { Button } from "../../components/button.tsx";
import { FilterField } from "../../components/filter-field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useTyped } from "../../components/use-typed.ts";
import { ACTION_GROUPS, ACTION_WORDS } from "./audit-words.ts";
import type { AuditFilter, ChangeFilter } from "./use-audit-filter.ts";
import { fromUtcField, toUtcField } from "./utc-field.ts";

const OUTCOMES = [
  { value: "any", label: "All" },
  { value: "done", label: "Done" },
  { value: "refused", label: "Refused" },
] as const;
/** Set by choosing a value in an entry; each can be taken away again. */
const CHOSEN = ["actor", "environment", "service", "target", "request", "flip"] as const;

export interface AuditFiltersProps {
  readonly filter: AuditFilter;
  readonly change: ChangeFilter;
  readonly any: boolean;
  readonly clear: () => void;
}

/** What is shown; kept in the URL, so that a copied link shows the same. */
export function AuditFilters({ filter, change, any, clear }: AuditFiltersProps) {
  const id = useId();
  const [text, setText] = useTyped(filter.text ?? "", (next) => change({ text: next === "" ? null : next }));
  const { action } = filter;
  const known = action === null || ACTION_GROUPS.some(({ value }) => value === action);
  return (
    <div className="au-filters">
      <FilterField label="Find in the audit log" value={text} onChange={setText} />
      <label htmlFor={`${id}a`} className="hf-unseen">
        What was done
      </label>
      <select
        id={`${id}a`}
        value={action ?? ""}
        onChange={(event) => change({ action: event.target.value === "" ? null : event.target.value })}
      >
        <option value="">Everything</option>
        {ACTION_GROUPS.map((group) => (
          <option key={group.value} value={group.value}>
            {group.label}
          </option>
        ))}
        {known ? null : <option value={action}>{(ACTION_WORDS as Readonly<Record<string, string>>)[action] ?? action}</option>}
      </select>
      <Segmented
        label="Outcome"
        value={filter.outcome ?? "any"}
        options={OUTCOMES}
        onChange={(next) => change({ outcome: next === "any" ? null : next })}
      />
      <span className="au-window">
        <label htmlFor={`${id}f`}>From (UTC)</label>
        <input
          id={`${id}f`}
          type="datetime-local"
          value={toUtcField(filter.from)}
          onChange={(event) => change({ from: fromUtcField(event.target.value) })}
        />
        <label htmlFor={`${id}t`}>to (UTC)</label>
        <input
          id={`${id}t`}
          type="datetime-local"
          value={toUtcField(filter.to)}
          onChange={(event) => change({ to: fromUtcField(event.target.value) })}
        />
      </span>
      {CHOSEN.map((name) => {
        const value = filter[name];
        return value === null ? null : (
          <button
            key={name}
            type="button"
            className="au-chosen"
            aria-label={`No longer only ${name} ${value}`}
            onClick={() => change({ [name]: null })}
          >
            <span className="au-note">{name}</span> {value} <X size={12} aria-hidden />
          </button>
        );
      })}
      {any ? (
        <Button tone="quiet" onClick={clear}>
          Show everything
        </Button>
      ) : null}
    </div>
  );
}
