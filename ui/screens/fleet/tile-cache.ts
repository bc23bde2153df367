/** Tiles of the picture before: between two seconds only those that changed are made anew, and the same object says that nothing did. */
import type { InstanceState } from "../../../core/fleet.ts";
import type { Lately } from "../../live/rates.ts";
import { tileOf, type Tile } from "./tile-model.ts";

/** What did not change is looked at again after so long, because silence ages. */
const AGES_MS = 900;

interface Held {
  readonly instance: InstanceState;
  readonly lately: Lately;
  changes: number;
  tile: Tile;
}

export class TileCache {
  #fleet: readonly InstanceState[] = [];
  /** In the order of the fleet. */
  #held: readonly Held[] = [];

  /** A tile for each instance, in its order. The same list of instances is taken to have the same pasts. */
  tiles(fleet: readonly InstanceState[], latelyOf: (key: string) => Lately, now: number): readonly Tile[] {
    if (fleet !== this.#fleet) {
      const before = new Map(this.#held.map((held) => [held.instance, held]));
      this.#held = fleet.map((instance) => {
        const lately = latelyOf(instance.key);
        const held = before.get(instance);
        return held?.lately === lately ? held : { instance, lately, changes: instance.changes, tile: tileOf(instance, lately, now) };
      });
      this.#fleet = fleet;
    }
    return this.#held.map((held) => {
      const { instance } = held;
      if (held.changes !== instance.changes || !isFresh(held.tile, now)) {
        held.changes = instance.changes;
        held.tile = tileOf(instance, held.lately, now);
      }
      return held.tile;
    });
  }
}

const isFresh = (tile: Tile, now: number): boolean => now >= tile.now && now - tile.now < AGES_MS;
