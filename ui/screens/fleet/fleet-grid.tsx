"use client";
/**
 * One canvas for every tile on the screen; heads of groups are real links over it. What is scrolled away is neither drawn nor in the page. The canvas and what
 * lies over it are always of one picture.
 */
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from "react";
import { useGoing } from "../../frame/going.tsx";
import { useLiveStore } from "../../live/live-provider.tsx";
import type { PictureFrame, PictureLook } from "./fleet-picture.ts";
import { layoutGrid, neighbour, tileAt, type Box, type Density, type GridLayout, type Place } from "./grid-layout.ts";
import { GroupHead } from "./group-head.tsx";
import type { Grouping } from "./group-tiles.ts";
import { useBand, type Band } from "./use-band.ts";
import type { Picture } from "./use-fleet-picture.ts";

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const;
type Arrow = (typeof ARROWS)[number];
const isArrow = (key: string): key is Arrow => (ARROWS as readonly string[]).includes(key);
const isIn = (box: Box, band: Band): boolean => box.y < band.bottom && box.y + box.height > band.top;
const NOTHING: GridLayout = { blocks: [], height: 0 };

export const FleetGrid = memo(function FleetGrid({
  picture,
  look,
  by,
  density,
  focus,
  onFocus,
  onFrame,
}: {
  picture: Picture;
  look: PictureLook | null;
  by: Grouping;
  density: Density;
  focus: string | null;
  onFocus: (key: string | null) => void;
  /** Where the next picture is to be drawn. */
  onFrame: (frame: PictureFrame | null) => void;
}) {
  const { go } = useGoing();
  const store = useLiveStore();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { members, drawn, words } = picture;
  const frame = useFrame(box, { members, density });
  useEffect(() => onFrame(frame), [onFrame, frame]);

  const shown = typeof drawn === "function" ? frame : (drawn?.frame ?? null);
  const [shownWidth, shownDensity] = [shown?.width ?? 0, shown?.density ?? density];
  const layout = useMemo(
    () => (shownWidth === 0 ? NOTHING : layoutGrid(members, shownWidth, shownDensity)),
    [members, shownWidth, shownDensity],
  );
  useLayoutEffect(() => {
    const made = typeof drawn === "function" ? frame && look && drawn(frame, look) : drawn;
    // One that was put on the page before has nothing left.
    if (!made || made.bitmap.width === 0) return;
    canvas.current?.getContext("bitmaprenderer")?.transferFromImageBitmap(made.bitmap);
    if (members.length > 0) markFirst();
  }, [drawn, frame, look, members]);

  const open = (key: string): void => {
    const service = store.fleet.instances.get(key)?.service;
    if (service !== undefined) go(`/services/${encodeURIComponent(service)}`);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (isArrow(event.key)) {
      event.preventDefault();
      const next = neighbour(layout, focus, event.key);
      onFocus(next);
      show(placeOf(layout, next));
    } else if (event.key === "Enter" && focus !== null) open(focus);
  };
  /** A tile that is moved to comes on the screen. */
  const show = (place: Box | undefined): void => {
    const element = box.current;
    if (!place || !element) return;
    const top = element.getBoundingClientRect().top + place.y;
    const [least, most] = [HEADROOM, window.innerHeight - HEADROOM - place.height];
    if (top < least) window.scrollBy({ top: top - least });
    else if (top > most) window.scrollBy({ top: top - most });
  };
  const pointed = (event: { nativeEvent: { offsetX: number; offsetY: number } }) =>
    tileAt(layout, event.nativeEvent.offsetX, event.nativeEvent.offsetY + (shown?.band.top ?? 0));
  const focused = placeOf(layout, focus);
  const groups = new Map(words.groups.map((group) => [group.name, group]));

  return (
    <div ref={box} className="fl-grid" style={{ height: layout.height }}>
      <canvas
        ref={canvas}
        style={shown ? { width: shown.width, height: shown.band.bottom - shown.band.top + 1, top: shown.band.top } : { height: 0 }}
        tabIndex={0}
        role="application"
        aria-roledescription="grid of instances"
        aria-label="Fleet grid. Arrow keys move between instances, Enter opens the service. The same as a table: the Table button."
        onKeyDown={onKey}
        onPointerMove={(event) => {
          const found = pointed(event);
          event.currentTarget.style.cursor = found ? "pointer" : "default";
          if (found && found.key !== focus) onFocus(found.key);
        }}
        onClick={(event) => {
          const found = pointed(event);
          if (found) open(found.key);
        }}
      />
      {focused ? (
        <span className="fl-focus" style={{ left: focused.x, top: focused.y, width: focused.width, height: focused.height }} aria-hidden />
      ) : null}
      {layout.blocks.map((block) => {
        const group = groups.get(block.name);
        return shown !== null && group && isIn(block, shown.band) ? <GroupHead key={block.name} group={group} by={by} box={block} /> : null;
      })}
    </div>
  );
});

/** As much of the grid as is on the screen; null until that is known. */
function useFrame(
  box: RefObject<HTMLDivElement | null>,
  { members, density }: { members: Picture["members"]; density: Density },
): PictureFrame | null {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  const { height } = useMemo(() => layoutGrid(members, width, density), [members, width, density]);
  const band = useBand(box, height);
  return useMemo(
    () => (width === 0 || band === null ? null : { width, density, band, ratio: window.devicePixelRatio }),
    [width, density, band],
  );
}

function placeOf(layout: GridLayout, key: string | null): Place | undefined {
  if (key === null) return undefined;
  for (const { places } of layout.blocks) {
    const found = places.find((place) => place.key === key);
    if (found) return found;
  }
  return undefined;
}

/** Room above for the header, below for the line that reads the tile. */
const HEADROOM = 120;

let marked = false;
/** The moment the first tile stood on the screen, for whoever measures (User Timing). */
function markFirst(): void {
  if (marked) return;
  marked = true;
  performance.mark("holdfast:first-tile");
}
