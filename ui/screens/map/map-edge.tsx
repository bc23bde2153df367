import type { MapEdge } from "../../../core/dependency-map.ts";
import { nameOf } from "../../../core/map-scope.ts";
import { GLYPHS, statusToken } from "../../components/glyph-paths.ts";
import { edgeLabel, edgeWords, failing, perSecond, throughWords } from "./edge-words.ts";
import type { PlacedEdge, Point } from "./map-layout.ts";

export type Stress = "plain" | "strong" | "weak";

/** Thickness by the order of magnitude of the calls a second. */
export function edgeWidth(calls: number | null): number {
  return calls === null || calls <= 0 ? 1.25 : Math.min(7, 1.5 + 1.5 * Math.log10(1 + calls));
}

interface MapEdgeProps {
  readonly edge: MapEdge;
  readonly place: PlacedEdge;
  readonly stress: Stress;
}

/** A call: its way, and its traffic as thickness. */
export function EdgeLine({ edge, place: { d, tip, way }, stress }: MapEdgeProps) {
  const width = edgeWidth(edge.calls);
  const half = 5 + width * 0.7;
  const idle = edge.calls === null || edge.calls <= 0;
  return (
    <g className="mp-edge" data-status={statusToken(edge.status)} data-stress={stress} data-idle={idle}>
      <title>{`${nameOf(edge.from)} → ${nameOf(edge.to)}: ${edgeWords(edge)}, ${perSecond(edge.calls)}, ${failing(edge)} failing, through ${throughWords(edge)}`}</title>
      <path className="mp-edge-reach" d={d} />
      <path className="mp-edge-line" d={d} strokeWidth={width} />
      <path
        className="mp-edge-head"
        d={`M${tip.x} ${tip.y}${way === 0 ? `l${-half} -11h${half * 2}z` : `l${-way * 11} ${-half}v${half * 2}z`}`}
      />
    </g>
  );
}

/** Its state at the caller's end in shape and colour, and in words on its way. Above all lines, so that none crosses them out. */
export function EdgeState({ edge, place: { state, label, way }, stress }: MapEdgeProps) {
  const guarded = edge.status !== "closed" || edge.parts.some((part) => part.kind === "breaker");
  return (
    <g className="mp-edge mp-edge-state" data-status={statusToken(edge.status)} data-stress={stress}>
      {guarded ? (
        <g transform={`translate(${state.x - 8} ${state.y - 8})`}>
          <circle className="mp-edge-disc" cx={8} cy={8} r={9.5} />
          <GlyphMark status={edge.status} />
        </g>
      ) : null}
      <EdgeText at={label} word={edgeLabel(edge)} figure={way === 0 ? "" : perSecond(edge.calls)} />
    </g>
  );
}

function EdgeText({ at, word, figure }: { at: Point; word: string; figure: string }) {
  const lines = [word, figure].filter((line) => line !== "");
  if (lines.length === 0) return null;
  const width = Math.max(...lines.map((line) => line.length)) * 6.4 + 10;
  const height = lines.length * 15 + 2;
  const top = at.y - height / 2;
  return (
    <>
      <rect className="mp-edge-ground" x={at.x - width / 2} y={top} width={width} height={height} rx={3} />
      {word === "" ? null : (
        <text className="mp-edge-word" x={at.x} y={top + 13}>
          {word}
        </text>
      )}
      {figure === "" ? null : (
        <text className="mp-edge-figure" x={at.x} y={top + lines.length * 15 - 2}>
          {figure}
        </text>
      )}
    </>
  );
}

/** The mark of a status as part of a drawing; the word stands beside it. */
export function GlyphMark({ status }: { status: MapEdge["status"] }) {
  const colour = `var(--st-${statusToken(status)})`;
  return GLYPHS[status].map((shape) => (
    <path
      key={shape.d}
      d={shape.d}
      fill={shape.paint === "fill" ? colour : "none"}
      {...(shape.paint === "stroke" ? { stroke: colour, strokeWidth: shape.width } : {})}
      {...(shape.dash ? { strokeDasharray: shape.dash.join(" ") } : {})}
    />
  ));
}
