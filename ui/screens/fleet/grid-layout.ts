/** Where blocks and tiles stand. Pure. All numbers are CSS pixels. */
import type { TileGroup } from "./group-tiles.ts";
import type { Tile } from "./tile-model.ts";

export const DENSITIES = {
  comfortable: { width: 96, height: 86 },
  compact: { width: 64, height: 44 },
  squares: { width: 22, height: 22 },
} as const;
export type Density = keyof typeof DENSITIES;

export const HEAD_WIDTH = 152;
const FOLDED_HEIGHT = 64;
const GAP = 8;
const TWO_COLUMNS_FROM = 980;
/** A tile grows to at most this many times its smallest width. */
const WIDEST = 1.75;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedTile extends Box {
  readonly tile: Tile;
}

export interface Block extends Box {
  readonly group: TileGroup;
  /** None when the group is folded. */
  readonly tiles: readonly PlacedTile[];
}

export interface GridLayout {
  readonly blocks: readonly Block[];
  readonly height: number;
}

/** One block a group: a head cell, then its tiles in rows. Two columns of blocks when there is room; the shorter column takes the next. */
export function layoutGrid(groups: readonly TileGroup[], width: number, density: Density): GridLayout {
  const columns = width >= TWO_COLUMNS_FROM ? 2 : 1;
  const blockWidth = Math.floor((width - GAP * (columns - 1)) / columns);
  const size = DENSITIES[density];
  const perRow = Math.max(1, Math.floor((blockWidth - HEAD_WIDTH) / size.width));
  // Every tile is as wide as every other: aligned columns are scanned faster than filled rows.
  const most = Math.min(perRow, Math.max(1, ...groups.map(({ tiles, folded }) => (folded ? 1 : tiles.length))));
  const room = Math.floor((blockWidth - HEAD_WIDTH) / (density === "comfortable" ? most : perRow));
  const tileWidth = density === "comfortable" ? Math.min(size.width * WIDEST, room) : size.width;
  const foot = new Array<number>(columns).fill(0);
  const blocks = groups.map((group) => {
    const tiles = group.folded ? [] : group.tiles;
    const column = foot.indexOf(Math.min(...foot));
    const x = column * (blockWidth + GAP);
    const y = foot[column] ?? 0;
    const rows = Math.max(1, Math.ceil(tiles.length / perRow));
    const height = group.folded ? FOLDED_HEIGHT : Math.max(DENSITIES.comfortable.height, rows * size.height);
    foot[column] = y + height + GAP;
    return {
      group,
      x,
      y,
      width: blockWidth,
      height,
      tiles: tiles.map((tile, i) => ({
        tile,
        x: x + HEAD_WIDTH + (i % perRow) * tileWidth,
        y: y + Math.floor(i / perRow) * size.height,
        width: tileWidth,
        height: size.height,
      })),
    };
  });
  return { blocks, height: Math.max(0, ...foot) };
}

/** The tile under a point, or undefined. */
export function tileAt(layout: GridLayout, x: number, y: number): PlacedTile | undefined {
  for (const block of layout.blocks) {
    if (x < block.x || y < block.y || x >= block.x + block.width || y >= block.y + block.height) continue;
    return block.tiles.find((tile) => x >= tile.x && y >= tile.y && x < tile.x + tile.width && y < tile.y + tile.height);
  }
  return undefined;
}

/** The neighbour in a direction: the nearest centre on that side. */
export function neighbour(
  layout: GridLayout,
  key: string | null,
  direction: "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown",
): string | null {
  const all = layout.blocks.flatMap((block) => block.tiles);
  const from = all.find((placed) => placed.tile.key === key);
  if (!from) return all[0]?.tile.key ?? null;
  const centre = (box: Box): { x: number; y: number } => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const here = centre(from);
  const horizontal = direction === "ArrowLeft" || direction === "ArrowRight";
  const sign = direction === "ArrowRight" || direction === "ArrowDown" ? 1 : -1;
  let best: { key: string; cost: number } | null = null;
  for (const placed of all) {
    const there = centre(placed);
    const along = sign * (horizontal ? there.x - here.x : there.y - here.y);
    if (along <= 1) continue;
    const cost = along + 3 * Math.abs(horizontal ? there.y - here.y : there.x - here.x);
    if (best === null || cost < best.cost) best = { key: placed.tile.key, cost };
  }
  return best?.key ?? key;
}
