/**
 * The picture of the fleet: everything the first page says and draws, made from the live state. No React and no page: it is made where the state
 * is, on the page's thread or in a worker, and what it says is plain data.
 */
import { attention, watched } from "../../../core/attention.ts";
import type { InstanceState } from "../../../core/fleet.ts";
import type { LinkState } from "../../../protocol/live.ts";
import { sumOnGrid, type Lately } from "../../live/rates.ts";
import { dependenciesOf, type Dependency } from "./dependencies.ts";
import { layoutGrid, type Density, type Members } from "./grid-layout.ts";
import { countsOf, groupTiles, membersOf, searchText, type Fold, type Grouping, type GroupState, type TileGroup } from "./group-tiles.ts";
import { drawTiles } from "./draw-tiles.ts";
import { Rail, type RailWords } from "./rail.ts";
import { TileCache } from "./tile-cache.ts";
import { totalsOf, type Tile, type Totals } from "./tile-model.ts";
import { Pen, type Palette, type PlacedTile } from "./tile-pen.ts";
import { drawHeadFigures } from "./tile-words.ts";
import { TOTALS_GRID, TotalsHistory, type TotalsField } from "./totals-history.ts";
import type { Band } from "./use-band.ts";

/** The live state as far as a picture reads it. */
export interface PictureSource {
  /** In order of service and name; the same list until one is described, comes or goes. */
  readonly instances: readonly InstanceState[];
  /** Grows when time jumped. */
  readonly epoch: number;
  /** It shows a moment of the past. */
  readonly past: boolean;
  ring(key: string): Lately;
}

/** What of the fleet is looked at. */
export interface PictureView {
  readonly filter: string;
  readonly by: Grouping;
  readonly fold: Fold;
}

/** Where it is drawn: CSS pixels, and how many of the device's make one. */
export interface PictureFrame {
  readonly width: number;
  readonly density: Density;
  readonly band: Band;
  readonly ratio: number;
}

export interface PictureRequest {
  /** The console's clock. */
  readonly now: number;
  /** When the console was last heard, while it is not heard; links are then as they were. */
  readonly lostAt: number | null;
  readonly view: PictureView;
  /** Key of the tile that is read in words. */
  readonly focus: string | null;
}

/** A tile in words and figures. */
export type TileWords = Pick<
  Tile,
  "key" | "service" | "name" | "status" | "worst" | "requests" | "errors" | "p99Us" | "pool" | "version" | "policyRevision" | "ageMs"
>;

/** What a picture says. Plain data. */
export interface FleetWords {
  readonly now: number;
  readonly totals: Totals;
  /** Two minutes of each total, oldest first; null where nothing is known. */
  readonly lines: Readonly<Record<TotalsField, readonly (number | null)[]>>;
  readonly links: Readonly<Record<LinkState, number>>;
  readonly rail: RailWords;
  readonly counts: GroupState["counts"];
  readonly groups: readonly GroupState[];
  readonly dependencies: readonly Dependency[];
  readonly focused: TileWords | null;
}

/** Colours and typefaces. */
export interface PictureLook {
  readonly palette: Palette;
  readonly fonts: { readonly sans: string; readonly mono: string };
  /** Room around what stands in a head, in CSS pixels. */
  readonly pad: { readonly x: number; readonly y: number };
}

/** Above this many instances stored samples would be megabytes: lines then grow from now on. */
export const RECALLED_MOST = 100;

export class FleetPicture {
  readonly #source: PictureSource;
  readonly #history = new TotalsHistory();
  #rail: Rail;
  #cache = new TileCache();
  #epoch: number | null = null;
  #shown: readonly Tile[] = [];
  #groups: readonly TileGroup[] = [];
  #members: readonly Members[] = [];
  #surface: OffscreenCanvas | null = null;

  constructor(source: PictureSource) {
    this.#source = source;
    this.#rail = new Rail({ calm: !source.past });
  }

  /** Tiles the filter lets through, of the last `read`. */
  get shown(): readonly Tile[] {
    return this.#shown;
  }

  /** Who stands in which group, of the last `read`; the same list until that changes. */
  get members(): readonly Members[] {
    return this.#members;
  }

  /** Samples of before came: every tile is other than it was, without a word of its instance. */
  refill(): void {
    this.#cache = new TileCache();
    this.#epoch = null;
  }

