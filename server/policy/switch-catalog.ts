import type { ScopedFlip, SwitchHolder } from "../../core/policy.ts";
import { ApiError } from "../errors.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { Flip, KnownSwitch } from "../store/store.ts";

/** The switches that the fleet has declared, and who has them. */
export class SwitchCatalog {
  readonly #fleet: Pick<LiveFleet, "fleet" | "switches">;

  constructor(fleet: Pick<LiveFleet, "fleet" | "switches">) {
    this.#fleet = fleet;
  }

  /** A switch, and when one is given, one of its positions. @throws ApiError switch_unknown, position_unknown */
  find(environment: string, key: string, position?: string): KnownSwitch {
    const known = this.#fleet.switches(environment).find((candidate) => candidate.key === key);
    if (!known) throw new ApiError("switch_unknown", { detail: `No instance in ${environment} has ever declared the switch "${key}".` });
    if (position === undefined || known.positions.includes(position)) return known;
    const choice = known.positions.join(", ");
    throw new ApiError("position_unknown", {
      detail: `"${position}" is not a position of ${known.key}. It has: ${choice}.`,
      errors: [{ path: "position", message: `use one of: ${choice}` }],
    });
  }

  /** Known instances that declare the switch, connected or not. */
  holders(environment: string, key: string): readonly SwitchHolder[] {
    const found: SwitchHolder[] = [];
    for (const instance of this.#fleet.fleet(environment).instances.values()) {
      const declared = instance.switches.find((candidate) => candidate.key === key);
      if (declared)
        found.push({
          key: instance.key,
          service: instance.service,
          live: instance.connectedAt !== null,
          positions: declared.positions,
          position: declared.position,
        });
    }
    return found;
  }
}

/** Flips of switches as the resolution of positions sees them. */
export function scopedFlips(flips: readonly Flip[]): ScopedFlip[] {
  return flips.flatMap((flip) => (flip.kind === "switch" ? [{ ...flip, position: flip.body.position }] : []));
}
