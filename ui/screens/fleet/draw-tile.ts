/** Draws tiles on the shared canvas. Every mark is also a word in the table view. */
import type { Status } from "../../../core/health.ts";
import { formatClock } from "../../charts/format.ts";
import { formatDuration } from "../../components/duration.ts";
import { GLYPHS, statusToken } from "../../components/glyph-paths.ts";
import type { RatePoint } from "../../live/rates.ts";
import type { PlacedTile } from "./grid-layout.ts";

/** Resolved colours of the theme, read once and again when it changes. */
export type Palette = (token: string) => string;

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const cache = new Map<string, string>();
  return (token) => {
    let colour = cache.get(token);
    if (colour === undefined) cache.set(token, (colour = style.getPropertyValue(`--${token}`).trim()));
    return colour;
  };
}

const paths = new Map<string, Path2D>();
function path(d: string): Path2D {
  let found = paths.get(d);
  if (!found) paths.set(d, (found = new Path2D(d)));
  return found;
}

function drawGlyph(
  context: CanvasRenderingContext2D,
  palette: Palette,
  glyph: { status: Status; x: number; y: number; size: number },
): void {
  const colour = palette(`st-${statusToken(glyph.status)}`);
  context.save();
  context.translate(glyph.x, glyph.y);
  context.scale(glyph.size / 16, glyph.size / 16);
  for (const shape of GLYPHS[glyph.status]) {
    if (shape.paint === "fill") {
      context.fillStyle = colour;
      context.fill(path(shape.d));
    } else {
      context.strokeStyle = colour;
      context.lineWidth = shape.width ?? 2;
      context.setLineDash(shape.dash ? [...shape.dash] : []);
      context.stroke(path(shape.d));
    }
  }
  context.restore();
}

/** Wash and top edge belong to open, warning and half-open; a switch has the wash alone; the rest is quiet. */
const EDGED: ReadonlySet<Status> = new Set<Status>(["open", "warning", "half_open"]);

export interface TileStyle {
  readonly palette: Palette;
  readonly fonts: { readonly mono: string; readonly sans: string };
  readonly focused: boolean;
  /** Requests a second of the busiest instance. */
  readonly busiest: number;
}

export function drawTile(context: CanvasRenderingContext2D, placed: PlacedTile, style: TileStyle): void {
  const { tile, x, y, width, height } = placed;
  const { palette } = style;
  const token = statusToken(tile.status);
  const away = tile.status === "offline" || tile.status === "unseen";
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  // A tile is drawn over the one before it.
  context.fillStyle = palette("surface");
  context.fillRect(x, y, width, height);
  if (EDGED.has(tile.status) || tile.status === "switched") {
    context.fillStyle = palette(`st-${token}-wash`);
    context.fillRect(x, y, width, height);
  }
  if (tile.status === "stale") hatch(context, placed, palette("hatch"));
  if (EDGED.has(tile.status)) {
    context.fillStyle = palette(`st-${token}`);
    context.fillRect(x, y, width, 2);
  }
  context.strokeStyle = palette("line");
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y + 0.5, width, height);
  if (away) {
    context.strokeStyle = palette("st-offline-line");
    context.setLineDash([3, 3]);
    context.strokeRect(x + 3.5, y + 3.5, width - 7, height - 7);
    context.setLineDash([]);
  }
  if (width < 40) drawGlyph(context, palette, { status: tile.status, x: x + 4, y: y + 4, size: 14 });
  else drawFace(context, placed, style);
  context.restore();
  if (style.focused) {
    context.strokeStyle = palette("sail");
    context.lineWidth = 2;
    context.strokeRect(x + 1, y + 1, width - 2, height - 2);
  }
}

/** Colour of an error share in percent; null while it is not worth one. */
function errorHue(errors: number | null): "open" | "warn" | null {
  if (errors === null || errors < 1) return null;
  return errors >= 5 ? "open" : "warn";
}

/** From this height a tile has a chart. */
const TALL = 60;

/** Smallest and largest mark, in CSS pixels. */
const MARK = [10, 16] as const;

/** Its area grows with traffic, against the busiest instance of the fleet; three sizes, so that it does not breathe. */
function markSize(requests: number | null, busiest: number): number {
  const share = requests === null || busiest === 0 ? 0 : Math.sqrt(requests / busiest);
  return MARK[0] + Math.round(share * 2) * ((MARK[1] - MARK[0]) / 2);
}

