/** What marks on tiles have in common: colours, places, and many of a kind drawn at once. */
import type { Status } from "../../../core/health.ts";

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

export interface TileStyle {
  readonly palette: Palette;
  readonly fonts: { readonly mono: string; readonly sans: string };
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
  readonly context: CanvasRenderingContext2D;
  readonly style: TileStyle;

  constructor(context: CanvasRenderingContext2D, style: TileStyle) {
    this.context = context;
    this.style = style;
  }

  fill(token: string, rects: readonly Rect[]): void {
    this.context.fillStyle = this.style.palette(token);
    for (const [x, y, width, height] of rects) this.context.fillRect(x, y, width, height);
  }

  stroke(token: string, rects: readonly Rect[], dash: readonly number[] = []): void {
    this.context.strokeStyle = this.style.palette(token);
    this.context.lineWidth = 1;
    this.context.setLineDash([...dash]);
    for (const [x, y, width, height] of rects) this.context.strokeRect(x, y, width, height);
    this.context.setLineDash([]);
  }
}
