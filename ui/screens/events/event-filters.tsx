"use client";

import { useId } from "react";
import { Button } from "../../components/button.tsx";
import { useServices } from "../../live/hooks.ts";
import { fromField, toField } from "../incidents/local-time.ts";
import { Choices, type Choice } from "./choices.tsx";
import { KINDS, type FeedFilter } from "./feed.ts";

export interface EventFiltersProps {
  readonly filter: FeedFilter;
  readonly onChange: (part: Partial<FeedFilter>) => void;
}

/** What the console takes in one question. */
const SERVICES_MOST = 20;
const KINDS_MOST = 10;

/** What a link asks for can be taken away again, also when it is not known here. */
const withChosen = (known: readonly Choice[], chosen: readonly string[]): readonly Choice[] => [
  ...known,
  ...chosen.filter((value) => !known.some((choice) => choice.value === value)).map((value) => ({ value, label: value })),
];

/** What is shown; kept in the URL, so that a copied link shows the same. */
export function EventFilters({ filter, onChange }: EventFiltersProps) {
  const id = useId();
  const services = useServices().map(({ name }) => name);
  return (
    <div className="ev-filters">
      <Choices
        label="Service"
        all="All services"
        many="services"
        most={SERVICES_MOST}
        choices={withChosen(
          services.map((name) => ({ value: name, label: name })),
          filter.service,
        )}
        chosen={filter.service}
        onChange={(service) => onChange({ service })}
      />
      <Choices
        label="Kind"
        all="Everything"
        many="kinds"
        most={KINDS_MOST}
        choices={withChosen(KINDS, filter.kind)}
        chosen={filter.kind}
        onChange={(kind) => onChange({ kind })}
      />
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
