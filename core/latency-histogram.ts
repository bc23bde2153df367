/**
 * Latencies as counts in log-linear cells, after HdrHistogram: sixteen to each doubling, so that a value is known to 3.2 % whatever its
 * size. Two of them are merged by adding up, in any order, and a percentile of the sum is a percentile of all that went in; averaging
 * percentiles never is.
 */

/** Weight by cell; sparse, for a minute fills few. */
export type Cells = Map<number, number>;

const PER_OCTAVE = 16;

const log2 = (value: number): number => (value < 2 ** 31 ? 31 - Math.clz32(value) : 31 + log2(Math.floor(value / 2 ** 31)));

/** @param value a non-negative safe integer; below 32 each has a cell of its own. */
export function cellOf(value: number): number {
  if (value < 2 * PER_OCTAVE) return value;
  const octave = log2(value) - 4;
  return octave * PER_OCTAVE + Math.floor(value / 2 ** octave);
}

/** The middle of a cell: at most 3.2 % from whatever went in. */
export function valueOfCell(cell: number): number {
  if (cell < 2 * PER_OCTAVE) return cell;
  const octave = Math.floor(cell / PER_OCTAVE) - 1;
  return (cell - octave * PER_OCTAVE) * 2 ** octave + (2 ** octave - 1) / 2;
}

export function addToCells(cells: Cells, cell: number, weight: number): void {
  cells.set(cell, (cells.get(cell) ?? 0) + weight);
}

export function mergeCells(into: Cells, from: Cells): void {
  for (const [cell, weight] of from) addToCells(into, cell, weight);
}

export function weightOf(cells: Cells): number {
  let sum = 0;
  for (const weight of cells.values()) sum += weight;
  return sum;
}

/** The value below or at which the share `quantile` (0 to 1) of the weight lies; null for nothing. */
export function quantileOf(cells: Cells, quantile: number): number | null {
  const wanted = Math.max(1, Math.ceil(weightOf(cells) * quantile));
  let sum = 0;
  for (const [cell, weight] of [...cells].sort(([a], [b]) => a - b)) if ((sum += weight) >= wanted) return valueOfCell(cell);
  return null;
}
