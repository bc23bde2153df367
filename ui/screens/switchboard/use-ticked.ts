"use client";
import { parseAsArrayOf, parseAsString, useQueryState } from "nuqs";

export interface Ticked {
  /** Keys of switches, or ids of changes that were left switched. */
  readonly ids: readonly string[];
  readonly set: (ids: readonly string[]) => void;
}

/** What is ticked, in the address: a link hands the choice over. */
export function useTicked(): Ticked {
  const [ids, setIds] = useQueryState("ticked", parseAsArrayOf(parseAsString).withDefault([]));
  return { ids, set: (next) => void setIds(next.length === 0 ? null : [...next]) };
}
