/** What the log says about flips. */
import { describeScope } from "../../core/policy.ts";
import type { Flip, NewEvent } from "../store/store.ts";

type Told = Pick<Flip, "id" | "environment" | "switchKey" | "position" | "scope">;

/** The store adds the `revision`. */
export function flipEvent(
  flip: Told,
  what: {
    readonly type: "flip.created" | "flip.reverted" | "flip.expired";
    readonly at: number;
    readonly actor: string;
    readonly reason: string;
    readonly expiresAt?: number | null;
  },
): NewEvent {
  const { service, instances, percentage } = flip.scope;
  return {
    environment: flip.environment,
    at: what.at,
    receivedAt: what.at,
    type: what.type,
    // A flip of one service belongs to its story; wider ones to nobody's in particular.
    service: service ?? null,
    instance: null,
    resource: null,
    actor: what.actor,
    data: {
      flipId: flip.id,
      switch: flip.switchKey,
      position: flip.position,
      scope: describeScope(flip.scope),
      ...(instances === undefined ? {} : { scopeInstances: instances.length }),
      ...(percentage === undefined ? {} : { scopePercentage: percentage }),
      reason: what.reason,
      ...(what.expiresAt === undefined ? {} : { expiresAt: what.expiresAt }),
    },
  };
}
