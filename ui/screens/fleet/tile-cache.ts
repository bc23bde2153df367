/** Tiles of the picture before: between two seconds only those that changed are made anew, and the same object says that nothing did. */
import type { InstanceState } from "../../../core/fleet.ts";
import type { RateSample } from "../../live/rates.ts";
import { tileOf, type Tile } from "./tile-model.ts";

/** What did not change is looked at again after so long, because silence ages. */
const AGES_MS = 900;

interface Held {
  readonly instance: InstanceState;
  readonly changes: number;
  readonly tile: Tile;
}

export class TileCache {
  readonly #held = new Map<string, Held>();

  /** A tile for each instance, in its order. */
  tiles(fleet: readonly InstanceState[], samplesOf: (key: string) => readonly RateSample[], now: number): readonly Tile[] {
    const tiles = fleet.map((instance) => {
      const before = this.#held.get(instance.key);
      if (before?.instance === instance && before.changes === instance.changes && isFresh(before.tile, now)) return before.tile;
      const tile = tileOf(instance, samplesOf(instance.key), now);
      this.#held.set(instance.key, { instance, changes: instance.changes, tile });
      return tile;
    });
    if (this.#held.size > tiles.length) {
      const known = new Set(fleet.map(({ key }) => key));
      for (const key of this.#held.keys()) if (!known.has(key)) this.#held.delete(key);
    }
    return tiles;
  }
}

const isFresh = (tile: Tile, now: number): boolean => now >= tile.now && now - tile.now < AGES_MS;
