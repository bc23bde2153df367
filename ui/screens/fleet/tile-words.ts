/** The words and figures of tiles. */
import { formatClock, formatNumber } from "../../charts/format.ts";
import { formatDuration } from "../../components/duration.ts";
import type { Tile } from "./tile-model.ts";
import { HEAD_WIDTH, type Box } from "./grid-layout.ts";
import { errorHue, SILENT, TALL, type Pen, type PlacedTile, type Surface } from "./tile-pen.ts";

function cornerText(tile: Tile): string {
  if (!SILENT.has(tile.status)) return tile.requests === null ? "" : `${String(Math.round(tile.requests))}/s`;
  if (tile.ageMs === null) return "never";
  return tile.status === "stale" ? `${formatDuration(tile.ageMs)} old` : "gone";
}

/** What stands at the foot, and the token of its colour. */
function footText(tile: Tile): readonly [text: string, token: string] {
  if (SILENT.has(tile.status)) return [tile.lastFrameAt === null ? "not heard" : formatClock(tile.lastFrameAt), "text-3"];
  const { errors } = tile;
  const hue = errorHue(errors);
  return [errors === null ? "–" : `${errors.toFixed(errors < 10 ? 1 : 0)} %`, hue === null ? "text-3" : `st-${hue}-ink`];
}

const nameOf = ({ name, service }: Tile): string => (name.startsWith(`${service}-`) ? name.slice(service.length + 1) : name);

export function drawWords(pen: Pen, tiles: readonly PlacedTile[]): void {
  const { context, style } = pen;
  const tall = (tiles[0]?.height ?? 0) >= TALL;
  context.textBaseline = "alphabetic";
  context.font = `400 11px ${style.fonts.mono}`;
  const letter = context.measureText("0").width;
  const corners = tiles.map(({ tile }) => cornerText(tile));
  context.fillStyle = pen.colour("text-2");
  context.textAlign = tall ? "right" : "left";
  // A compact tile has its figure below the name, for there is no room beside it.
  tiles.forEach(({ x, y, width }, i) => context.fillText(corners[i] ?? "", tall ? x + width - 7 : x + 7, tall ? y + 18 : y + 36));
  if (tall) drawFeet(pen, tiles);
  context.textAlign = "left";
  context.font = `600 12px ${style.fonts.sans}`;
  context.fillStyle = pen.colour("text");
  tiles.forEach(({ tile, x, y, width }, i) => {
    const room = tall ? width - (corners[i]?.length ?? 0) * letter - 38 : width - 32;
    context.fillText(fit(context, nameOf(tile), room), x + 25, y + 18);
  });
}

function drawFeet(pen: Pen, tiles: readonly PlacedTile[]): void {
  const { context } = pen;
  context.textAlign = "left";
  let set = "";
  for (const { tile, x, y, height } of tiles) {
    const [text, token] = footText(tile);
    if (token !== set) context.fillStyle = pen.colour((set = token));
    context.fillText(text, x + 7, y + height - 10);
  }
  context.textAlign = "right";
  context.fillStyle = pen.colour("st-warn-ink");
  for (const { tile, x, y, width, height } of tiles)
    if (tile.shed >= 0.5 && !SILENT.has(tile.status))
      context.fillText(`shed ${String(Math.round(tile.shed))}`, x + width - 7, y + height - 10);
}

/** From the top of a head, without its padding, to the line its figures stand on. */
const HEAD_BASELINE = 36;

/** What a group does each second: its requests and its share of errors, never a mean of its members' shares. */
export function drawHeadFigures(pen: Pen, { x, y }: Box, tiles: readonly Tile[]): void {
  let [requests, failing, known] = [0, 0, false];
  for (const tile of tiles) {
    if (tile.requests === null) continue;
    known = true;
    requests += tile.requests;
    failing += (tile.requests * (tile.errors ?? 0)) / 100;
  }
  const { context } = pen;
  const { pad } = pen.style;
  const [left, right, line] = [x + pad.x, x + HEAD_WIDTH - pad.x, y + pad.y + HEAD_BASELINE];
  context.font = `400 13px ${pen.style.fonts.mono}`;
  context.textBaseline = "alphabetic";
  context.fillStyle = pen.colour("text-2");
  context.textAlign = "left";
  context.fillText(known ? `${formatNumber(Math.round(requests))}/s` : "unknown", left, line);
  if (requests === 0) return;
  const share = failing / requests;
  if (share >= 0.01) context.fillStyle = pen.colour("st-open-ink");
  context.textAlign = "right";
  context.fillText(`${(share * 100).toFixed(1)} %`, right, line);
}

/** Names fitted before, by width: a name is drawn each second and measured once. */
const fitted = new Map<number, Map<string, string>>();
const FITTED_MOST = 5_000;

/** In the font that is set. What does not fit loses its beginning: instances of a service differ in how their names end. */
function fit(context: Surface, text: string, width: number): string {
  const rounded = Math.round(width);
  let names = fitted.get(rounded);
  if (!names) fitted.set(rounded, (names = new Map<string, string>()));
  let short = names.get(text);
  if (short !== undefined) return short;
  if (names.size >= FITTED_MOST) names.clear();
  short = text;
  for (let cut = 1; cut < text.length && context.measureText(short).width > width; cut++) short = `…${text.slice(cut)}`;
  names.set(text, short);
  return short;
}
