import type { Edge, Suspect } from "../../../protocol/incident-api.ts";
import { pictureOf, type PictureEdge, type PictureNode } from "./dependency-layout.ts";

const CELL_X = 210;
const CELL_Y = 62;
const BOX_X = 142;
const BOX_Y = 36;
const PAD = 8;

const left = ({ column }: PictureNode): number => PAD + column * CELL_X;
const middle = ({ row }: PictureNode): number => PAD + row * CELL_Y + BOX_Y / 2;
const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Who calls whom among the services of an incident; numbers are those of the cascade, at the caller's end where a call broke. */
export function DependencyPicture({ suspects, edges }: { readonly suspects: readonly Suspect[]; readonly edges: readonly Edge[] }) {
  const picture = pictureOf(suspects, edges);
  const nodes = new Map(picture.nodes.map((node) => [node.service, node]));
  const width = PAD * 2 + (picture.columns - 1) * CELL_X + BOX_X;
  const height = PAD * 2 + (picture.rows - 1) * CELL_Y + BOX_Y;
  return (
    <div className="in-picture" role="region" aria-label="Services of this incident" tabIndex={0}>
      <svg width={width} height={height} viewBox={`0 0 ${String(width)} ${String(height)}`} role="img" aria-label={sentence(picture.edges)}>
        {picture.edges.map((edge) => {
          const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
          return from && to ? <Call key={`${edge.from} ${edge.to}`} edge={edge} from={from} to={to} /> : null;
        })}
        {picture.nodes.map((node) => (
          <Box key={node.service} node={node} />
        ))}
      </svg>
    </div>
  );
}

function Call({ edge, from, to }: { readonly edge: PictureEdge; readonly from: PictureNode; readonly to: PictureNode }) {
  const forward = to.column > from.column;
  const [x1, x2] = [left(from) + (forward ? BOX_X : 0), left(to) + (forward ? 0 : BOX_X)];
  const [y1, y2] = [middle(from), middle(to)];
  const bend = (x1 + x2) / 2;
  const broken = edge.numbers.length > 0;
  return (
    <g data-broken={broken}>
      <title>{`${edge.from} calls ${edge.to}${edge.through.length === 0 ? "" : ` through ${edge.through.join(", ")}`}`}</title>
      <path
        className="in-call"
        d={`M${String(x1)} ${String(y1)}C${String(bend)} ${String(y1)} ${String(bend)} ${String(y2)} ${String(x2)} ${String(y2)}`}
      />
      <path
        className="in-call-end"
        d={forward ? `M${String(x2 - 6)} ${String(y2 - 4)}l6 4l-6 4` : `M${String(x2 + 6)} ${String(y2 - 4)}l-6 4l6 4`}
      />
      {broken ? <Numbers numbers={edge.numbers} x={x1 + (forward ? 16 : -16)} y={y1} /> : null}
    </g>
  );
}

function Box({ node }: { readonly node: PictureNode }) {
  const [x, y] = [left(node), middle(node) - BOX_Y / 2];
  const hit = node.numbers.length > 0;
  return (
    <g data-broken={hit}>
      <title>{node.service}</title>
      <rect className="in-box" x={x} y={y} width={BOX_X} height={BOX_Y} rx="4" />
      <text x={x + (hit ? 34 : 12)} y={y + 22}>
        {cut(node.service, hit ? 14 : 17)}
      </text>
      {hit ? <Numbers numbers={node.numbers} x={x + 17} y={y + BOX_Y / 2} /> : null}
    </g>
  );
}

function Numbers({ numbers, x, y }: { readonly numbers: readonly number[]; readonly x: number; readonly y: number }) {
  const text = numbers.length > 2 ? `${String(numbers[0])}…` : numbers.join(" ");
  const width = Math.max(20, 8 + text.length * 7);
  return (
    <g className="in-order" data-first={numbers[0] === 1}>
      <rect x={x - width / 2} y={y - 10} width={width} height="20" rx="3" />
      <text x={x} y={y + 4} textAnchor="middle">
        {text}
      </text>
    </g>
  );
}

function sentence(edges: readonly PictureEdge[]): string {
  if (edges.length === 0) return "No calls between them are known.";
  return edges
    .map(({ from, to, numbers }) => `${from} calls ${to}${numbers.length === 0 ? "" : `, broken: ${numbers.join(", ")} in the cascade`}`)
    .join(". ");
}
