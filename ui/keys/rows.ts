/** `j` and `k`: from row to row of whatever lists a page has, in the order they stand on it. */

/** Rows of lists. A row without a link or a button takes the focus itself. */
const ROWS = "[data-row], tbody tr, [role=feed] > article, .fl-rail li, .fl-list li, .sw-row, [role=application]";
const FOCUSABLE = "a[href], button:not(:disabled)";

/** Where a step leads: into the list from outside, then one by one, and not past its ends. */
export function stepTo(count: number, current: number, step: 1 | -1): number | null {
  if (count === 0) return null;
  if (current < 0) return step === 1 ? 0 : count - 1;
  return Math.min(count - 1, Math.max(0, current + step));
}

function targetOf(row: HTMLElement): HTMLElement {
  return row.matches(FOCUSABLE) || row.getAttribute("role") === "application" ? row : (row.querySelector<HTMLElement>(FOCUSABLE) ?? row);
}

/** Moves the focus a row on or back; a grid of tiles moves within itself. False when there is nothing to move to. */
export function moveRow(root: HTMLElement, step: 1 | -1): boolean {
  const active = document.activeElement;
  if (active?.getAttribute("role") === "application") {
    active.dispatchEvent(new KeyboardEvent("keydown", { key: step === 1 ? "ArrowRight" : "ArrowLeft", bubbles: true }));
    return true;
  }
  const rows = [...root.querySelectorAll<HTMLElement>(ROWS)].filter((row) => row.checkVisibility());
  const to = stepTo(
    rows.length,
    rows.findIndex((row) => row.contains(active)),
    step,
  );
  const row = to === null ? undefined : rows[to];
  if (row === undefined) return false;
  const target = targetOf(row);
  if (target === row && !row.matches(`${FOCUSABLE}, [tabindex]`)) row.tabIndex = -1;
  target.focus({ focusVisible: true });
  return true;
}
