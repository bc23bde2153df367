"use client";
/** The map as a drawing. Positions come from the names and the edges alone; states, figures and freshness change in place. */
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { Cascade } from "../../../core/cascade.ts";
import type { DependencyMap, MapEdge, MapNode } from "../../../core/dependency-map.ts";
import { groupsOf, nameOf } from "../../../core/map-scope.ts";
import { edgeWords, nodeWords } from "./edge-words.ts";
import { EdgeLine, EdgeState, type Stress } from "./map-edge.tsx";
import { isArrow, neighbourOf } from "./map-keys.ts";
import { layoutMap, shapeOf, type MapLayout, type MapShape } from "./map-layout.ts";
import { MapNodeMark, type NodePart } from "./map-node.tsx";

/** The drawing shrinks to fit, but never so far that its words become hard to read; then it scrolls. */
const SMALLEST = 0.86;
const LARGEST = 1.3;
/** What the frame of a group reaches above its members, for its name. */
const TITLE = 12;

export interface MapDrawingProps {
  readonly map: DependencyMap;
  /** Frames around the members of open groups. */
  readonly clustered: boolean;
  readonly selected: string | null;
  /** Null while it is not shown. */
  readonly cascade: Cascade | null;
  readonly now: number;
  readonly onSelect: (node: MapNode) => void;
  readonly onCloseGroup: (group: string) => void;
  readonly onPoint: (key: string | null) => void;
}

function useLayout(map: DependencyMap, clustered: boolean): MapLayout {
  const shape = JSON.stringify(shapeOf(map, clustered));
  return useMemo(() => layoutMap(JSON.parse(shape) as MapShape), [shape]);
}

export function MapDrawing({ map, clustered, selected, cascade, now, onSelect, onCloseGroup, onPoint }: MapDrawingProps) {
  const layout = useLayout(map, clustered);
  const marks = useRef(new Map<string, SVGGElement>());
  const [pointed, setPointed] = useState<string | null>(null);
  const keyDown = (event: KeyboardEvent, key: string): void => {
    if (!isArrow(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = neighbourOf(map, layout, { key, arrow: event.key });
    const mark = next === null ? undefined : marks.current.get(next)?.firstElementChild;
    if (mark instanceof SVGElement) mark.focus();
  };
  const point = (key: string, over: boolean): void => {
    setPointed(over ? key : null);
    onPoint(over ? key : null);
  };
  const stress = ({ key, from, to }: MapEdge): Stress => {
    if (pointed !== null && (from === pointed || to === pointed)) return "strong";
    return cascade !== null && !cascade.edges.has(key) ? "weak" : "plain";
  };
  // Left to right, then down: the order in which the eye and the tab key travel.
  const ordered = [...map.nodes.values()].sort((a, b) => {
    const [p, q] = [layout.nodes.get(a.key), layout.nodes.get(b.key)];
    return (p?.x ?? 0) - (q?.x ?? 0) || (p?.y ?? 0) - (q?.y ?? 0);
  });
  const placed = map.edges.flatMap((edge) => {
    const place = layout.edges.get(edge.key);
    return place ? [{ edge, place, stress: stress(edge) }] : [];
  });
  const members = groupsOf(map);
  return (
    <div className="mp-box" role="region" aria-label="Map of calls" tabIndex={0}>
      <svg
        className="mp-drawing"
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        style={{ minWidth: layout.width * SMALLEST, maxWidth: layout.width * LARGEST }}
        role="group"
        aria-label="Services and what they call, callers left"
      >
        <defs>
          <pattern id="mp-hatch" width={7} height={7} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line className="mp-hatch" x1={0} x2={0} y1={0} y2={7} />
          </pattern>
        </defs>
        {[...layout.groups].map(([group, box]) => (
          <g key={group} className="mp-group">
            <rect x={box.x} y={box.y - TITLE} width={box.width} height={box.height + TITLE} rx={10} aria-hidden />
            <g
              className="mp-group-name"
              role="button"
              tabIndex={0}
              aria-expanded
              aria-label={`${group}, ${members.get(group)?.length ?? 0} members, close`}
              onClick={() => onCloseGroup(group)}
              onKeyDown={(event) => {
                if (event.key !== "Enter" && event.key !== " ") return;
                event.preventDefault();
                onCloseGroup(group);
              }}
            >
              <rect x={box.x} y={box.y - TITLE} width={group.length * 7 + 36} height={24} rx={10} />
              <text x={box.x + 11} y={box.y - TITLE + 16}>{`− ${group}`}</text>
            </g>
          </g>
        ))}
        <g aria-hidden>
          {placed.map((each) => (
            <EdgeLine key={each.edge.key} {...each} />
          ))}
          {placed.map((each) => (
            <EdgeState key={each.edge.key} {...each} />
          ))}
        </g>
        {ordered.map((node) => {
          const box = layout.nodes.get(node.key);
          return box ? (
            <MapNodeMark
              key={node.key}
              node={node}
              box={box}
              now={now}
              part={partOf(node.key, cascade)}
              selected={selected === node.key}
              label={spoken(node, map, now)}
              nodeRef={(mark) => {
                if (mark) marks.current.set(node.key, mark);
                else marks.current.delete(node.key);
              }}
              onSelect={() => onSelect(node)}
              onPoint={(over) => point(node.key, over)}
              onKeyDown={(event) => keyDown(event, node.key)}
            />
          ) : null;
        })}
      </svg>
    </div>
  );
}

function partOf(key: string, cascade: Cascade | null): NodePart {
  if (cascade === null) return "plain";
  return cascade.impaired.has(key) ? "impaired" : cascade.upstream.has(key) ? "upstream" : "aside";
}

/** "orders, open 2/3. Calls payments open on 2 of 3, pg healthy. Called by storefront." */
function spoken(node: MapNode, map: DependencyMap, now: number): string {
  const calls = map.edges.filter((edge) => edge.from === node.key).map((edge) => `${nameOf(edge.to)} ${edgeWords(edge)}`);
  const callers = map.edges.filter((edge) => edge.to === node.key).map((edge) => nameOf(edge.from));
  return [
    `${node.name}, ${nodeWords(node, now)}`,
    ...(calls.length === 0 ? [] : [`Calls ${calls.join(", ")}`]),
    ...(callers.length === 0 ? [] : [`Called by ${callers.join(", ")}`]),
  ].join(". ");
}
