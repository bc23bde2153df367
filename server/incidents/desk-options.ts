import type { Clock } from "../clock.ts";
import type { Store } from "../store/store.ts";
import type { IncidentEngine } from "./incident-engine.ts";

/** What people's acts on incidents stand on. */
export interface DeskOptions {
  readonly store: Store;
  readonly engine: IncidentEngine;
  readonly clock: Clock;
  readonly newId: () => string;
}