function drawFace(context: CanvasRenderingContext2D, placed: PlacedTile, { palette, fonts, busiest }: TileStyle): void {
  const { tile, x, y, width, height } = placed;
  const old = tile.status === "stale" || tile.status === "offline" || tile.status === "unseen";
  context.textBaseline = "alphabetic";
  const name = tile.name.startsWith(`${tile.service}-`) ? tile.name.slice(tile.service.length + 1) : tile.name;
  const corner = old
    ? tile.ageMs === null
      ? "never"
      : tile.status === "stale"
        ? `${formatDuration(tile.ageMs)} old`
        : "gone"
    : tile.requests === null
      ? ""
      : `${Math.round(tile.requests)}/s`;
  context.font = `400 11px ${fonts.mono}`;
  const cornerWidth = context.measureText(corner).width;
  if (tile.status === "stale") {
    // Words stand on plain ground: hatching under small type is hard to read.
    context.fillStyle = palette("st-stale-wash");
    context.fillRect(x + 1, y + 3, width - 2, 21);
    context.fillRect(x + 3, y + height - 23, Math.min(64, width - 6), 18);
  }
  const size = markSize(tile.requests, busiest);
  drawGlyph(context, palette, { status: tile.status, x: x + 14 - size / 2, y: y + 14 - size / 2, size });
  context.fillStyle = palette("text-2");
  const tall = height >= TALL;
  // A compact tile has its figure below the name, for there is no room beside it.
  context.fillText(corner, tall ? x + width - cornerWidth - 7 : x + 7, tall ? y + 18 : y + 36);
  context.font = `600 12px ${fonts.sans}`;
  context.fillStyle = palette("text");
  context.fillText(fit(context, name, tall ? width - cornerWidth - 38 : width - 32), x + 25, y + 18);
  if (!tall) return;
  const chart = { x: x + 1, y: y + 28, width: width - 1, height: height - 52 };
  if (tile.status !== "offline" && tile.status !== "unseen") {
    const requests = tile.line("requests");
    const plot = { ...chart, now: tile.now, top: topOf(requests) };
    // Errors have a hue only while they are worth one; a healthy tile stays grey.
    const hue = errorHue(tile.errors);
    if (hue !== null) drawLine(context, tile.line("errors"), { ...plot, colour: palette(`st-${hue}`), fill: palette(`st-${hue}-line`) });
    drawLine(context, requests, { ...plot, colour: palette("chart") });
  }
  const foot = y + height - 10;
  context.font = `400 11px ${fonts.mono}`;
  if (old) {
    context.fillStyle = palette("text-3");
    context.fillText(tile.lastFrameAt === null ? "not heard" : formatClock(tile.lastFrameAt), x + 7, foot);
    return;
  }
  const errors = tile.errors ?? 0;
  const hue = errorHue(tile.errors);
  context.fillStyle = palette(hue === null ? "text-3" : `st-${hue}-ink`);
  context.fillText(tile.errors === null ? "–" : `${errors < 10 ? errors.toFixed(1) : errors.toFixed(0)} %`, x + 7, foot);
  if (tile.shed >= 0.5) {
    const text = `shed ${Math.round(tile.shed)}`;
    context.fillStyle = palette("st-warn-ink");
    context.fillText(text, x + width - context.measureText(text).width - 7, foot);
  }
  if (tile.pool !== null) {
    context.fillStyle = tile.pool >= 1 ? palette("st-open") : tile.pool >= 0.8 ? palette("st-warn") : palette("bar");
    context.fillRect(x + 1, y + height - 3, (width - 2) * Math.min(1, tile.pool), 2);
  }
}

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

const WINDOW_MS = 120_000;

function topOf(series: readonly RatePoint[]): number {
  let top = 0;
  for (const { value } of series) if (value !== null && value > top) top = value;
  return top === 0 ? 1 : top * 1.15;
}

/** Runs of known points as canvas coordinates; a gap in the data lifts the pen. */
function* runs(series: readonly RatePoint[], plot: Plot): Generator<readonly (readonly [number, number])[]> {
  let run: [number, number][] = [];
  for (const { at, value } of series) {
    const x = plot.x + plot.width * (1 - (plot.now - at) / WINDOW_MS);
    if (value !== null && x >= plot.x) run.push([x, plot.y + plot.height - Math.min(1, value / plot.top) * plot.height]);
    else if (run.length > 0) {
      yield run;
      run = [];
    }
  }
  if (run.length > 0) yield run;
}

function drawLine(context: CanvasRenderingContext2D, series: readonly RatePoint[], plot: Plot & { colour: string; fill?: string }): void {
  const floor = plot.y + plot.height;
  for (const run of runs(series, plot)) {
    const [first, last] = [run[0], run.at(-1)];
    if (!first || !last) continue;
    context.beginPath();
    run.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    context.strokeStyle = plot.colour;
    context.lineWidth = 1.25;
    context.stroke();
    if (plot.fill === undefined) continue;
    context.lineTo(last[0], floor);
    context.lineTo(first[0], floor);
    context.closePath();
    context.fillStyle = plot.fill;
    context.fill();
  }
}

function hatch(context: CanvasRenderingContext2D, box: PlacedTile, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let offset = -box.height; offset < box.width; offset += 7) {
    context.moveTo(box.x + offset, box.y + box.height);
    context.lineTo(box.x + offset + box.height, box.y);
  }
  context.stroke();
}

/** Names fitted before, by font, width and text: a name is drawn each second and measured once. */
const fitted = new Map<string, string>();
const FITTED_MOST = 20_000;

function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  const key = `${context.font} ${String(Math.round(width))} ${text}`;
  let short = fitted.get(key);
  if (short !== undefined) return short;
  if (fitted.size >= FITTED_MOST) fitted.clear();
  short = text;
  for (let end = text.length - 1; end > 0 && context.measureText(short).width > width; end--) short = `${text.slice(0, end)}…`;
  fitted.set(key, short);
  return short;
}
