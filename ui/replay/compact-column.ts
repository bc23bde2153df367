/** An unpacked column in as few bytes as its numbers take: most of a few minutes span less than two bytes hold. */
export interface CompactColumn {
  /** 0 stays 0, which is unknown; others have the base added. */
  readonly values: Uint8Array | Uint16Array | Uint32Array | Float64Array;
  readonly base: number;
}

/** @param values slot numbers; whole, from 0 */
export function compactColumn(values: Float64Array): CompactColumn {
  let low = Infinity;
  let high = 0;
  for (const value of values) {
    if (value === 0) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const base = low - 1;
  const span = high - base;
  if (!(span < 2 ** 32)) return { values, base: 0 };
  const compact =
    span < 2 ** 8 ? new Uint8Array(values.length) : span < 2 ** 16 ? new Uint16Array(values.length) : new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) compact[i] = (values[i] as number) - base;
  return { values: compact, base };
}

export function valueAt({ values, base }: CompactColumn, index: number): number {
  const value = values[index] ?? 0;
  return value === 0 ? 0 : value + base;
}
