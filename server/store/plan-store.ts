/** The part of the store that the ladder and presets stand on. */
import type { LadderStep } from "../../core/ladder.ts";
import type { PresetItem } from "../../protocol/preset-api.ts";
import type { NewAuditEntry } from "./audit-entry.ts";

/** Where operators put a switch. */
export interface SwitchPlace {
  readonly environment: string;
  readonly key: string;
  readonly capability: string | null;
  /** Lowest level first. */
  readonly steps: readonly LadderStep[];
  readonly version: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

export interface Preset {
  readonly id: string;
  readonly environment: string;
  readonly name: string;
  readonly note: string;
  readonly items: readonly PresetItem[];
  readonly version: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** Why nothing was written: another version is stored (0: none), or another preset of the environment has the name. */
export type NotPut = { readonly refused: "version"; readonly current: number } | { readonly refused: "name" };

/**
 * Writes are one transaction with their audit entry. What is written has the version that is stored, 0 being none; stored is one higher.
 */
export interface PlanStore {
  /** By key. */
  listSwitchPlaces(environment: string): Promise<readonly SwitchPlace[]>;
  putSwitchPlace(place: SwitchPlace, audit: NewAuditEntry): Promise<SwitchPlace | NotPut>;
  /** By name. */
  listPresets(environment: string): Promise<readonly Preset[]>;
  getPreset(id: string): Promise<Preset | null>;
  putPreset(preset: Preset, audit: NewAuditEntry): Promise<Preset | NotPut>;
  deletePreset(id: string, version: number, audit: NewAuditEntry): Promise<NotPut | null>;
}
