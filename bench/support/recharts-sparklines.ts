/** What the grid of tiles would be with a chart component for each sparkline: a thousand of them, redrawn once a second. Runs in a page. */
import { createElement, useEffect, useState, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { Line, LineChart, YAxis } from "recharts";

const POINTS = 60;
type Points = readonly { readonly v: number }[];

function next(lines: readonly Points[]): readonly Points[] {
  return lines.map((line) => [...line.slice(1), { v: Math.max(0, (line.at(-1)?.v ?? 50) + Math.random() * 10 - 5) }]);
}

function Grid({ count }: { readonly count: number }): ReactNode {
  const [lines, setLines] = useState<readonly Points[]>(() =>
    Array.from({ length: count }, () => Array.from({ length: POINTS }, () => ({ v: 50 }))),
  );
  useEffect(() => {
    const timer = setInterval(() => setLines(next), 1000);
    return () => clearInterval(timer);
  }, []);
  return lines.map((line, i) =>
    createElement(
      LineChart,
      { key: i, width: 96, height: 34, data: [...line] },
      createElement(YAxis, { hide: true, domain: [0, 100] }),
      createElement(Line, { dataKey: "v", dot: false, isAnimationActive: false }),
    ),
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(createElement(Grid, { count: Number(root.dataset["count"]) }));
