/** What the grid of tiles would be with a chart component for each sparkline: a thousand of them, redrawn once a second. Runs in a page. */
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { Line, LineChart, YAxis } from "recharts";

const POINTS = 60;

function next(lines: readonly (readonly { readonly v: number }[])[]): readonly (readonly { readonly v: number }[])[] {
  return lines.map((line) => [...line.slice(1), { v: Math.max(0, (line.at(-1)?.v ?? 50) + Math.random() * 10 - 5) }]);
}

function Grid({ count }: { readonly count: number }) {
  const [lines, setLines] = useState(
    () => Array.from({ length: count }, () => Array.from({ length: POINTS }, () => ({ v: 50 }))) as ReturnType<typeof next>,
  );
  useEffect(() => {
    const timer = setInterval(() => setLines(next), 1000);
    return () => clearInterval(timer);
  }, []);
  return lines.map((line, i) => (
    <LineChart key={i} width={96} height={34} data={[...line]}>
      <YAxis hide domain={[0, 100]} />
      <Line dataKey="v" dot={false} isAnimationActive={false} />
    </LineChart>
  ));
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Grid count={Number(root.dataset["count"])} />);
