/** The lines of two minutes and the bars of the worst pool. */
import type { RatePoint } from "../../live/rates.ts";
import { AWAY, errorHue, SILENT, type Pen, type PlacedTile, type Rect, type Surface } from "./tile-pen.ts";

const WINDOW_MS = 120_000;

interface Plot {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Right edge. */
  readonly now: number;
  /** Value at the top. */
  readonly top: number;
}

export function drawCharts(pen: Pen, tiles: readonly PlacedTile[]): void {
  const bars = new Map<string, Rect[]>();
  const lines = new Map<string, (readonly [series: readonly RatePoint[], plot: Plot])[]>();
  for (const { tile, x, y, width, height } of tiles) {
    if (tile.pool !== null && !SILENT.has(tile.status)) {
      const token = tile.pool >= 1 ? "st-open" : tile.pool >= 0.8 ? "st-warn" : "bar";
      push(bars, token, [x + 1, y + height - 3, (width - 2) * Math.min(1, tile.pool), 2]);
    }
    if (AWAY.has(tile.status)) continue;
    const requests = tile.line("requests");
    const plot = { x: x + 1, y: y + 28, width: width - 1, height: height - 52, now: tile.now, top: topOf(requests) };
    // Errors have a hue only while they are worth one; a healthy tile stays grey.
    const hue = errorHue(tile.errors);
    if (hue !== null) push(lines, hue, [tile.line("errors"), plot]);
    push(lines, "chart", [requests, plot]);
  }
  const { context } = pen;
  context.lineWidth = 1.25;
  for (const hue of ["open", "warn"] as const) {
    context.fillStyle = pen.colour(`st-${hue}-line`);
    context.strokeStyle = pen.colour(`st-${hue}`);
    for (const [series, plot] of lines.get(hue) ?? []) {
      trace(context, series, plot);
      context.stroke();
      trace(context, series, plot, true);
      context.fill();
    }
  }
  context.strokeStyle = pen.colour("chart");
  for (const [series, plot] of lines.get("chart") ?? []) {
    trace(context, series, plot);
    context.stroke();
  }
  for (const [token, rects] of bars) pen.fill(token, rects);
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function topOf(series: readonly RatePoint[]): number {
  let top = 0;
  for (const { value } of series) if (value !== null && value > top) top = value;
  return top === 0 ? 1 : top * 1.15;
}

/** A path through the known points, closed down to the floor for an area; a gap in the data lifts the pen. */
function trace(path: Surface, series: readonly RatePoint[], plot: Plot, closed = false): void {
  const floor = plot.y + plot.height;
  path.beginPath();
  let [from, last] = [Number.NaN, Number.NaN];
  const end = (): void => {
    if (closed && !Number.isNaN(from)) {
      path.lineTo(last, floor);
      path.lineTo(from, floor);
      path.closePath();
    }
    from = Number.NaN;
  };
  for (const { at, value } of series) {
    // What came after the moment of the picture stands at its edge.
    const x = plot.x + plot.width * (1 - Math.max(0, plot.now - at) / WINDOW_MS);
    if (value === null || x < plot.x) {
      end();
      continue;
    }
    const y = floor - Math.min(1, value / plot.top) * plot.height;
    if (Number.isNaN(from)) path.moveTo((from = x), y);
    else path.lineTo(x, y);
    last = x;
  }
  end();
}
