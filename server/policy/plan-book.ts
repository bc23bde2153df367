/** Places of switches on the ladder, and presets: what operators prepared. Each edit is audited, and refused when somebody was faster. */
import type { LadderStep } from "../../core/ladder.ts";
import type { AuditAction } from "../../protocol/audit.ts";
import type { PlaceAnswer } from "../../protocol/ladder-api.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import type { Clock } from "../clock.ts";
import { ApiError } from "../errors.ts";
import type { AuditDetails } from "../store/audit-entry.ts";
import type { NotPut, PlanStore, Preset, SwitchPlace } from "../store/plan-store.ts";
import type { KnownSwitch } from "../store/store.ts";
import type { Proofs } from "./proofs.ts";
import type { SwitchCatalog } from "./switch-catalog.ts";

export interface PlanBookOptions {
  readonly store: PlanStore;
  readonly catalog: Pick<SwitchCatalog, "find">;
  readonly proofs: Pick<Proofs, "last">;
  readonly clock: Pick<Clock, "now">;
  readonly newId: () => string;
}

export interface PlaceEdit {
  readonly environment: string;
  readonly key: string;
  readonly capability: string | null;
  readonly steps: readonly LadderStep[];
  readonly expectedVersion: number;
}

export class PlanBook {
  readonly #options: PlanBookOptions;

  constructor(options: PlanBookOptions) {
    this.#options = options;
  }

  /** Of these switches of an environment, with when each was last proven. */
  async places(environment: string, switches: readonly KnownSwitch[]): Promise<PlaceAnswer[]> {
    const stored = new Map((await this.#options.store.listSwitchPlaces(environment)).map((place) => [place.key, place]));
    return Promise.all(switches.map((known) => this.#answer(known, stored.get(known.key) ?? null)));
  }

  /** @throws ApiError switch_unknown, position_unknown, version_conflict */
  async place(edit: PlaceEdit, actor: string): Promise<PlaceAnswer> {
    const { store, catalog, clock } = this.#options;
    const { environment, key, capability, steps, expectedVersion } = edit;
    const known = catalog.find(environment, key);
    for (const { position } of steps) catalog.find(environment, key, position);
    const before = (await store.listSwitchPlaces(environment)).find((place) => place.key === key);
    const place = { environment, key, capability, steps, version: expectedVersion, updatedAt: clock.now(), updatedBy: actor };
    const entry = auditEntry({
      ...{ at: clock.now(), action: "ladder.changed", actor, environment, thing: key },
      before: before === undefined ? null : placeDetails(before),
      after: placeDetails(place),
    });
    return this.#answer(known, done(await store.putSwitchPlace(place, entry)));
  }

  /** By name. */
  presets(environment: string): Promise<readonly Preset[]> {
    return this.#options.store.listPresets(environment);
  }

  /** @throws ApiError preset_unknown */
  async preset(id: string): Promise<Preset> {
    const preset = await this.#options.store.getPreset(id);
    if (!preset) throw new ApiError("preset_unknown");
    return preset;
  }

  /** @throws ApiError preset_name_taken */
  async create(environment: string, body: Pick<Preset, "name" | "note" | "items">, actor: string): Promise<Preset> {
    const { store, clock, newId } = this.#options;
    const at = clock.now();
    const preset = { ...body, id: newId(), environment, version: 0, createdAt: at, createdBy: actor, updatedAt: at, updatedBy: actor };
    return done(await store.putPreset(preset, this.#entry("preset.created", { actor, before: null, after: preset })));
  }

  /** @throws ApiError preset_unknown, preset_name_taken, version_conflict */
  async change(
    id: string,
    { expectedVersion, ...body }: Pick<Preset, "name" | "note" | "items"> & { readonly expectedVersion: number },
    actor: string,
  ): Promise<Preset> {
    const before = await this.preset(id);
    const after = { ...before, ...body, version: expectedVersion, updatedAt: this.#options.clock.now(), updatedBy: actor };
    return done(await this.#options.store.putPreset(after, this.#entry("preset.changed", { actor, before, after })));
  }

  /** @throws ApiError preset_unknown, version_conflict */
  async delete(id: string, version: number, actor: string): Promise<void> {
    const before = await this.preset(id);
    const refused = await this.#options.store.deletePreset(id, version, this.#entry("preset.deleted", { actor, before, after: null }));
    if (refused) done(refused);
  }

  async #answer(known: KnownSwitch, place: SwitchPlace | null): Promise<PlaceAnswer> {
    return {
      key: known.key,
      capability: place?.capability ?? null,
      steps: [...(place?.steps ?? [])],
      version: place?.version ?? 0,
      updatedAt: place?.updatedAt ?? null,
      updatedBy: place?.updatedBy ?? null,
      proven: await this.#options.proofs.last(known),
    };
  }

  #entry(action: AuditAction, { actor, before, after }: { actor: string; before: Preset | null; after: Preset | null }) {
    const shown = after ?? before;
    return auditEntry({
      ...{ at: this.#options.clock.now(), action, actor, environment: shown?.environment ?? null, thing: shown?.name ?? null },
      before: before && presetDetails(before),
      after: after && presetDetails(after),
    });
  }
}

const placeDetails = ({ capability, steps }: Pick<SwitchPlace, "capability" | "steps">): AuditDetails => ({ capability, steps });

const presetDetails = ({ id, name, note, items }: Preset): AuditDetails => ({ id, name, note, items });

/** @throws ApiError version_conflict, preset_name_taken */
function done<T extends object>(outcome: T | NotPut): T {
  if (!("refused" in outcome)) return outcome;
  if (outcome.refused === "name") throw new ApiError("preset_name_taken");
  throw new ApiError("version_conflict", { conflict: { current: outcome.current } });
}
