import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { TimeScale } from "../../../ui/charts/time-scale.tsx";

const AT = Date.UTC(2026, 10, 20, 14, 0, 0);
const scale = (seconds: number): readonly string[] =>
  [...renderToStaticMarkup(createElement(TimeScale, { window: { from: AT, to: AT + seconds * 1_000 } })).matchAll(/left:([^"]+)"/g)].map(
    ([, left]) => String(left),
  );

describe("a scale of time", () => {
  it("keeps the moment at either end inside, by half of what is written of it", () => {
    expect(scale(50)).toContain("clamp(4ch, 0%, 100% - 4ch)");
    expect(scale(50)).toContain("clamp(4ch, 100%, 100% - 4ch)");
    expect(scale(300)).toContain("clamp(2.5ch, 100%, 100% - 2.5ch)");
  });
});