  read({ now, lostAt, view, focus }: PictureRequest): FleetWords {
    const tiles = this.#cache.tiles(this.#source.instances, (key) => this.#source.ring(key), now);
    const wanted = view.filter.trim().toLowerCase();
    this.#shown = wanted === "" ? tiles : tiles.filter((tile) => searchText(tile).includes(wanted));
    this.#groups = groupTiles(this.#shown, view.by, view.fold);
    this.#members = membersOf(this.#groups, this.#members);
    const totals = totalsOf(tiles);
    const jumped = this.#epoch !== null && this.#epoch !== this.#source.epoch;
    this.#remember(tiles, totals, now);
    // After a jump in time no order has held yet.
    if (jumped) this.#rail = new Rail({ calm: !this.#source.past });
    const links = { live: 0, stale: 0, offline: 0, unseen: 0 };
    for (const { link } of tiles) links[link]++;
    const at = lostAt ?? now;
    const seen = lostAt === null ? tiles : tiles.map(({ instance, shed }) => watched(instance, at, shed));
    return {
      now,
      totals,
      lines: this.#history.lines(now),
      links,
      rail: this.#rail.update(
        attention(seen, at),
        tiles.map(({ service }) => service),
        at,
      ),
      counts: countsOf(tiles),
      groups: this.#groups.map(({ name, status, counts, folded }) => ({ name, status, counts, folded })),
      dependencies: dependenciesOf(tiles),
      focused: focus === null ? null : wordsOf(tiles.find(({ key }) => key === focus)),
    };
  }

  /** Draws what was read last, as far as it stands in the band; null where there is nothing to draw on. */
  draw({ width, density, band, ratio }: PictureFrame, { palette, fonts, pad }: PictureLook): ImageBitmap | null {
    const [wide, high] = [Math.round(width * ratio), Math.round((band.bottom - band.top + 1) * ratio)];
    if (wide === 0 || high === 0 || typeof OffscreenCanvas === "undefined") return null;
    this.#surface ??= new OffscreenCanvas(wide, high);
    if (this.#surface.width !== wide || this.#surface.height !== high) Object.assign(this.#surface, { width: wide, height: high });
    const context = this.#surface.getContext("2d");
    if (!context) return null;
    const groups = new Map(this.#groups.map((group) => [group.name, group]));
    let busiest = 0;
    for (const { requests } of this.#shown) busiest = Math.max(busiest, requests ?? 0);
    const pen = new Pen(context, { palette, fonts, pad, busiest, ratio, top: band.top });
    pen.toPage();
    const placed: PlacedTile[] = [];
    for (const block of layoutGrid(this.#members, width, density).blocks) {
      const group = groups.get(block.name);
      if (!group || block.y >= band.bottom || block.y + block.height <= band.top) continue;
      pen.fill("surface", [[block.x, block.y, block.width, block.height]]);
      pen.stroke("line", [[block.x + 0.5, block.y + 0.5, block.width - 1, block.height]]);
      drawHeadFigures(pen, block, group.tiles);
      block.places.forEach(({ x, y, width, height }, i) => {
        const tile = group.tiles[i];
        if (tile && y < band.bottom && y + height > band.top) placed.push({ x, y, width, height, tile });
      });
    }
    drawTiles(pen, placed);
    return this.#surface.transferToImageBitmap();
  }

  #remember(tiles: readonly Tile[], totals: Totals, now: number): void {
    this.#history.add(totals, now);
    if (this.#epoch === this.#source.epoch) return;
    this.#epoch = this.#source.epoch;
    if (tiles.length > RECALLED_MOST) return;
    const sum = (column: "requests" | "errors") =>
      sumOnGrid(
        tiles.map((tile) => tile.line(column)),
        { ...TOTALS_GRID, now },
      );
    this.#history.recall({ now, requests: sum("requests"), errors: sum("errors") });
  }
}

function wordsOf(tile: Tile | undefined): TileWords | null {
  if (!tile) return null;
  const { key, service, name, status, worst, requests, errors, p99Us, pool, version, policyRevision, ageMs } = tile;
  return { key, service, name, status, worst, requests, errors, p99Us, pool, version, policyRevision, ageMs };
}
