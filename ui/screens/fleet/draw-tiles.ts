/**
 * Draws tiles on the shared canvas, mark by mark and not tile by tile: changes of font and colour cost more than what is drawn with them.
 * Every mark is also a word in the table view.
 */
import type { Status } from "../../../core/health.ts";
import { GLYPHS, statusToken } from "../../components/glyph-paths.ts";
import { drawCharts } from "./tile-charts.ts";
import { AWAY, TALL, WIDE, type Pen, type PlacedTile, type Rect, type Surface } from "./tile-pen.ts";
import { drawWords } from "./tile-words.ts";

const paths = new Map<string, Path2D>();
function path(d: string): Path2D {
  let found = paths.get(d);
  if (!found) paths.set(d, (found = new Path2D(d)));
  return found;
}

/** Wash and top edge belong to open, warning and half-open; a switch has the wash alone; the rest is quiet. */
const EDGED: ReadonlySet<Status> = new Set<Status>(["open", "warning", "half_open"]);

/** Smallest and largest mark, in CSS pixels. */
const MARK = [10, 16] as const;

/** Draws over what stood there. All sizes of tiles are those of one density. */
export function drawTiles(pen: Pen, tiles: readonly PlacedTile[]): void {
  const [first] = tiles;
  if (!first) return;
  const byStatus = new Map<Status, PlacedTile[]>();
  for (const placed of tiles) {
    const group = byStatus.get(placed.tile.status);
    if (group) group.push(placed);
    else byStatus.set(placed.tile.status, [placed]);
  }
  pen.toPage();
  drawGrounds(pen, tiles, byStatus);
  for (const [status, group] of byStatus) drawGlyphs(pen, status, group);
  pen.toPage();
  if (first.width < WIDE) return;
  if (first.height >= TALL) drawCharts(pen, tiles);
  drawWords(pen, tiles);
}

function drawGrounds(pen: Pen, tiles: readonly PlacedTile[], byStatus: ReadonlyMap<Status, readonly PlacedTile[]>): void {
  // A tile is drawn over the one before it.
  pen.fill("surface", tiles.map(whole));
  for (const [status, group] of byStatus) {
    const token = `st-${statusToken(status)}`;
    if (EDGED.has(status) || status === "switched") pen.fill(`${token}-wash`, group.map(whole));
    if (status === "stale") for (const placed of group) hatch(pen.context, placed, pen.colour("hatch"));
    if (EDGED.has(status))
      pen.fill(
        token,
        group.map(({ x, y, width }): Rect => [x, y, width, 2]),
      );
  }
  pen.fill(
    "line",
    tiles.flatMap(({ x, y, width, height }): Rect[] => [
      [x, y, width, 1],
      [x, y, 1, height],
    ]),
  );
  for (const [status, group] of byStatus) {
    if (AWAY.has(status))
      pen.stroke(
        "st-offline-line",
        group.map(({ x, y, width, height }): Rect => [x + 3.5, y + 3.5, width - 7, height - 7]),
        [3, 3],
      );
    // Words stand on plain ground: hatching under small type is hard to read.
    if (status === "stale" && (group[0]?.width ?? 0) >= WIDE)
      pen.fill(
        "st-stale-wash",
        group.flatMap(({ x, y, width, height }): Rect[] => [
          [x + 1, y + 3, width - 2, 21],
          [x + 3, y + height - 23, Math.min(64, width - 6), 18],
        ]),
      );
  }
}

const whole = ({ x, y, width, height }: PlacedTile): Rect => [x, y, width, height];

/** Its area grows with traffic, against the busiest instance of the fleet; three sizes, so that it does not breathe. */
function markSize(requests: number | null, busiest: number): number {
  const share = requests === null || busiest === 0 ? 0 : Math.sqrt(requests / busiest);
  return MARK[0] + Math.round(share * 2) * ((MARK[1] - MARK[0]) / 2);
}

function drawGlyphs(pen: Pen, status: Status, group: readonly PlacedTile[]): void {
  const { context } = pen;
  const { ratio, top, busiest } = pen.style;
  const colour = pen.colour(`st-${statusToken(status)}`);
  for (const shape of GLYPHS[status]) {
    const filled = shape.paint === "fill";
    if (filled) context.fillStyle = colour;
    else {
      context.strokeStyle = colour;
      context.lineWidth = shape.width ?? 2;
      context.setLineDash(shape.dash ? [...shape.dash] : []);
    }
    for (const { tile, x, y, width } of group) {
      const size = width < WIDE ? 14 : markSize(tile.requests, busiest);
      const inset = width < WIDE ? 4 : 14 - size / 2;
      const scale = (size / 16) * ratio;
      context.setTransform(scale, 0, 0, scale, (x + inset) * ratio, (y + inset - top) * ratio);
      if (filled) context.fill(path(shape.d));
      else context.stroke(path(shape.d));
    }
  }
  context.setLineDash([]);
}

function hatch(context: Surface, box: PlacedTile, colour: string): void {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let offset = -box.height; offset < box.width; offset += 7) {
    context.moveTo(box.x + offset, box.y + box.height);
    context.lineTo(box.x + offset + box.height, box.y);
  }
  context.stroke();
  context.restore();
}
