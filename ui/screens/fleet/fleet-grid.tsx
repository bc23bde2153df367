"use client";
/** One canvas for every tile, drawn once a second and on change; service heads are real links over it. */
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { severity, statusWord, worst } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { drawTile, readPalette, type Palette } from "./draw-tile.ts";
import { HEAD_WIDTH, layoutGrid, neighbour, tileAt, type Density } from "./grid-layout.ts";
import type { Tile } from "./tile-model.ts";

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const;
type Arrow = (typeof ARROWS)[number];
const isArrow = (key: string): key is Arrow => (ARROWS as readonly string[]).includes(key);

function headWords(tiles: readonly Tile[]): string {
  const counts = new Map<string, number>();
  for (const tile of tiles) if (tile.status !== "closed") counts.set(tile.status, (counts.get(tile.status) ?? 0) + 1);
  if (counts.size === 0) return `${tiles.length} ${tiles.length === 1 ? "instance" : "instances"}`;
  return [...counts].map(([status, count]) => `${count} of ${tiles.length} ${statusWord(status as Tile["status"])}`).join(", ");
}

export function FleetGrid({
  services,
  density,
  focus,
  onFocus,
}: {
  services: readonly { readonly name: string; readonly tiles: readonly Tile[] }[];
  density: Density;
  focus: string | null;
  onFocus: (key: string | null) => void;
}) {
  const router = useRouter();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = useRef<Palette | null>(null);
  const [width, setWidth] = useState(0);
  const [theme, setTheme] = useState(0);
  const layout = useMemo(() => layoutGrid(services, width, density), [services, width, density]);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    const themes = new MutationObserver(() => {
      palette.current = null;
      setTheme((count) => count + 1);
    });
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    void document.fonts.ready.then(() => setTheme((count) => count + 1));
    return () => {
      observer.disconnect();
      themes.disconnect();
    };
  }, []);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || width === 0) return;
    const ratio = window.devicePixelRatio;
    element.width = width * ratio;
    element.height = (layout.height + 1) * ratio;
    context.scale(ratio, ratio);
    palette.current ??= readPalette(document.documentElement);
    const body = getComputedStyle(document.body);
    const fonts = {
      sans: body.fontFamily,
      mono: getComputedStyle(document.documentElement).getPropertyValue("--font-geist-mono") || "monospace",
    };
    for (const block of layout.blocks) {
      context.fillStyle = palette.current("surface");
      context.fillRect(block.x, block.y, block.width, block.height);
      context.strokeStyle = palette.current("line");
      context.strokeRect(block.x + 0.5, block.y + 0.5, block.width - 1, block.height);
      for (const placed of block.tiles) drawTile(context, placed, { palette: palette.current, fonts, focused: placed.tile.key === focus });
    }
  }, [layout, width, focus, theme]);

  const open = (key: string): void => {
    const tile = services.flatMap((service) => service.tiles).find((candidate) => candidate.key === key);
    if (tile) router.push(`/services/${encodeURIComponent(tile.service)}`);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (isArrow(event.key)) {
      event.preventDefault();
      onFocus(neighbour(layout, focus, event.key));
    } else if (event.key === "Enter" && focus !== null) open(focus);
  };
  const pointed = (event: { nativeEvent: { offsetX: number; offsetY: number } }) =>
    tileAt(layout, event.nativeEvent.offsetX, event.nativeEvent.offsetY);

  return (
    <div ref={box} className="fl-grid" style={{ height: layout.height }}>
      <canvas
        ref={canvas}
        style={{ width, height: layout.height + 1 }}
        tabIndex={0}
        role="application"
        aria-roledescription="grid of instances"
        aria-label="Fleet grid. Arrow keys move between instances, Enter opens the service. The same as a table: the Table button."
        onKeyDown={onKey}
        onPointerMove={(event) => {
          const found = pointed(event);
          event.currentTarget.style.cursor = found ? "pointer" : "default";
          if (found && found.tile.key !== focus) onFocus(found.tile.key);
        }}
        onClick={(event) => {
          const found = pointed(event);
          if (found) open(found.tile.key);
        }}
      />
      {layout.blocks.map((block) => {
        const tiles = block.tiles.map((placed) => placed.tile);
        const status = worst(tiles.map((tile) => tile.status));
        const requests = tiles.reduce((sum, tile) => sum + (tile.requests ?? 0), 0);
        const failing = tiles.reduce((sum, tile) => sum + ((tile.requests ?? 0) * (tile.errors ?? 0)) / 100, 0);
        return (
          <Link
            key={block.service}
            href={`/services/${encodeURIComponent(block.service)}`}
            className="fl-head"
            data-hot={severity(status) >= severity("warning")}
            style={{ left: block.x, top: block.y, width: HEAD_WIDTH, height: block.height }}
          >
            <span className="fl-head-name">
              <Glyph status={status} /> <b>{block.service}</b>
            </span>
            <span className="fl-head-figures hf-figure">
              <span>{tiles.some((tile) => tile.requests !== null) ? `${Math.round(requests).toLocaleString("en")}/s` : "unknown"}</span>
              <span data-bad={requests > 0 && failing / requests >= 0.01}>
                {requests === 0 ? "" : `${((failing / requests) * 100).toFixed(1)} %`}
              </span>
            </span>
            <span className="hf-hint">{headWords(tiles)}</span>
          </Link>
        );
      })}
    </div>
  );
}
