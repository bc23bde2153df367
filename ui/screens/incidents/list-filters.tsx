"use client";
import { useId } from "react";
import { useMe } from "../../api/queries.ts";
import { FilterField } from "../../components/filter-field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useTyped } from "../../components/use-typed.ts";
import { useServices } from "../../live/hooks.ts";
import { SEVERITIES, SEVERITY_WORDS } from "./incident-words.ts";
import { NOBODY, type ListFilter } from "./list-filter.ts";

/** What is shown; kept in the URL, so that a copied link shows the same. */
export function ListFilters({ filter, onChange }: { readonly filter: ListFilter; readonly onChange: (part: Partial<ListFilter>) => void }) {
  const id = useId();
  const services = useServices().map(({ name }) => name);
  const me = useMe().data?.name;
  const [text, setText] = useTyped(filter.text, (next) => onChange({ text: next }));
  const people = [...new Set([me ?? "", filter.who])].filter((name) => name !== "" && name !== NOBODY);
  const known = filter.service === "" || services.includes(filter.service) ? services : [...services, filter.service];
  return (
    <div className="in-filters">
      <Segmented
        label="Status"
        value={filter.status}
        onChange={(status) => onChange({ status })}
        options={[
          { value: "all", label: "All" },
          { value: "open", label: "Open" },
          { value: "resolved", label: "Resolved" },
          { value: "merged", label: "Merged" },
        ]}
      />
      <span className="in-select">
        <label htmlFor={`${id}s`}>Severity</label>
        <select id={`${id}s`} value={filter.severity} onChange={(event) => onChange({ severity: Number(event.target.value) })}>
          <option value={0}>Any</option>
          {SEVERITIES.slice(0, 4).map((severity) => (
            <option key={severity} value={severity}>
              SEV{severity} {SEVERITY_WORDS[severity]}
              {severity === 1 ? "" : " or worse"}
            </option>
          ))}
        </select>
      </span>
      <span className="in-select">
        <label htmlFor={`${id}v`}>Service</label>
        <select id={`${id}v`} value={filter.service} onChange={(event) => onChange({ service: event.target.value })}>
          <option value="">Any</option>
          {known.map((service) => (
            <option key={service} value={service}>
              {service}
            </option>
          ))}
        </select>
      </span>
      <span className="in-select">
        <label htmlFor={`${id}w`}>Who has it</label>
        <select id={`${id}w`} value={filter.who} onChange={(event) => onChange({ who: event.target.value })}>
          <option value="">Anyone</option>
          <option value={NOBODY}>Nobody</option>
          {people.map((name) => (
            <option key={name} value={name}>
              {name === me ? `Me, ${name}` : name}
            </option>
          ))}
        </select>
      </span>
      <span className="in-select">
        <label htmlFor={`${id}t`}>Began</label>
        <select id={`${id}t`} value={filter.time} onChange={(event) => onChange({ time: event.target.value as ListFilter["time"] })}>
          <option value="any">Any time</option>
          <option value="24h">Last 24 hours</option>
          <option value="7d">Last 7 days</option>
          <option value="30d">Last 30 days</option>
        </select>
      </span>
      <FilterField label="Filter by number, words, service or person" value={text} onChange={setText} />
    </div>
  );
}
