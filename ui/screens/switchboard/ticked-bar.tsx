import type { ReactNode } from "react";
import { Button } from "../../components/button.tsx";

interface TickedBarProps {
  readonly count: number;
  /** Ticked, and left out by the filter. */
  readonly hidden: number;
  readonly onClear: () => void;
  /** What can be done with them. */
  readonly children: ReactNode;
}

/** What is ticked, and what can be done with it; stays in sight while the list is scrolled. */
export function TickedBar({ count, hidden, onClear, children }: TickedBarProps) {
  const words = count === 0 ? "" : `${String(count)} ticked${hidden === 0 ? "" : `, ${String(hidden)} of them not shown here`}`;
  return (
    <>
      {/* There before the bar is: else its first words would not be told. */}
      <span className="hf-unseen" role="status">
        {words}
      </span>
      {count === 0 ? null : (
        <div className="pl-ticked" role="group" aria-label="Ticked">
          <span aria-hidden>{words}</span>
          <span className="sw-actions sw-push">
            {children}
            <Button tone="quiet" onClick={onClear}>
              Untick all
            </Button>
          </span>
        </div>
      )}
    </>
  );
}
