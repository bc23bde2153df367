import { Select } from "../../components/select.tsx";
import { FOLDS, GROUPINGS, type Fold, type Grouping } from "./group-tiles.ts";

const FOLD_WORDS: Readonly<Record<Fold, string>> = { none: "every tile", quiet: "tiles of trouble", all: "groups only" };

/** How the grid is cut: what makes a group, and which groups show their tiles. */
export function FleetView({
  by,
  onBy,
  fold,
  onFold,
}: {
  by: Grouping;
  onBy: (by: Grouping) => void;
  fold: Fold;
  onFold: (fold: Fold) => void;
}) {
  return (
    <span className="fl-view">
      <Select label="Group by" value={by} options={GROUPINGS.map((value) => ({ value, label: value }))} onChange={onBy} />
      <Select label="Show" value={fold} options={FOLDS.map((value) => ({ value, label: FOLD_WORDS[value] }))} onChange={onFold} />
    </span>
  );
}
