"use client";
/** How the fleet is looked at, in the address. */
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useMemo } from "react";
import type { Density } from "./grid-layout.ts";
import { FOLDS, GROUPINGS, type Fold, type Grouping } from "./group-tiles.ts";

export const DENSITY_NAMES = ["comfortable", "compact", "squares"] as const;

const PARSERS = {
  q: parseAsString.withDefault(""),
  density: parseAsStringLiteral(DENSITY_NAMES).withDefault("comfortable"),
  by: parseAsStringLiteral(GROUPINGS).withDefault("service"),
  fold: parseAsStringLiteral(FOLDS).withDefault("none"),
  table: parseAsBoolean.withDefault(false),
};

interface Change {
  readonly q?: string | null;
  readonly density?: Density;
  readonly by?: Grouping;
  readonly fold?: Fold;
  readonly table?: boolean | null;
}

export interface FleetView {
  readonly filter: string;
  readonly density: Density;
  readonly by: Grouping;
  readonly fold: Fold;
  readonly table: boolean;
  readonly set: (change: Change) => void;
}

/** The same object until the address changes. */
export function useFleetView(): FleetView {
  const [{ q, density, by, fold, table }, write] = useQueryStates(PARSERS);
  return useMemo(
    () => ({ filter: q, density, by, fold, table, set: (change) => void write(change) }),
    [q, density, by, fold, table, write],
  );
}
