/**
 * Changes of policy, which are called flips here whatever their kind: made, ended, expired, and proven. What is in force is compiled in memory, so agents get their policy with the database down;
 * a change counts only once it is committed. One writer for each environment, so changes reach agents in the order of revisions.
 */
import { changedSince, covers, subjectId, type BlastRadius, type Decision, type Subject } from "../../core/policy.ts";
import type { Bus } from "../bus/bus.ts";
import type { Clock, Timer } from "../clock.ts";
import { ApiError } from "../errors.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { Log } from "../log.ts";
import { RevisionConflict, type Flip, type FlipScope, type LoggedEventIn, type NewFlip, type Store } from "../store/store.ts";
import { admit } from "./admit.ts";
import { ChangeHistory } from "./change-history.ts";
import { previewChange, previewFlip, type ChangeLook, type ChangeRadius, type FlipLook } from "./change-preview.ts";
import { instanceKey, type AgentIdentity, type PolicyChange, type PolicyFeed, type PolicyItem } from "./feed.ts";
import { flipEvent, namesOf } from "./flip-events.ts";
import { declarationOf, PolicyCatalog } from "./policy-catalog.ts";
import { ENDED_KEPT, ReceiptBook } from "./receipt-book.ts";
import { ReceiptTracker } from "./receipt-tracker.ts";
import { SwitchCatalog } from "./switch-catalog.ts";

export interface ChangeOrder {
  readonly environment: string;
  readonly decision: Decision;
  readonly scope: FlipScope;
  readonly reason: string;
  readonly author: string;
  readonly expiresInSeconds: number | null;
  readonly expectedRevision?: number | undefined;
  /** From a preview, so that a percentage hits exactly what was shown. */
  readonly flipId?: string | undefined;
}

export interface PolicyServiceOptions {
  readonly store: Pick<
    Store,
    | "createFlip"
    | "endFlip"
    | "getFlip"
    | "listFlips"
    | "listLiveFlips"
    | "saveReceipts"
    | "listReceipts"
    | "currentRevision"
    | "subjectRevision"
    | "listEnvironments"
    | "listEvents"
  >;
  readonly fleet: Pick<LiveFleet, "fleet" | "switches" | "policies" | "policiesOf" | "subscribe">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes an id that nobody can guess and nothing else has. */
  readonly newId: () => string;
}

export interface PolicyService extends PolicyFeed {
  readonly receipts: ReceiptBook;
  readonly history: ChangeHistory;
  readonly catalog: SwitchCatalog;
  readonly policies: PolicyCatalog;
  newFlipId(): string;
  /** Changes of a subject that are in force now, newest first. */
  inForce(environment: string, subject: Subject): readonly Flip[];
  /** @throws ApiError switch_unknown, position_unknown */
  previewFlip(look: FlipLook): BlastRadius;
  /** @throws ApiError policy_unknown, settings_invalid, override_unfit, fault_invalid */
  previewChange(look: ChangeLook): ChangeRadius;
  /**
   * @throws ApiError switch_unknown, position_unknown, policy_unknown, settings_invalid, settings_out_of_bounds, override_unfit,
   * fault_invalid, fault_not_allowed, scope_empty, too_many_flips, revision_conflict
   */
  create(order: ChangeOrder): Promise<Flip>;
  /** @throws ApiError flip_unknown, flip_ended */
  revert(id: string, by: { readonly actor: string; readonly reason: string }): Promise<Flip>;
  /** Ends timers and writes what is not yet written. */
  stop(): Promise<void>;
}

export const LIVE_FLIPS_PER_SUBJECT = 32;
const RETRY_MS = 1_000;
/** Timers count no further than about 25 days; look again each hour. */
const LOOK_AGAIN_MS = 3_600_000;

