/**
 * Where nodes and edges stand: callers left, called right. It knows only who calls whom and how long names are, never a value, so the
 * picture holds still while values change. Pure and repeatable. All numbers are SVG units.
 */
import { Graph, layout, type EdgeLabel, type GraphLabel, type NodeLabel } from "@dagrejs/dagre";
import type { DependencyMap } from "../../../core/dependency-map.ts";

/** Above this many nodes a layout takes longer than a glance and shows nothing a list would not. */
export const MOST_DRAWN = 60;

const NODE_HEIGHT = 54;
/** Room that an edge takes at the side of a node, so that glyphs at the caller's end do not touch. */
const PORT = 20;
const LABEL = { width: 84, height: 32 };
/** The straight piece at the caller's end, on which its state sits, and the one before the arrow. */
const STUB = 26;
const ARROW = 9;
const MARGIN = 30;

/** What a layout depends on. */
export interface MapShape {
  readonly nodes: readonly { readonly key: string; readonly width: number; readonly group: string | null }[];
  readonly edges: readonly { readonly key: string; readonly from: string; readonly to: string }[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  /** Path data from the caller's side to the foot of the arrow. */
  readonly d: string;
  /** Where the state at the caller's end sits. */
  readonly state: Point;
  readonly label: Point;
  /** Tip of the arrow and the way it points: 1 right, -1 left, 0 down. */
  readonly tip: Point;
  readonly way: 1 | -1 | 0;
}

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  /** Boxes by their upper left corner. */
  readonly nodes: ReadonlyMap<string, Box>;
  readonly edges: ReadonlyMap<string, PlacedEdge>;
  readonly groups: ReadonlyMap<string, Box>;
}

/** @param clustered draw a frame around the members of each group. */
export function shapeOf(map: DependencyMap, clustered: boolean): MapShape {
  return {
    nodes: [...map.nodes.values()]
      .map(({ key, name, kind, group }) => ({
        key,
        width: widthOf(name) + (kind === "outside" ? 24 : 0),
        group: clustered && kind !== "group" ? group : null,
      }))
      .sort(byKey),
    edges: map.edges.map(({ key, from, to }) => ({ key, from, to })).sort(byKey),
  };
}

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : 1;
}

export const LONGEST_NAME = 24;

function widthOf(name: string): number {
  return Math.round(Math.max(148, 84 + Math.min(name.length, LONGEST_NAME) * 7.4));
}

export function layoutMap({ nodes, edges }: MapShape): MapLayout {
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>({ compound: true });
  const clustered = nodes.some((node) => node.group !== null);
  graph.setGraph({ rankdir: "LR", nodesep: clustered ? 30 : 22, ranksep: 112, edgesep: 14, marginx: MARGIN, marginy: MARGIN });
  for (const node of nodes) {
    graph.setNode(node.key, { width: node.width, height: heightOf(node.key, edges) });
    if (node.group === null) continue;
    graph.setNode(frameKey(node.group), {} as NodeLabel);
    graph.setParent(node.key, frameKey(node.group));
  }
  for (const edge of edges) if (edge.from !== edge.to) graph.setEdge(edge.from, edge.to, { ...LABEL, labelpos: "c" });
  if (nodes.length > 0) layout(graph);
  const boxes = new Map(nodes.map((node) => [node.key, boxOf(graph.node(node.key))]));
  const groups = new Map<string, Box>();
  for (const { group } of nodes) if (group !== null && !groups.has(group)) groups.set(group, boxOf(graph.node(frameKey(group))));
  const inner = new Map(
    edges.map((edge) => [edge.key, edge.from === edge.to ? [] : (graph.edge(edge.from, edge.to).points ?? []).slice(1, -1)]),
  );
  const { width = 0, height = 0 } = graph.graph();
  return { width, height, nodes: boxes, groups, edges: placeEdges(edges, boxes, inner) };
}

const frameKey = (group: string): string => `frame\n${group}`;

function heightOf(key: string, edges: MapShape["edges"]): number {
  const out = edges.filter((edge) => edge.from === key && edge.to !== key).length;
  const into = edges.filter((edge) => edge.to === key && edge.from !== key).length;
  return Math.max(NODE_HEIGHT, (Math.max(out, into) + 1) * PORT);
}

