import type { Run, RunState, StripWindow } from "./state-runs.ts";
import { formatClock } from "./format.ts";
import "./charts.css";

/** Height carries the state as the colour does: closed is a line, open the full strip. */
const HEIGHT: Readonly<Record<RunState, number>> = {
  gap: 0,
  disabled: 0.2,
  closed: 0.28,
  half_open: 0.6,
  forced_closed: 0.8,
  forced_open: 1,
  open: 1,
};
const WORD: Readonly<Record<RunState, string>> = {
  gap: "not heard",
  disabled: "disabled",
  closed: "closed",
  half_open: "half-open",
  forced_closed: "forced closed",
  forced_open: "forced open",
  open: "open",
};
const TALL = 14;
/** Seen even when it lasted a second: a share of the width. */
const THINNEST = 0.003;

/** One rectangle a run; a gap in what is known is a gap. */
export function StateStrip({
  runs,
  window,
  label,
}: {
  readonly runs: readonly Run[];
  readonly window: StripWindow;
  readonly label: string;
}) {
  const span = Math.max(1, window.to - window.from);
  return (
    <svg
      className="ch-strip"
      viewBox={`0 0 1000 ${String(TALL)}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${stripWords(runs)}`}
    >
      {runs.map((run) => {
        const height = HEIGHT[run.state] * TALL;
        const width = Math.max(THINNEST, (run.to - run.from) / span) * 1000;
        const x = Math.min(1000 - width, ((run.from - window.from) / span) * 1000);
        return (
          <rect
            key={`${String(run.from)}${run.state}`}
            className={`ch-run-${run.state}`}
            x={x}
            y={TALL - height}
            width={width}
            height={height}
          >
            <title>{`${WORD[run.state]}, ${formatClock(run.from)} to ${formatClock(run.to)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/** The state at a moment; null where nothing is drawn. */
export function wordAt(runs: readonly Run[], at: number): string | null {
  const run = runs.find(({ from, to }) => from <= at && at < to);
  return run === undefined ? null : WORD[run.state];
}

/** The strip for those who do not see it: the latest runs, newest first. */
export function stripWords(runs: readonly Run[]): string {
  if (runs.length === 0) return "nothing known";
  const latest = runs.slice(-4).reverse();
  const words = latest.map((run, i) => (i === 0 ? `${WORD[run.state]} since ${formatClock(run.from)}` : `before that ${WORD[run.state]}`));
  return words.join(", ");
}
