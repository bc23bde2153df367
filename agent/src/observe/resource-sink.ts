/** Gathers what an adapter reports between two samples and writes it into the columns it belongs to. */
import { columnIndex, type Kind } from "../../../protocol/kinds.ts";
import { MAX_COLUMNS, type Cells } from "../telemetry/columns.ts";
import type { Sink } from "./adapter.ts";
import { LatencyWindow } from "./latency-window.ts";
import { SuccessWindow } from "./success-window.ts";

export interface ResourceSinkParts {
  readonly kind: Kind;
  /** Columns the adapter counts: known from the start, as 0. */
  readonly counts: readonly number[];
  readonly now: () => number;
  /** A breaker said its state; with the failure rate of its window, NaN when nothing ended in it. */
  readonly moved: (state: number, failurePermille: number) => void;
}

export class ResourceSink implements Sink {
  readonly #parts: ResourceSinkParts;
  readonly #counters = new Float64Array(MAX_COLUMNS);
  /** Made with the first latency: most pools tell none. */
  #latencies: LatencyWindow | null = null;
  readonly #outcomes: SuccessWindow | null;
  readonly #p50: number;
  readonly #p99: number;
  readonly #permille: number;

  constructor(parts: ResourceSinkParts) {
    this.#parts = parts;
    this.#p50 = columnIndex(parts.kind, "p50Us");
    this.#p99 = Math.max(columnIndex(parts.kind, "p99Us"), columnIndex(parts.kind, "waitP99Us"));
    this.#permille = columnIndex(parts.kind, "failurePermille");
    this.#outcomes = this.#permille < 0 ? null : new SuccessWindow(parts.now());
  }

  count(column: number, by = 1): void {
    this.#counters[column] = (this.#counters[column] as number) + by;
  }

  outcome(good: boolean, ms: number): void {
    if (good) this.#outcomes?.good();
    else this.#outcomes?.bad();
    if (ms >= 0 && this.#p99 >= 0) (this.#latencies ??= new LatencyWindow(this.#parts.now())).record(ms);
  }

  state(state: number): void {
    this.#parts.moved(state, this.#outcomes?.permille() ?? NaN);
  }

  fill(cells: Cells): void {
    for (const column of this.#parts.counts) cells[column] = this.#counters[column] as number;
    const now = this.#parts.now();
    if (this.#latencies !== null) {
      if (this.#p50 >= 0) cells[this.#p50] = this.#latencies.percentile(0.5);
      cells[this.#p99] = this.#latencies.percentile(0.99);
      this.#latencies.turn(now);
    }
    if (this.#outcomes !== null) {
      cells[this.#permille] = this.#outcomes.permille();
      this.#outcomes.turn(now);
    }
  }
}
