/**
 * The states as people see them who lack a kind of cone. Shapes carry the meaning; where two shapes are near one another, colour must
 * still help. Simulation: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color
 * Vision Deficiency", IEEE TVCG 15(6), 2009, the matrices of severity 1.0, on linear light. Distance of colours: CIE 1976, the
 * Euclidean distance in CIELAB under D65, of which about 2.3 can just be noticed side by side.
 */
import { describe, expect, it } from "vitest";
import { GLYPHS, statusToken } from "../../../ui/components/glyph-paths.ts";
import { STATUSES, type Status } from "../../../core/health.ts";
import { inkOf, shapeDistance } from "../../support/glyph-ink.ts";
import { linear, tokensOf } from "../../support/theme-tokens.ts";

type Light = readonly [number, number, number];
type Matrix = readonly [Light, Light, Light];

const SIGHTS: Readonly<Record<string, Matrix>> = {
  "full colour vision": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** sRGB as light to CIE XYZ, and the white of D65. */
const TO_XYZ: Matrix = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];
const WHITE: Light = [0.95047, 1, 1.08883];

const times = (matrix: Matrix, [a, b, c]: Light): Light => matrix.map(([x, y, z]) => x * a + y * b + z * c) as unknown as Light;

function lab(light: Light): Light {
  const [x, y, z] = times(TO_XYZ, light.map((part) => Math.min(1, Math.max(0, part))) as unknown as Light).map((part, i) => {
    const share = part / (WHITE[i] ?? 1);
    return share > 216 / 24389 ? Math.cbrt(share) : ((24389 / 27) * share + 16) / 116;
  }) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function colourDistance(a: string, b: string, sight: Matrix): number {
  const [p, q] = [lab(times(sight, linear(a))), lab(times(sight, linear(b)))];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

/** Share of the ink that must differ. */
const LEAST_SHAPE = 0.3;
/** Below this two shapes are near one another, and colour must help. */
const NEAR_SHAPE = 0.6;
const LEAST_COLOUR = 10;

const ink = new Map(STATUSES.map((status) => [status, inkOf(GLYPHS[status])]));
const pairs = STATUSES.flatMap((a, i) => STATUSES.slice(i + 1).map((b) => [a, b] as const));
const apart = (a: Status, b: Status): number => shapeDistance(ink.get(a) ?? [], ink.get(b) ?? []);
const near = pairs.filter(([a, b]) => apart(a, b) < NEAR_SHAPE);

describe("the states without colour", () => {
  it("are drawn: every glyph has ink, and none fills the field", () => {
    for (const [status, points] of ink) {
      const share = points.filter(Boolean).length / points.length;
      expect(share, status).toBeGreaterThan(0.01);
      expect(share, status).toBeLessThan(0.7);
    }
  });

  it("differ from one another in at least three tenths of their ink", () => {
    expect(pairs.filter(([a, b]) => apart(a, b) < LEAST_SHAPE).map(([a, b]) => `${a} and ${b}: ${apart(a, b).toFixed(2)}`)).toEqual([]);
  });

  it("have neighbours: the rings are near one another, so that the colours below are of use", () => {
    expect(near.map((pair) => pair.join(" "))).toContain("closed offline");
  });
});

describe.each(["dark", "light", "contrast"] as const)("in the %s theme", (theme) => {
  const tokens = tokensOf(theme);
  const colour = (status: Status): string => tokens.get(`st-${statusToken(status)}`) ?? "";

  it.each(Object.entries(SIGHTS))("states of similar shape stay apart in colour under %s", (_sight, matrix) => {
    const close = near.flatMap(([a, b]) => {
      const distance = colourDistance(colour(a), colour(b), matrix);
      return distance >= LEAST_COLOUR ? [] : [`${a} and ${b}: shape ${apart(a, b).toFixed(2)}, colour ${distance.toFixed(1)}`];
    });
    expect(close).toEqual([]);
  });
});
