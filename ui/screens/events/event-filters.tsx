"use client";

import { useId } from "react";
import { Button } from "../../components/button.tsx";
import { useServices } from "../../live/hooks.ts";
import { fromField, toField } from "../incidents/local-time.ts";
import { KINDS, type FeedFilter } from "./feed.ts";

export interface EventFiltersProps {
  readonly filter: FeedFilter;
  readonly onChange: (part: Partial<FeedFilter>) => void;
}

/** What is shown; kept in the URL, so that a copied link shows the same. */
export function EventFilters({ filter, onChange }: EventFiltersProps) {
  const id = useId();
  const services = useServices().map((service) => service.name);
  const known = filter.service === "" || services.includes(filter.service) ? services : [...services, filter.service];
  const kinds = KINDS.some((kind) => kind.value === filter.kind) ? KINDS : [...KINDS, { value: filter.kind, label: filter.kind }];
  return (
    <div className="ev-filters">
      <label htmlFor={`${id}s`}>Service</label>
      <select id={`${id}s`} value={filter.service} onChange={(event) => onChange({ service: event.target.value })}>
        <option value="">All services</option>
        {known.map((service) => (
          <option key={service} value={service}>
            {service}
          </option>
        ))}
      </select>
      <label htmlFor={`${id}k`}>Kind</label>
      <select id={`${id}k`} value={filter.kind} onChange={(event) => onChange({ kind: event.target.value })}>
        {kinds.map((kind) => (
          <option key={kind.value} value={kind.value}>
            {kind.label}
          </option>
        ))}
      </select>
      <label htmlFor={`${id}f`}>From</label>
      <input
        id={`${id}f`}
        type="datetime-local"
        step={1}
        value={filter.from === null ? "" : toField(filter.from)}
        onChange={(event) => onChange({ from: fromField(event.target.value) })}
      />
      <label htmlFor={`${id}t`}>to</label>
      <input
        id={`${id}t`}
        type="datetime-local"
        step={1}
        value={filter.to === null ? "" : toField(filter.to)}
        onChange={(event) => onChange({ to: fromField(event.target.value) })}
      />
      {filter.from === null && filter.to === null ? null : (
        <Button tone="quiet" onClick={() => onChange({ from: null, to: null })}>
          Any time
        </Button>
      )}
    </div>
  );
}
