/** Where blocks and tiles stand. Pure. All numbers are CSS pixels. */

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

/** A group by who is in it. */
export interface Members {
  readonly name: string;
  readonly keys: readonly string[];
  readonly folded: boolean;
}

/** The place of a tile. */
export interface Place extends Box {
  readonly key: string;
}

export interface Block extends Box {
  readonly name: string;
  /** None when the group is folded. */
  readonly places: readonly Place[];
}

export interface GridLayout {
  readonly blocks: readonly Block[];
  readonly height: number;
}

/** One block a group: a head cell, then its tiles in rows. Two columns of blocks when there is room; the shorter column takes the next. */
export function layoutGrid(groups: readonly Members[], width: number, density: Density): GridLayout {
  const columns = width >= TWO_COLUMNS_FROM ? 2 : 1;
  const blockWidth = Math.floor((width - GAP * (columns - 1)) / columns);
  const size = DENSITIES[density];
  const perRow = Math.max(1, Math.floor((blockWidth - HEAD_WIDTH) / size.width));
  // Every tile is as wide as every other: aligned columns are scanned faster than filled rows.
  const most = Math.min(perRow, Math.max(1, ...groups.map(({ keys, folded }) => (folded ? 1 : keys.length))));
  const room = Math.floor((blockWidth - HEAD_WIDTH) / (density === "comfortable" ? most : perRow));
  const tileWidth = density === "comfortable" ? Math.min(size.width * WIDEST, room) : size.width;
  const foot = new Array<number>(columns).fill(0);
  const blocks = groups.map((group) => {
    const keys = group.folded ? [] : group.keys;
    const column = foot.indexOf(Math.min(...foot));
    const x = column * (blockWidth + GAP);
    const y = foot[column] ?? 0;
    const rows = Math.max(1, Math.ceil(keys.length / perRow));
    const height = group.folded ? FOLDED_HEIGHT : Math.max(DENSITIES.comfortable.height, rows * size.height);
    foot[column] = y + height + GAP;
    return {
      name: group.name,
      x,
      y,
      width: blockWidth,
      height,
      places: keys.map((key, i) => ({
        key,
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
export function tileAt(layout: GridLayout, x: number, y: number): Place | undefined {
  for (const block of layout.blocks) {
    if (x < block.x || y < block.y || x >= block.x + block.width || y >= block.y + block.height) continue;
    return block.places.find((place) => x >= place.x && y >= place.y && x < place.x + place.width && y < place.y + place.height);
  }
  return undefined;
}

/** The neighbour in a direction: the nearest centre on that side. */
export function neighbour(
  layout: GridLayout,
  key: string | null,
  direction: "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown",
): string | null {
  const all = layout.blocks.flatMap((block) => block.places);
  const from = all.find((place) => place.key === key);
  if (!from) return all[0]?.key ?? null;
  const centre = (box: Box): { x: number; y: number } => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const here = centre(from);
  const horizontal = direction === "ArrowLeft" || direction === "ArrowRight";
  const sign = direction === "ArrowRight" || direction === "ArrowDown" ? 1 : -1;
  let best: { key: string; cost: number } | null = null;
  for (const place of all) {
    const there = centre(place);
    const along = sign * (horizontal ? there.x - here.x : there.y - here.y);
    if (along <= 1) continue;
    const cost = along + 3 * Math.abs(horizontal ? there.y - here.y : there.x - here.x);
    if (best === null || cost < best.cost) best = { key: place.key, cost };
  }
  return best?.key ?? key;
}
