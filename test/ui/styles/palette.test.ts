/** Every colour pair that carries meaning, computed from the token file in every theme: words 4.5:1, marks 3:1 on each ground they stand on. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { linear, tokensOf } from "../../support/theme-tokens.ts";

function luminance(hex: string): number {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const STATUSES = ["closed", "half", "warn", "open", "forced", "switch", "stale", "offline"] as const;
const GROUNDS = ["ground", "surface", "raised", "over"] as const;

describe.each(["dark", "light", "contrast"] as const)("the %s theme", (theme) => {
  const tokens = tokensOf(theme);
  const colour = (name: string): string => {
    const found = tokens.get(name);
    if (found === undefined) throw new Error(`no token --${name} in ${theme}`);
    return found;
  };
  const failures = (pairs: readonly (readonly [string, string])[], least: number): string[] =>
    pairs.flatMap(([front, back]) => {
      const ratio = contrast(colour(front), colour(back));
      return ratio >= least ? [] : [`${front} on ${back} is ${ratio.toFixed(2)}`];
    });
  const cross = (fronts: readonly string[], backs: readonly string[]) =>
    fronts.flatMap((front) => backs.map((back) => [front, back] as const));

  it("has words of at least 4.5:1 on every plain ground", () => {
    expect(failures(cross(["text", "text-2", "text-3", "sail"], [...GROUNDS, "sunken", "sail-wash"]), 4.5)).toEqual([]);
  });

  it("has status words of at least 4.5:1 on every ground and on their own wash", () => {
    expect(
      failures(
        STATUSES.flatMap((status) => cross([`st-${status}-ink`], [...GROUNDS, `st-${status}-wash`])),
        4.5,
      ),
    ).toEqual([]);
  });

  it("has status marks of at least 3:1 on every ground and on their own wash", () => {
    expect(
      failures(
        STATUSES.flatMap((status) => cross([`st-${status}`], [...GROUNDS, `st-${status}-wash`])),
        3,
      ),
    ).toEqual([]);
  });

  it("has plain words of at least 4.5:1 on every wash", () => {
    expect(
      failures(
        cross(
          ["text", "text-2", "text-3"],
          STATUSES.map((status) => `st-${status}-wash`),
        ),
        4.5,
      ),
    ).toEqual([]);
  });

  it("has lines of charts, borders of controls and the focus ring of at least 3:1", () => {
    expect(failures(cross(["chart", "line-control", "sail", "bar"], ["ground", "surface", "raised"]), 3)).toEqual([]);
    expect(
      failures(
        cross(
          ["chart"],
          STATUSES.map((status) => `st-${status}-wash`),
        ),
        3,
      ),
    ).toEqual([]);
  });

  it("has words of at least 4.5:1 on filled controls", () => {
    expect(
      failures(
        [
          ["sail-ink", "sail"],
          ["sail-ink", "sail-2"],
          ["on-open", "st-open"],
          ["on-warn", "st-warn"],
          ["on-switch", "st-switch"],
          ["ground", "text"],
        ],
        4.5,
      ),
    ).toEqual([]);
  });
});

describe("the high contrast theme", () => {
  const tokens = tokensOf("contrast");
  const below = (fronts: readonly string[], backs: readonly string[], least: number): string[] =>
    fronts.flatMap((front) =>
      backs.flatMap((back) => {
        const ratio = contrast(tokens.get(front) ?? "#000000", tokens.get(back) ?? "#000000");
        return ratio >= least ? [] : [`${front} on ${back} is ${ratio.toFixed(2)}`];
      }),
    );
  const inks = STATUSES.map((status) => `st-${status}-ink`);
  const washes = STATUSES.map((status) => `st-${status}-wash`);

  it("has every token of the light theme", () => {
    expect([...tokensOf("light").keys()].filter((name) => !tokens.has(name))).toEqual([]);
  });

  it("has words of at least 7:1 on every ground and wash", () => {
    expect(below(["text", "text-2", "text-3", "sail", ...inks], [...GROUNDS, "sunken", "sail-wash", ...washes], 7)).toEqual([]);
  });

  it("has marks of at least 4.5:1 and lines and borders of at least 3:1", () => {
    expect(
      below(
        STATUSES.map((status) => `st-${status}`),
        [...GROUNDS, ...washes],
        4.5,
      ),
    ).toEqual([]);
    expect(
      below(
        ["line", "line-2", "line-control", "sail-line", "frame-line", ...STATUSES.map((status) => `st-${status}-line`)],
        [...GROUNDS, "sunken"],
        3,
      ),
    ).toEqual([]);
  });
});

it("keeps colours in the token file", () => {
  for (const file of ["styles/globals.css", "styles/screens.css", "frame/frame.css", "screens/settings/settings.css"])
    expect(readFileSync(join(import.meta.dirname, "../../../ui", file), "utf8")).not.toMatch(/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/i);
});
