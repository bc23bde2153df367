/** What marks on tiles have in common: colours, places, and many of a kind drawn at once. */
import type { Status } from "../../../core/health.ts";
import type { Box } from "./grid-layout.ts";
import type { Tile } from "./tile-model.ts";

/** Tokens of colours that are drawn with. */
const STATUSES_DRAWN = ["closed", "open", "warn", "half", "forced", "switch", "stale", "offline"] as const;
const TOKENS = [
  ...["surface", "line", "hatch", "bar", "chart", "text", "text-2", "text-3"],
  ...STATUSES_DRAWN.flatMap((status) => ["", "-wash", "-line", "-ink"].map((suffix) => `st-${status}${suffix}`)),
];

/** Colours of the theme by their token, as plain data: a worker has no style sheet to look into. */
export type Palette = Readonly<Record<string, string>>;

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  return Object.fromEntries(TOKENS.map((token) => [token, style.getPropertyValue(`--${token}`).trim()]));
}

/** A canvas on the page or off it. */
export type Surface = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A tile in its place. */
export interface PlacedTile extends Box {
  readonly tile: Tile;
}

export interface TileStyle {
  readonly palette: Palette;
  readonly fonts: { readonly mono: string; readonly sans: string };
  /** Room around what stands in a head. */
  readonly pad: { readonly x: number; readonly y: number };
  /** Requests a second of the busiest instance. */
  readonly busiest: number;
  /** Device pixels to a CSS pixel. */
  readonly ratio: number;
  /** CSS pixels that are above the canvas. */
  readonly top: number;
}

export const SILENT: ReadonlySet<Status> = new Set<Status>(["stale", "offline", "unseen"]);
export const AWAY: ReadonlySet<Status> = new Set<Status>(["offline", "unseen"]);

/** From this width a tile has words, from this height a chart. */
export const WIDE = 40;
export const TALL = 60;

/** Colour of an error share in percent; null while it is not worth one. */
export function errorHue(errors: number | null): "open" | "warn" | null {
  if (errors === null || errors < 1) return null;
  return errors >= 5 ? "open" : "warn";
}

export type Rect = readonly [x: number, y: number, width: number, height: number];

/** Draws many of a kind at once. */
export class Pen {
  readonly context: Surface;
  readonly style: TileStyle;

  constructor(context: Surface, style: TileStyle) {
    this.context = context;
    this.style = style;
  }

  /** What is drawn next is measured in CSS pixels of the page. */
  toPage(): void {
    const { ratio, top } = this.style;
    this.context.setTransform(ratio, 0, 0, ratio, 0, -top * ratio);
  }

  colour(token: string): string {
    return this.style.palette[token] ?? "";
  }

  fill(token: string, rects: readonly Rect[]): void {
    this.context.fillStyle = this.colour(token);
    for (const [x, y, width, height] of rects) this.context.fillRect(x, y, width, height);
  }

  stroke(token: string, rects: readonly Rect[], dash: readonly number[] = []): void {
    this.context.strokeStyle = this.colour(token);
    this.context.lineWidth = 1;
    this.context.setLineDash([...dash]);
    for (const [x, y, width, height] of rects) this.context.strokeRect(x, y, width, height);
    this.context.setLineDash([]);
  }
}
