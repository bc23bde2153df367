"use client";

import { useId } from "react";
import { useServices } from "../../live/hooks.ts";
import { KINDS, type FeedFilter } from "./feed.ts";

export interface EventFiltersProps {
  readonly filter: FeedFilter;
  readonly onService: (service: string) => void;
  readonly onKind: (kind: string) => void;
}

/** What is shown; kept in the URL, so that a copied link shows the same. */
export function EventFilters({ filter, onService, onKind }: EventFiltersProps) {
  const id = useId();
  const services = useServices().map((service) => service.name);
  const known = filter.service === "" || services.includes(filter.service) ? services : [...services, filter.service];
  const kinds = KINDS.some((kind) => kind.value === filter.kind) ? KINDS : [...KINDS, { value: filter.kind, label: filter.kind }];
  return (
    <div className="ev-filters">
      <label htmlFor={`${id}s`}>Service</label>
      <select id={`${id}s`} value={filter.service} onChange={(event) => onService(event.target.value)}>
        <option value="">All services</option>
        {known.map((service) => (
          <option key={service} value={service}>
            {service}
          </option>
        ))}
      </select>
      <label htmlFor={`${id}k`}>Kind</label>
      <select id={`${id}k`} value={filter.kind} onChange={(event) => onKind(event.target.value)}>
        {kinds.map((kind) => (
          <option key={kind.value} value={kind.value}>
            {kind.label}
          </option>
        ))}
      </select>
    </div>
  );
}
