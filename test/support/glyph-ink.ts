/** Draws the glyphs of the status language onto a grid of points, without a browser: which points of the 16 by 16 field carry ink. */
import type { GlyphShape } from "../../ui/components/glyph-paths.ts";

type Point = readonly [x: number, y: number];

/** Points a side. */
const GRID = 96;
const FIELD = 16;
/** Of a curve that is drawn as lines. */
const STEPS = 24;

/** True where there is ink. */
export function inkOf(shapes: readonly GlyphShape[]): readonly boolean[] {
  const drawn = shapes.map((shape) => ({ shape, lines: linesOf(shape.d) }));
  return Array.from({ length: GRID * GRID }, (_, i) => {
    const point: Point = [(((i % GRID) + 0.5) / GRID) * FIELD, ((Math.floor(i / GRID) + 0.5) / GRID) * FIELD];
    return drawn.some(({ shape, lines }) => (shape.paint === "fill" ? inside(point, lines) : onStroke(point, lines, shape)));
  });
}

/** Share of the ink of either that only one of them has: 0 the same, 1 nothing in common (Jaccard distance). */
export function shapeDistance(a: readonly boolean[], b: readonly boolean[]): number {
  const either = a.filter((ink, i) => ink || b[i] === true).length;
  const one = a.filter((ink, i) => ink !== b[i]).length;
  return either === 0 ? 0 : one / either;
}

/** By the rule of odd crossings; the glyphs do not overlap themselves. */
function inside([x, y]: Point, lines: readonly (readonly Point[])[]): boolean {
  let crossings = 0;
  for (const line of lines)
    line.forEach(([x1, y1], i) => {
      const [x2, y2] = line[(i + 1) % line.length] as Point;
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) crossings++;
    });
  return crossings % 2 === 1;
}

function onStroke(point: Point, lines: readonly (readonly Point[])[], { width = 1, dash }: GlyphShape): boolean {
  const [on = Infinity, off = 0] = dash ?? [];
  return lines.some((line) => {
    let before = 0;
    return line.slice(1).some((end, i) => {
      const start = line[i] as Point;
      const length = Math.hypot(end[0] - start[0], end[1] - start[1]);
      if (length === 0) return false;
      const share = ((point[0] - start[0]) * (end[0] - start[0]) + (point[1] - start[1]) * (end[1] - start[1])) / length ** 2;
      const at = Math.min(1, Math.max(0, share));
      const along = before + at * length;
      before += length;
      const distance = Math.hypot(point[0] - start[0] - at * (end[0] - start[0]), point[1] - start[1] - at * (end[1] - start[1]));
      return distance <= width / 2 && (off === 0 || along % (on + off) <= on);
    });
  });
}

/** Path data as lines. Knows the commands that the glyphs use: M, L, H, V, A and z. @throws Error on any other */
function linesOf(d: string): readonly (readonly Point[])[] {
  const lines: Point[][] = [];
  let at: Point = [0, 0];
  for (const [, command = "", rest = ""] of d.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const numbers = [...rest.matchAll(/-?(?:\d+\.?\d*|\.\d+)/g)].map(([text]) => Number(text));
    const relative = command === command.toLowerCase();
    const [ox, oy]: Point = relative ? at : [0, 0];
    const kind = command.toUpperCase();
    if (kind === "Z") {
      const first = lines.at(-1)?.[0];
      if (first) lines.at(-1)?.push((at = first));
      continue;
    }
    const taken = { M: 2, L: 2, H: 1, V: 1, A: 7 }[kind];
    if (taken === undefined) throw new Error(`path command ${command} is not known`);
    for (let i = 0; i < numbers.length; i += taken) {
      const [a = 0, b = 0, , large = 0, sweep = 0, x = 0, y = 0] = numbers.slice(i, i + taken);
      const base: Point = relative ? at : [ox, oy];
      if (kind === "A") {
        const to: Point = [base[0] + x, base[1] + y];
        lines.at(-1)?.push(...arc(at, to, { radius: a, large: large === 1, sweep: sweep === 1 }));
        at = to;
        continue;
      }
      at = kind === "H" ? [base[0] + a, at[1]] : kind === "V" ? [at[0], base[1] + a] : [base[0] + a, base[1] + b];
      if (kind === "M" && i === 0) lines.push([at]);
      else lines.at(-1)?.push(at);
    }
  }
  return lines;
}

/** Of a circle; the glyphs have no other arcs. */
function arc(
  from: Point,
  to: Point,
  { radius, large, sweep }: { readonly radius: number; readonly large: boolean; readonly sweep: boolean },
) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const chord = Math.hypot(dx, dy);
  const r = Math.max(radius, chord / 2);
  const height = Math.sqrt(Math.max(0, r ** 2 - (chord / 2) ** 2)) * (large === sweep ? -1 : 1);
  const centre: Point = [from[0] + dx / 2 - (dy / chord) * height, from[1] + dy / 2 + (dx / chord) * height];
  const start = Math.atan2(from[1] - centre[1], from[0] - centre[0]);
  const end = Math.atan2(to[1] - centre[1], to[0] - centre[0]);
  const turn = sweep ? (end - start + 4 * Math.PI) % (2 * Math.PI) : -((start - end + 4 * Math.PI) % (2 * Math.PI));
  return Array.from({ length: STEPS }, (_, i): Point => {
    const angle = start + (turn * (i + 1)) / STEPS;
    return [centre[0] + r * Math.cos(angle), centre[1] + r * Math.sin(angle)];
  });
}
