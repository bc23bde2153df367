/**
 * What adapters to other standards see of an agent: its switches and its newest readings. Reached by a registered symbol, so that it is
 * no part of the public face, and found by another copy of this package too.
 */
import type { Kind, Reading } from "../../protocol/kinds.ts";
import type { Agent } from "./types.ts";

export const VIEW = Symbol.for("@holdfast/agent:view:1");

export interface ViewedSwitch {
  readonly key: string;
  /** The first is the normal one. */
  readonly positions: readonly string[];
  readonly position: string;
  /** Revision of the item that decides; 0 when none does. */
  readonly revision: number;
  /** False while the safe default holds: no console was heard and no policy is kept. */
  readonly known: boolean;
}

export interface ViewedReading {
  readonly kind: Kind;
  readonly name: string;
  readonly target?: string | undefined;
  /** The library recognised. */
  readonly source?: string | undefined;
  /** As of the newest sample; columns that are unknown are left out. */
  columns(): Reading;
}

export interface AgentView {
  /** Null when no such switch is declared. */
  switchOf(key: string): ViewedSwitch | null;
  /** Every resource that is not retired. */
  readings(): Iterable<ViewedReading>;
}

/** Null for an agent that does nothing. */
export function viewOf(agent: Agent): AgentView | null {
  return (agent as { readonly [VIEW]?: AgentView })[VIEW] ?? null;
}
