/** The value below which `percent` of the values lie; the middle one for 50. NaN for none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] ?? Number.NaN;
}

/** Three figures that count. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}
