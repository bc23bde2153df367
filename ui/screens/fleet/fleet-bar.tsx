import { memo } from "react";
import { Button } from "../../components/button.tsx";
import { FilterField } from "../../components/filter-field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { Select } from "../../components/select.tsx";
import { DENSITY_NAMES, type FleetView } from "./use-fleet-view.ts";
import { FOLDS, GROUPINGS, type Fold } from "./group-tiles.ts";

const FOLD_WORDS: Readonly<Record<Fold, string>> = { none: "every tile", quiet: "tiles of trouble", all: "groups only" };
const DENSITY_LABELS = { comfortable: "Tiles", compact: "Compact", squares: "Squares" } as const;

/** How the fleet is looked at: filter, what makes a group, which groups show their tiles, how large tiles are, or a table. */
export const FleetBar = memo(function FleetBar({ view }: { view: FleetView }) {
  const { filter, density, by, fold, table, set } = view;
  return (
    <span className="fl-controls">
      <FilterField label="Filter instances" value={filter} onChange={(value) => set({ q: value || null })} />
      {table ? null : (
        <>
          <span className="fl-view">
            <Select
              label="Group by"
              value={by}
              options={GROUPINGS.map((value) => ({ value, label: value }))}
              onChange={(value) => set({ by: value })}
            />
            <Select
              label="Show"
              value={fold}
              options={FOLDS.map((value) => ({ value, label: FOLD_WORDS[value] }))}
              onChange={(value) => set({ fold: value })}
            />
          </span>
          <span className="fl-density">
            <Segmented
              label="Density"
              value={density}
              options={DENSITY_NAMES.map((value) => ({ value, label: DENSITY_LABELS[value] }))}
              onChange={(value) => set({ density: value })}
            />
          </span>
        </>
      )}
      <Button aria-pressed={table} onClick={() => set({ table: !table || null })}>
        {table ? "Grid" : "Table"}
      </Button>
    </span>
  );
});