function boxOf({ x = 0, y = 0, width, height }: NodeLabel): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

interface End {
  readonly edge: string;
  readonly node: string;
  readonly end: "from" | "to";
  readonly side: 1 | -1;
  /** Height of what it leads to. */
  readonly towards: number;
}

/** Gives each edge a place of its own at the side of its nodes, in the order in which they lead away, and draws it between them. */
function placeEdges(
  edges: MapShape["edges"],
  boxes: ReadonlyMap<string, Box>,
  inner: ReadonlyMap<string, readonly Point[]>,
): ReadonlyMap<string, PlacedEdge> {
  const placed = new Map<string, PlacedEdge>();
  const ends: End[] = [];
  for (const { key, from, to } of edges) {
    const [a, b] = [boxes.get(from), boxes.get(to)];
    if (!a || !b) continue;
    if (from === to) {
      placed.set(key, selfEdge(a));
      continue;
    }
    const points = inner.get(key) ?? [];
    const side = b.x + b.width / 2 >= a.x + a.width / 2 ? 1 : -1;
    ends.push({ edge: key, node: from, end: "from", side, towards: points[0]?.y ?? b.y + b.height / 2 });
    ends.push({ edge: key, node: to, end: "to", side: side === 1 ? -1 : 1, towards: points.at(-1)?.y ?? a.y + a.height / 2 });
  }
  const ports = new Map<string, Point>();
  for (const [node, box] of boxes) {
    for (const side of [1, -1] as const) {
      const here = ends.filter((end) => end.node === node && end.side === side).sort((a, b) => a.towards - b.towards || byEdge(a, b));
      here.forEach((end, index) =>
        ports.set(`${end.end}\n${end.edge}`, {
          x: side === 1 ? box.x + box.width : box.x,
          y: box.y + (box.height * (index + 1)) / (here.length + 1),
        }),
      );
    }
  }
  for (const { edge, end, side } of ends) {
    if (end !== "from") continue;
    const [from, to] = [ports.get(`from\n${edge}`), ports.get(`to\n${edge}`)];
    if (from && to) placed.set(edge, drawn({ from, to, way: side }, inner.get(edge) ?? []));
  }
  return placed;
}

function byEdge(a: End, b: End): number {
  return a.edge < b.edge ? -1 : 1;
}

function drawn({ from, to, way }: { from: Point; to: Point; way: 1 | -1 }, inner: readonly Point[]): PlacedEdge {
  const start = { x: from.x + way * STUB, y: from.y };
  const end = { x: to.x - way * ARROW, y: to.y };
  const label = inner[Math.floor((inner.length - 1) / 2)];
  // It runs straight under its label and turns beside it, or it would cross the labels of its neighbours.
  const flat = (way * LABEL.width) / 2;
  const stops = [
    start,
    ...inner.flatMap((point) =>
      point === label
        ? [
            { ...point, x: point.x - flat },
            { ...point, x: point.x + flat },
          ]
        : [point],
    ),
    end,
  ];
  let d = `M${at(from)}L${at(start)}`;
  for (let i = 1; i < stops.length; i++) {
    const [a, b] = [stops[i - 1], stops[i]] as [Point, Point];
    const bend = (b.x - a.x) / 2;
    d += `C${at({ x: a.x + bend, y: a.y })} ${at({ x: b.x - bend, y: b.y })} ${at(b)}`;
  }
  const middle = label ?? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return { d, state: { x: from.x + (way * STUB) / 2, y: from.y }, label: middle, tip: to, way };
}

/** A service that calls itself: a small loop above it. */
function selfEdge(box: Box): PlacedEdge {
  const x = box.x + box.width / 2;
  const d = `M${at({ x: x - 18, y: box.y })}C${at({ x: x - 18, y: box.y - 34 })} ${at({ x: x + 18, y: box.y - 34 })} ${at({ x: x + 18, y: box.y - ARROW })}`;
  return { d, state: { x: x - 16, y: box.y - 12 }, label: { x, y: box.y - 26 }, tip: { x: x + 18, y: box.y }, way: 0 };
}

function at({ x, y }: Point): string {
  return `${String(Math.round(x * 10) / 10)} ${String(Math.round(y * 10) / 10)}`;
}
