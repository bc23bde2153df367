/** What the store is told of a change that is to be made or ended, and why it cannot be. Nothing is changed here. */
import { changedSince } from "../../core/policy.ts";
import { ApiError } from "../errors.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { FlipCreation, FlipEnd } from "../store/change-set.ts";
import type { Flip, NewFlip, Store } from "../store/store.ts";
import { admit } from "./admit.ts";
import type { ChangeHistory } from "./change-history.ts";
import type { ChangeOrder, Ending } from "./change-order.ts";
import type { PreviewParts } from "./change-preview.ts";
import { audited } from "./flip-audit.ts";
import { flipEvent, namesOf } from "./flip-events.ts";

const LIVE_FLIPS_PER_SUBJECT = 32;

export interface DraftParts extends PreviewParts {
  readonly store: Pick<Store, "getFlip" | "listFlips">;
  readonly fleet: Pick<LiveFleet, "fleet">;
  readonly history: Pick<ChangeHistory, "revision">;
  readonly newId: () => string;
}

export interface Drafts {
  /** @throws ApiError why it cannot be made */
  readonly prepare: (order: ChangeOrder) => Promise<FlipCreation>;
  readonly ending: (flip: Flip, how: Ending) => FlipEnd;
  /** What was changed since the author looked. */
  readonly conflict: (order: Pick<ChangeOrder, "environment" | "decision">, seen: number, currentRevision: number) => Promise<ApiError>;
}

export function createDrafts(parts: DraftParts): Drafts {
  const { store, fleet, history, inForce, now, newId } = parts;

  async function conflict(
    { environment, decision }: Pick<ChangeOrder, "environment" | "decision">,
    seen: number,
    currentRevision: number,
  ): Promise<ApiError> {
    const { items } = await store.listFlips({ environment, subject: decision, limit: 100 });
    const flips = changedSince(items, seen).map((flip) => ({ ...flip, ...namesOf(flip) }));
    return new ApiError("revision_conflict", { conflict: { expected: seen, current: currentRevision, flips } });
  }

  /** Everything the store is told of a change, or why it cannot be. Called in turn. */
  async function prepare(order: ChangeOrder): Promise<FlipCreation> {
    const { environment, decision, expectedRevision } = order;
    if (order.flipId !== undefined && (await store.getFlip(order.flipId))) {
      throw new ApiError("request_invalid", {
        errors: [{ path: "flipId", message: "a flip was made of this preview already; make a new preview" }],
      });
    }
    const createdAt = now();
    const flip: NewFlip = {
      ...decision,
      id: order.flipId ?? newId(),
      environment,
      scope: order.scope,
      reason: order.reason,
      author: order.author,
      createdAt,
      expiresAt: order.expiresInSeconds === null ? null : createdAt + order.expiresInSeconds * 1_000,
      ...(order.purpose === undefined ? {} : { purpose: order.purpose }),
    };
    if (expectedRevision !== undefined) {
      // What was changed meanwhile may also be why the order is not possible any more; the author is told of the change.
      const known = await history.revision(environment, decision);
      if (known !== expectedRevision) throw await conflict(order, expectedRevision, known);
    }
    const targets = admit(parts, flip, order.expiresInSeconds);
    if (targets.length === 0) throw new ApiError("scope_empty");
    if (inForce(environment, decision).length >= LIVE_FLIPS_PER_SUBJECT) throw new ApiError("too_many_flips");
    const states = fleet.fleet(environment).instances;
    const first = targets.map((target) => ({
      instanceKey: target.key,
      state: target.live ? ("pending" as const) : ("unknown" as const),
      lastRevision: target.live ? null : (states.get(target.key)?.policyRevision ?? null),
    }));
    const { expiresAt } = flip;
    const event = flipEvent(flip, { happened: "created", at: createdAt, actor: order.author, reason: order.reason, expiresAt });
    const told = audited(event, flip, { before: inForce(environment, decision)[0] ?? null, after: flip });
    return { flip, receipts: first, event: told, expectedRevision };
  }

  /** What the store is told of the end of a change. */
  function ending(flip: Flip, how: Ending): FlipEnd {
    const at = now();
    const { status, actor, reason } = how;
    const after = inForce(flip.environment, flip).find(({ id }) => id !== flip.id) ?? null;
    const event = flipEvent(flip, { happened: status, at, actor, reason });
    return { id: flip.id, end: { status, at, by: actor }, event: audited(event, flip, { before: flip, after }) };
  }

  return { prepare, ending, conflict };
}
