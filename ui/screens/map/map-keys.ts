/** Where an arrow key leads on the map. Pure. */
import type { DependencyMap } from "../../../core/dependency-map.ts";
import type { Box, MapLayout } from "./map-layout.ts";

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

export function isArrow(key: string): key is Arrow {
  return key === "ArrowLeft" || key === "ArrowRight" || key === "ArrowUp" || key === "ArrowDown";
}

/** Right: the nearest that it calls. Left: the nearest that calls it. Up and down: the next in its column. Null: there is none. */
export function neighbourOf({ edges }: DependencyMap, layout: MapLayout, { key, arrow }: { key: string; arrow: Arrow }): string | null {
  const here = layout.nodes.get(key);
  if (!here) return null;
  const candidates =
    arrow === "ArrowRight"
      ? edges.filter((edge) => edge.from === key).map((edge) => edge.to)
      : arrow === "ArrowLeft"
        ? edges.filter((edge) => edge.to === key).map((edge) => edge.from)
        : [...layout.nodes.keys()].filter((other) => isBeyond(here, layout.nodes.get(other), arrow));
  let nearest: { readonly key: string; readonly distance: number } | null = null;
  for (const candidate of candidates) {
    const box = layout.nodes.get(candidate);
    if (!box || candidate === key) continue;
    const distance = Math.hypot(middle(box).x - middle(here).x, middle(box).y - middle(here).y);
    if (nearest === null || distance < nearest.distance) nearest = { key: candidate, distance };
  }
  return nearest?.key ?? null;
}

/** In the same column, above or below. */
function isBeyond(here: Box, there: Box | undefined, arrow: Arrow): boolean {
  if (!there || there.x >= here.x + here.width || there.x + there.width <= here.x) return false;
  return arrow === "ArrowUp" ? middle(there).y < middle(here).y : middle(there).y > middle(here).y;
}

function middle({ x, y, width, height }: Box): { readonly x: number; readonly y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}
