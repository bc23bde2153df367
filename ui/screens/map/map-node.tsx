"use client";
import Link from "next/link";
import type { KeyboardEvent, MouseEvent, Ref } from "react";
import type { MapNode } from "../../../core/dependency-map.ts";
import { statusToken } from "../../components/glyph-paths.ts";
import { nodeWords, perSecond, shortened } from "./edge-words.ts";
import { GlyphMark } from "./map-edge.tsx";
import { LONGEST_NAME, type Box } from "./map-layout.ts";

/** Its part in a cascade, when that is shown. */
export type NodePart = "plain" | "impaired" | "upstream" | "aside";

export interface MapNodeProps {
  readonly node: MapNode;
  readonly box: Box;
  readonly now: number;
  readonly part: NodePart;
  readonly selected: boolean;
  /** Name, state and neighbours in words. */
  readonly label: string;
  readonly nodeRef: Ref<SVGGElement>;
  readonly onSelect: () => void;
  readonly onPoint: (pointed: boolean) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** A service is a link to its page; what lies outside, and a group, is a button. Anything not chosen yet is chosen by the pointer first. */
export function MapNodeMark({ node, box, now, part, selected, label, nodeRef, onSelect, onPoint, onKeyDown }: MapNodeProps) {
  const common = {
    className: "mp-node",
    "data-kind": node.kind,
    "data-status": statusToken(node.status),
    "data-part": part,
    "aria-label": label,
    onFocus: () => onPoint(true),
    onBlur: () => onPoint(false),
    onPointerEnter: () => onPoint(true),
    onPointerLeave: () => onPoint(false),
  };
  const body = <NodeBody node={node} box={box} now={now} part={part} selected={selected} />;
  if (node.kind === "service")
    return (
      <g ref={nodeRef}>
        <Link
          {...common}
          href={`/services/${encodeURIComponent(node.name)}`}
          prefetch={false}
          draggable={false}
          aria-current={selected ? "true" : undefined}
          onClick={(event: MouseEvent) => {
            // Enter arrives as a click without a pointer.
            if (selected || event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            onSelect();
          }}
          onKeyDown={onKeyDown}
        >
          {body}
        </Link>
      </g>
    );
  return (
    <g ref={nodeRef}>
      <g
        {...common}
        role="button"
        tabIndex={0}
        {...(node.kind === "outside" ? { "aria-pressed": selected } : { "aria-expanded": false })}
        onClick={onSelect}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            onSelect();
          }
          onKeyDown(event);
        }}
      >
        {body}
      </g>
    </g>
  );
}

function NodeBody({ node, box, now, part, selected }: Pick<MapNodeProps, "node" | "box" | "now" | "part" | "selected">) {
  const { x, y, width, height } = box;
  const middle = height / 2;
  const silent = (node.kind === "outside" || node.live === 0) && ["stale", "offline", "unseen"].includes(node.status);
  const radius = node.kind === "outside" ? Math.min(27, height / 2) : 6;
  const inset = node.kind === "outside" ? 18 : 12;
  const count = node.kind === "service" ? `${node.live}/${node.instances}` : node.kind === "group" ? `${node.members}` : "outside";
  return (
    <g transform={`translate(${x} ${y})`}>
      <title>{node.name}</title>
      {node.kind === "group" ? <rect className="mp-node-behind" x={5} y={-5} width={width} height={height} rx={radius} /> : null}
      <rect className="mp-node-frame" width={width} height={height} rx={radius} />
      {silent ? <rect className="mp-node-hatch" width={width} height={height} rx={radius} fill="url(#mp-hatch)" /> : null}
      {selected ? <rect className="mp-node-chosen" x={-4} y={-4} width={width + 8} height={height + 8} rx={radius + 4} /> : null}
      <g transform={`translate(${inset} ${middle - 19})`}>
        <GlyphMark status={node.status} />
      </g>
      <text className="mp-node-name" x={inset + 23} y={middle - 6}>
        {shortened(node.name, LONGEST_NAME)}
      </text>
      <text className="mp-node-count" x={width - inset} y={middle - 6}>
        {count}
      </text>
      <text className="mp-node-word" x={inset} y={middle + 14}>
        {nodeWords(node, now)}
      </text>
      <text className="mp-node-figure" x={width - inset} y={middle + 14}>
        {perSecond(node.requests)}
      </text>
      {part === "impaired" || part === "upstream" ? (
        <text className="mp-node-part" x={width - 2} y={-7}>
          {part}
        </text>
      ) : null}
    </g>
  );
}
