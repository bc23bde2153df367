/** Points to an SVG path. A null breaks the line: nothing is drawn across a gap. */
export interface Scale {
  readonly width: number;
  readonly height: number;
  /** Value at the top; the bottom is 0. */
  readonly top: number;
}

export function linePath(values: readonly (number | null)[], scale: Scale): string {
  return segments(values, scale)
    .map((segment) => `M${segment.map(([x, y]) => `${round(x)} ${round(y)}`).join("L")}`)
    .join("");
}

/** The same, closed down to zero, for an area. */
export function areaPath(values: readonly (number | null)[], scale: Scale): string {
  return segments(values, scale)
    .map((segment) => {
      const first = segment[0]?.[0] ?? 0;
      const last = segment.at(-1)?.[0] ?? 0;
      return `M${round(first)} ${String(scale.height)}L${segment.map(([x, y]) => `${round(x)} ${round(y)}`).join("L")}L${round(last)} ${String(scale.height)}Z`;
    })
    .join("");
}

/** A round number at or above the highest value, for the top of a scale. */
export function niceTop(values: readonly (number | null)[], least = 1): number {
  const highest = values.reduce<number>((so, value) => Math.max(so, value ?? 0), least);
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((candidate) => candidate * power >= highest) ?? 10;
  return step * power;
}

function segments(values: readonly (number | null)[], { width, height, top }: Scale): readonly (readonly (readonly [number, number])[])[] {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const found: [number, number][][] = [];
  let open: [number, number][] | null = null;
  values.forEach((value, i) => {
    if (value === null) {
      open = null;
      return;
    }
    const point: [number, number] = [i * step, height - Math.min(1, Math.max(0, top > 0 ? value / top : 0)) * height];
    if (open === null) found.push((open = [point]));
    else open.push(point);
  });
  return found.map((segment) =>
    segment.length === 1 ? [...segment, [(segment[0]?.[0] ?? 0) + 0.5, segment[0]?.[1] ?? 0] as const] : segment,
  );
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
