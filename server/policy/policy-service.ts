/**
 * Changes of policy, which are called flips here whatever their kind: made, ended, expired, and proven. What is in force is compiled in memory, so agents get their policy with the database down;
 * a change counts only once it is committed. One writer for each environment, so changes reach agents in the order of revisions.
 */
import { covers, subjectId, type BlastRadius, type Subject } from "../../core/policy.ts";
import type { Bus } from "../bus/bus.ts";
import type { Clock, Timer } from "../clock.ts";
import { ApiError } from "../errors.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { Log } from "../log.ts";
import type { FlipCreation, FlipDone } from "../store/change-set.ts";
import { RevisionConflict, type Flip, type LoggedEventIn, type Store } from "../store/store.ts";
import { ChangeHistory } from "./change-history.ts";
import { createDrafts } from "./change-drafts.ts";
import type { ChangeOrder, Ending } from "./change-order.ts";
import { ChangeSets } from "./change-sets.ts";
import { previewChange, previewFlip, type ChangeLook, type ChangeRadius, type FlipLook } from "./change-preview.ts";
import { instanceKey, type AgentIdentity, type PolicyChange, type PolicyFeed, type PolicyItem } from "./feed.ts";
import { declarationOf, PolicyCatalog } from "./policy-catalog.ts";
import { ENDED_KEPT, ReceiptBook } from "./receipt-book.ts";
import { ReceiptTracker } from "./receipt-tracker.ts";
import { SwitchCatalog } from "./switch-catalog.ts";

export interface PolicyServiceOptions {
  readonly store: Pick<
    Store,
    | "createFlip"
    | "endFlip"
    | "applyChangeSet"
    | "getChangeSet"
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
  readonly sets: ChangeSets;
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

  /** It is on disk: it is in force no more. */
  function hasEnded(done: FlipDone): void {
    live.delete(done.flip.id);
    receipts.ended(done.flip.id);
    ended.push(done.flip);
    if (ended.length > ENDED_KEPT) ended.shift();
    announce(done.flip, "ended", done.event);
  }

  async function end(flip: Flip, how: Ending): Promise<Flip | null> {
    return inTurn(flip.environment, async () => {
      const { id, end: fate, event } = ending(flip, how);
      const done = await store.endFlip(id, fate, event);
      if (done) {
        hasEnded(done);
        return done.flip;
      }
      live.delete(id);
      receipts.ended(id);
      return null;
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
  const { prepare, ending, conflict } = createDrafts({ ...parts, store, fleet, history, newId });

  /** It is on disk: it is in force. */
  function isMade({ flip, receipts: first }: FlipCreation, done: FlipDone): void {
    live.set(flip.id, done.flip);
    receipts.open(
      flip.id,
      first.map((receipt) => ({ ...receipt, flipId: flip.id, at: flip.createdAt, roundTripMs: null, appliedMs: null, reason: null })),
    );
    tracker.committed(flip.id, clock.now());
    announce(done.flip, "created", done.event);
  }

  async function create(order: ChangeOrder): Promise<Flip> {
    return inTurn(order.environment, async () => {
      const creation = await prepare(order);
      try {
        const { flip, receipts: first, event, expectedRevision } = creation;
        const done = await store.createFlip(flip, first, event, expectedRevision);
        isMade(creation, done);
        arm();
        return done.flip;
      } catch (error) {
        if (error instanceof RevisionConflict) throw await conflict(order, order.expectedRevision ?? 0, error.current);
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

  const sets = new ChangeSets({
    store,
    receipts,
    inTurn,
    prepare,
    ending,
    isMade,
    hasEnded,
    flips: flipsOf,
    revision: (flip) => history.revision(flip.environment, flip),
    arm: () => arm(),
    now: () => clock.now(),
    newId,
  });

  return {
    sets,
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
