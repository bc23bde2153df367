"use client";
/**
 * One canvas for every tile on the screen, drawn with each picture of the fleet; heads of groups are real links over it. What is scrolled away is
 * neither drawn nor in the page.
 */
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useGoing } from "../../frame/going.tsx";
import { drawFocus, drawTiles } from "./draw-tiles.ts";
import { layoutGrid, neighbour, tileAt, type Box, type Density, type PlacedTile } from "./grid-layout.ts";
import { GroupHead } from "./group-head.tsx";
import type { Grouping, TileGroup } from "./group-tiles.ts";
import type { Tile } from "./tile-model.ts";
import { readPalette, type Palette } from "./tile-pen.ts";
import { useBand, type Band } from "./use-band.ts";

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const;
type Arrow = (typeof ARROWS)[number];
const isArrow = (key: string): key is Arrow => (ARROWS as readonly string[]).includes(key);
const isIn = (box: Box, band: Band): boolean => box.y < band.bottom && box.y + box.height > band.top;

/** What stands on the canvas: where, and which tile. */
interface Drawn {
  readonly ground: string;
  readonly tiles: ReadonlyMap<string, string | Tile>;
}
const NOTHING_DRAWN: Drawn = { ground: "", tiles: new Map() };
const FOCUSED = "focused";

function drawGround(context: CanvasRenderingContext2D, block: Box, palette: Palette): void {
  context.fillStyle = palette("surface");
  context.fillRect(block.x, block.y, block.width, block.height);
  context.strokeStyle = palette("line");
  context.strokeRect(block.x + 0.5, block.y + 0.5, block.width - 1, block.height);
}

let fonts: { readonly sans: string; readonly mono: string } | null = null;
function fontsOf(): { readonly sans: string; readonly mono: string } {
  fonts ??= {
    sans: getComputedStyle(document.body).fontFamily,
    mono: getComputedStyle(document.documentElement).getPropertyValue("--font-geist-mono") || "monospace",
  };
  return fonts;
}

export const FleetGrid = memo(function FleetGrid({
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
  const { go } = useGoing();
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

  const busiest = useMemo(() => {
    let most = 0;
    for (const { tiles } of groups) for (const { requests } of tiles) most = Math.max(most, requests ?? 0);
    return most;
  }, [groups]);
  const drawn = useRef<Drawn>(NOTHING_DRAWN);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || width === 0 || band === null) return undefined;
    const ratio = window.devicePixelRatio;
    palette.current ??= readPalette(document.documentElement);
    const style = { palette: palette.current, fonts: fontsOf(), busiest, ratio, top: band.top };
    const blocks = layout.blocks.filter((block) => isIn(block, band));
    const shape = blocks.map((block) => `${String(block.x)}:${String(block.y)}:${String(block.tiles.length)}`);
    const ground = [width, density, band.top, band.bottom, theme, ratio, ...shape].join();
    const paint = (): void => {
      const before = drawn.current.ground === ground ? drawn.current.tiles : null;
      const tiles = new Map<string, string | Tile>();
      const changed: PlacedTile[] = [];
      context.setTransform(ratio, 0, 0, ratio, 0, -band.top * ratio);
      for (const block of blocks) {
        if (before === null) drawGround(context, block, style.palette);
        for (const placed of block.tiles) {
          if (!isIn(placed, band)) continue;
          const focused = placed.tile.key === focus;
          const place = `${String(placed.x)} ${String(placed.y)}`;
          tiles.set(place, focused ? FOCUSED : placed.tile);
          if (focused || before?.get(place) !== placed.tile) changed.push(placed);
        }
      }
      drawTiles(context, changed, style);
      for (const placed of changed) if (placed.tile.key === focus) drawFocus(context, placed, style);
      drawn.current = { ground, tiles };
      markFirst(tiles.size);
    };
    if (drawn.current.ground === ground) {
      // Only values moved: they are drawn with the next frame, in a task of its own.
      const frame = requestAnimationFrame(paint);
      return () => cancelAnimationFrame(frame);
    }
    // What stands elsewhere is drawn at once, with the page around it.
    element.width = width * ratio;
    element.height = (band.bottom - band.top + 1) * ratio;
    paint();
    return undefined;
  }, [layout, density, width, band, focus, theme, busiest]);

  const open = (key: string): void => {
    const tile = groups.flatMap(({ tiles }) => tiles).find((candidate) => candidate.key === key);
    if (tile) go(`/services/${encodeURIComponent(tile.service)}`);
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
});

/** Room above for the header, below for the line that reads the tile. */
const HEADROOM = 120;

let marked = false;
/** The moment the first tile stood on the screen, for whoever measures (User Timing). */
function markFirst(drawn: number): void {
  if (marked || drawn === 0) return;
  marked = true;
  performance.mark("holdfast:first-tile");
}
