"use client";
/**
 * One canvas for every tile on the screen, drawn with each picture of the fleet; heads of groups are real links over it. What is scrolled away is
 * neither drawn nor in the page.
 */
import { useRouter } from "next/navigation";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { drawTile, readPalette, type Palette } from "./draw-tile.ts";
import { layoutGrid, neighbour, tileAt, type Box, type Density } from "./grid-layout.ts";
import { GroupHead } from "./group-head.tsx";
import type { Grouping, TileGroup } from "./group-tiles.ts";
import { useBand, type Band } from "./use-band.ts";

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const;
type Arrow = (typeof ARROWS)[number];
const isArrow = (key: string): key is Arrow => (ARROWS as readonly string[]).includes(key);
const isIn = (box: Box, band: Band): boolean => box.y < band.bottom && box.y + box.height > band.top;

export function FleetGrid({
  groups,
  by,
  density,
  focus,
  onFocus,
}: {
  groups: readonly TileGroup[];
  by: Grouping;
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
  const layout = useMemo(() => layoutGrid(groups, width, density), [groups, width, density]);
  const band = useBand(box, layout.height);

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
    if (!element || !context || width === 0 || band === null) return;
    const ratio = window.devicePixelRatio;
    element.width = width * ratio;
    element.height = (band.bottom - band.top + 1) * ratio;
    context.scale(ratio, ratio);
    context.translate(0, -band.top);
    palette.current ??= readPalette(document.documentElement);
    const body = getComputedStyle(document.body);
    const fonts = {
      sans: body.fontFamily,
      mono: getComputedStyle(document.documentElement).getPropertyValue("--font-geist-mono") || "monospace",
    };
    let busiest = 0;
    for (const { tiles } of groups) for (const { requests } of tiles) busiest = Math.max(busiest, requests ?? 0);
    let drawn = 0;
    for (const block of layout.blocks) {
      if (!isIn(block, band)) continue;
      context.fillStyle = palette.current("surface");
      context.fillRect(block.x, block.y, block.width, block.height);
      context.strokeStyle = palette.current("line");
      context.strokeRect(block.x + 0.5, block.y + 0.5, block.width - 1, block.height);
      for (const placed of block.tiles) {
        if (!isIn(placed, band)) continue;
        drawTile(context, placed, { palette: palette.current, fonts, busiest, focused: placed.tile.key === focus });
        drawn++;
      }
    }
    markFirst(drawn);
  }, [layout, groups, width, band, focus, theme]);

  const open = (key: string): void => {
    const tile = groups.flatMap(({ tiles }) => tiles).find((candidate) => candidate.key === key);
    if (tile) router.push(`/services/${encodeURIComponent(tile.service)}`);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (isArrow(event.key)) {
      event.preventDefault();
      const next = neighbour(layout, focus, event.key);
      onFocus(next);
      show(layout.blocks.flatMap((block) => block.tiles).find(({ tile }) => tile.key === next));
    } else if (event.key === "Enter" && focus !== null) open(focus);
  };
  /** A tile that is moved to comes on the screen. */
  const show = (placed: Box | undefined): void => {
    const element = box.current;
    if (!placed || !element) return;
    const top = element.getBoundingClientRect().top + placed.y;
    const [least, most] = [HEADROOM, window.innerHeight - HEADROOM - placed.height];
    if (top < least) window.scrollBy({ top: top - least });
    else if (top > most) window.scrollBy({ top: top - most });
  };
  const pointed = (event: { nativeEvent: { offsetX: number; offsetY: number } }) =>
    tileAt(layout, event.nativeEvent.offsetX, event.nativeEvent.offsetY + (band?.top ?? 0));

  return (
    <div ref={box} className="fl-grid" style={{ height: layout.height }}>
      <canvas
        ref={canvas}
        style={{ width, height: band === null ? 0 : band.bottom - band.top + 1, top: band?.top ?? 0 }}
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
      {layout.blocks.flatMap((block) =>
        band !== null && isIn(block, band) ? [<GroupHead key={block.group.name} group={block.group} by={by} box={block} />] : [],
      )}
    </div>
  );
}

/** Room above for the header, below for the line that reads the tile. */
const HEADROOM = 120;

let marked = false;
/** The moment the first tile stood on the screen, for whoever measures (User Timing). */
function markFirst(drawn: number): void {
  if (marked || drawn === 0) return;
  marked = true;
  performance.mark("holdfast:first-tile");
}
