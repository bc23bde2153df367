/** Draws tiles on the shared canvas. Every mark is also a word in the table view. */
import type { Status } from "../../../core/health.ts";
import { formatClock, formatDuration } from "../../components/duration.ts";
import { GLYPHS, statusToken } from "../../components/glyph-paths.ts";
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

function drawGlyph(context: CanvasRenderingContext2D, palette: Palette, glyph: { status: Status; x: number; y: number; size: number }): void {
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
  context.setLineDash(away ? [3, 3] : []);
  context.strokeRect(x + 0.5, y + 0.5, width, height);
  context.setLineDash([]);
  if (width < 40) drawGlyph(context, palette, { status: tile.status, x: x + 4, y: y + 4, size: 14 });
  else drawFace(context, placed, style);
  context.restore();
  if (style.focused) {
    context.strokeStyle = palette("sail");
    context.lineWidth = 2;
    context.strokeRect(x + 1, y + 1, width - 2, height - 2);
  }
}

function drawFace(context: CanvasRenderingContext2D, placed: PlacedTile, { palette, fonts }: TileStyle): void {
  const { tile, x, y, width, height } = placed;
  const old = tile.status === "stale" || tile.status === "offline" || tile.status === "unseen";
  drawGlyph(context, palette, { status: tile.status, x: x + 7, y: y + 7, size: 13 });
  context.textBaseline = "alphabetic";
  const name = tile.name.startsWith(`${tile.service}-`) ? tile.name.slice(tile.service.length + 1) : tile.name;
  const corner = old ? (tile.ageMs === null ? "never" : tile.status === "stale" ? `${formatDuration(tile.ageMs)} old` : "gone") : tile.requests === null ? "" : `${Math.round(tile.requests)}/s`;
  context.font = `400 11px ${fonts.mono}`;
  context.fillStyle = palette("text-2");
  const cornerWidth = context.measureText(corner).width;
  context.fillText(corner, x + width - cornerWidth - 7, y + 18);
  context.font = `600 12px ${fonts.sans}`;
  context.fillStyle = palette("text");
  context.fillText(fit(context, name, width - cornerWidth - 38), x + 25, y + 18);
  if (height < 60) return;
  const chart = { x, y: y + 26, width, height: height - 50 };
  if (tile.status !== "offline" && tile.status !== "unseen") {
    area(context, tile.errorSeries, { ...chart, line: palette(tile.status === "open" ? "st-open" : "st-warn"), scale: scaleOf(tile.requestSeries) });
    line(context, tile.requestSeries, { ...chart, line: palette("chart") });
  }
  const foot = y + height - 10;
  context.font = `400 11px ${fonts.mono}`;
  if (old) {
    context.fillStyle = palette("text-3");
    context.fillText(tile.lastFrameAt === null ? "not heard" : formatClock(tile.lastFrameAt), x + 7, foot);
    return;
  }
  const errors = tile.errors ?? 0;
  context.fillStyle = errors >= 5 ? palette("st-open-ink") : errors >= 1 ? palette("st-warn-ink") : palette("text-3");
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
  readonly line: string;
  readonly scale?: number;
}

const SLOTS = 119;

function scaleOf(series: readonly (number | null)[]): number {
  let top = 0;
  for (const value of series) if (value !== null && value > top) top = value;
  return top === 0 ? 1 : top * 1.15;
}

/** Newest at the right edge; a gap in the data lifts the pen. */
function line(context: CanvasRenderingContext2D, series: readonly (number | null)[], plot: Plot): void {
  const scale = plot.scale ?? scaleOf(series);
  const step = plot.width / SLOTS;
  context.beginPath();
  let down = false;
  series.forEach((value, i) => {
    if (value === null) {
      down = false;
      return;
    }
    const x = plot.x + plot.width - (series.length - 1 - i) * step;
    const y = plot.y + plot.height - Math.min(1, value / scale) * plot.height;
    if (down) context.lineTo(x, y);
    else context.moveTo(x, y);
    down = true;
  });
  context.strokeStyle = plot.line;
  context.lineWidth = 1;
  context.stroke();
}

function area(context: CanvasRenderingContext2D, series: readonly (number | null)[], plot: Plot): void {
  const scale = plot.scale ?? scaleOf(series);
  const step = plot.width / SLOTS;
  context.fillStyle = plot.line;
  series.forEach((value, i) => {
    if (value === null || value <= 0) return;
    const height = Math.max(1, Math.min(1, value / scale) * plot.height);
    context.fillRect(plot.x + plot.width - (series.length - i) * step, plot.y + plot.height - height, Math.max(1, step), height);
  });
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

function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}