/** Loads what is in force, ends what expired while the console was away. @throws when the store cannot be read. */
export async function createPolicyService(options: PolicyServiceOptions): Promise<PolicyService> {
  const { store, fleet, bus, clock, log, newId } = options;
  const live = new Map<string, Flip>();
  const ended: Flip[] = [];
  const revisions = new Map<string, number>();
  const listeners = new Set<(change: PolicyChange) => void>();
  const writers = new Map<string, Promise<unknown>>();
  const receipts = new ReceiptBook({
    store,
    clock,
    log,
    changed: (flipId) => {
      const flip = live.get(flipId) ?? ended.find((candidate) => candidate.id === flipId);
      if (flip) bus.publish({ type: "receipts", environment: flip.environment, flipId });
    },
  });
  const catalog = new SwitchCatalog(fleet);
  const policies = new PolicyCatalog(fleet);
  const history = new ChangeHistory(store);
  const tracker = new ReceiptTracker({
    receipts,
    fleet,
    declares: (flip, instance) =>
      flip.kind === "switch"
        ? instance.switches.some((declared) => declared.key === flip.key)
        : declarationOf(fleet.policiesOf(flip.environment, instance.key), flip) !== null,
    liveFlips: (environment) => flipsOf(environment),
    endedFlips: (environment) => ended.filter((flip) => flip.environment === environment),
  });
  let timer: Timer | null = null;
  let stopped = false;

  const flipsOf = (environment: string): readonly Flip[] => [...live.values()].filter((flip) => flip.environment === environment);
  const current = (flip: Flip): boolean => flip.expiresAt === null || flip.expiresAt > clock.now();

  const itemOf = (flip: Flip): PolicyItem => ({
    id: flip.id,
    kind: flip.kind,
    key: flip.key,
    revision: flip.revision,
    expiresAt: flip.expiresAt,
    body: flip.body,
  });

  /** One change of an environment after the other. */
  function inTurn<T>(environment: string, work: () => Promise<T>): Promise<T> {
    const turn = (writers.get(environment) ?? Promise.resolve()).then(work, work);
    writers.set(
      environment,
      turn.catch(() => undefined),
    );
    return turn;
  }

  function announce(flip: Flip, change: "created" | "ended", event: LoggedEventIn): void {
    const revision = (change === "created" ? flip.revision : flip.endRevision) ?? flip.revision;
    const { environment } = flip;
    revisions.set(environment, Math.max(revision, revisions.get(environment) ?? 0));
    history.changed(flip, event);
    const told: PolicyChange = {
      environment,
      revision,
      puts: change === "created" ? [itemOf(flip)] : [],
      dels: change === "created" ? [] : [flip.id],
      affects: (agent) => covers(flip, { key: instanceKey(agent), service: agent.service }),
    };
    for (const listener of listeners) {
      try {
        listener(told);
      } catch (error) {
        log.error({ err: error, revision }, "a subscriber of the policy failed");
      }
    }
    bus.publish({ type: "events", environment, events: [event] });
    bus.publish({ type: "policy", environment, revision, change, flip });
  }

  async function end(
    flip: Flip,
    how: { readonly status: "expired" | "reverted"; readonly actor: string; readonly reason: string },
  ): Promise<Flip | null> {
    return inTurn(flip.environment, async () => {
      const at = clock.now();
      const event = flipEvent(flip, {
        happened: how.status,
        at,
        actor: how.actor,
        reason: how.reason,
      });
      const done = await store.endFlip(flip.id, { status: how.status, at, by: how.actor }, event);
      live.delete(flip.id);
      receipts.ended(flip.id);
      if (!done) return null;
      ended.push(done.flip);
      if (ended.length > ENDED_KEPT) ended.shift();
      announce(done.flip, "ended", done.event);
      return done.flip;
    });
  }

  async function expireDue(): Promise<void> {
    let failed = false;
    for (const flip of [...live.values()]) {
      if (current(flip)) continue;
      try {
        await end(flip, { status: "expired", actor: "system", reason: "its time was over" });
      } catch (error) {
        failed = true;
        log.error({ err: error, flipId: flip.id }, "an expired flip could not be ended; will be tried again");
      }
    }
    arm(failed ? RETRY_MS : 0);
  }

  /** One timer, for whatever ends next. */
  function arm(atLeastMs = 0): void {
    timer?.cancel();
    timer = null;
    if (stopped) return;
    const next = Math.min(...[...live.values()].map((flip) => flip.expiresAt ?? Infinity));
    if (next === Infinity) return;
    const wait = Math.min(Math.max(next - clock.now(), atLeastMs), LOOK_AGAIN_MS);
    timer = clock.setTimeout(() => void expireDue(), wait);
  }

  function inForce(environment: string, subject: Subject): readonly Flip[] {
    const id = subjectId(subject);
    return flipsOf(environment)
      .filter((flip) => subjectId(flip) === id && current(flip))
      .sort((a, b) => b.revision - a.revision);
  }

  const parts = { catalog, policies, inForce, now: () => clock.now() };

  async function conflict({ environment, decision }: ChangeOrder, seen: number, currentRevision: number): Promise<ApiError> {
    const { items } = await store.listFlips({ environment, subject: decision, limit: 100 });
    const flips = changedSince(items, seen).map((flip) => ({ ...flip, ...namesOf(flip) }));
    return new ApiError("revision_conflict", { conflict: { expected: seen, current: currentRevision, flips } });
  }

  async function create(order: ChangeOrder): Promise<Flip> {
    const { environment, decision, expectedRevision } = order;
    return inTurn(environment, async () => {
      if (order.flipId !== undefined && (await store.getFlip(order.flipId))) {
        throw new ApiError("request_invalid", {
          errors: [{ path: "flipId", message: "a flip was made of this preview already; make a new preview" }],
        });
      }
      const createdAt = clock.now();
      const flip: NewFlip = {
        ...decision,
        id: order.flipId ?? newId(),
        environment,
        scope: order.scope,
        reason: order.reason,
        author: order.author,
        createdAt,
        expiresAt: order.expiresInSeconds === null ? null : createdAt + order.expiresInSeconds * 1_000,
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
      try {
        const done = await store.createFlip(flip, first, event, expectedRevision);
        live.set(flip.id, done.flip);
        receipts.open(
          flip.id,
          first.map((receipt) => ({ ...receipt, flipId: flip.id, at: createdAt, roundTripMs: null, appliedMs: null, reason: null })),
        );
        tracker.committed(flip.id, clock.now());
        announce(done.flip, "created", done.event);
        arm();
        return done.flip;
      } catch (error) {
        if (error instanceof RevisionConflict) throw await conflict(order, expectedRevision ?? 0, error.current);
        throw error;
      }
    });
  }

  async function revert(id: string, by: { readonly actor: string; readonly reason: string }): Promise<Flip> {
    const flip = live.get(id) ?? (await store.getFlip(id));
    if (!flip) throw new ApiError("flip_unknown");
    if (flip.status !== "live") throw new ApiError("flip_ended");
    const ended = await end(flip, { status: "reverted", ...by });
    if (!ended) throw new ApiError("flip_ended");
    arm();
    return ended;
  }

  for (const environment of await store.listEnvironments()) revisions.set(environment, await store.currentRevision(environment));
  for (const flip of await store.listLiveFlips()) {
    live.set(flip.id, flip);
    receipts.open(flip.id, await store.listReceipts(flip.id));
    tracker.recalled(flip, clock.now());
  }
  await history.load([...revisions.keys()]);
  await expireDue();
  const unsubscribe = fleet.subscribe((change) => {
    if (change.type === "described" && live.size > 0) tracker.described(change.environment, change.key, clock.now());
  });

  return {
    receipts,
    history,
    newFlipId: newId,
    catalog,
    policies,
    inForce,
    previewFlip: (look) => previewFlip(parts, look),
    previewChange: (look) => previewChange(parts, look),
    create,
    revert,
    revision: (environment) => revisions.get(environment) ?? 0,
    itemsFor: (agent: AgentIdentity) =>
      flipsOf(agent.environment)
        .filter((flip) => current(flip) && covers(flip, { key: instanceKey(agent), service: agent.service }))
        .sort((a, b) => a.revision - b.revision)
        .map(itemOf),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    sent: (change, keys, at) => tracker.sent(change, keys, at),
    answered: (agent, answer) => tracker.answered(agent, answer),
    lost: (agent, at) => tracker.lost(agent, at),
    async stop() {
      stopped = true;
      timer?.cancel();
      unsubscribe();
      await Promise.all(writers.values());
      await receipts.flush();
    },
  };
}
