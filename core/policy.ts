/**
 * Which instances a flip covers, what position an instance is to hold, and what a flip would hit before it is made. Pure: the
 * server, the browser and replay decide alike. An instance is named `service/instance` (its key).
 */
import type { FaultBody, OverrideBody, SettingsBody, SwitchBody } from "../protocol/policy.ts";
import type { PolicyName } from "../protocol/settings.ts";

/** Who a flip is for. An empty scope is the whole environment; the parts that are given must all hold. */
export interface PolicyScope {
  readonly service?: string;
  /** Instance keys. */
  readonly instances?: readonly string[];
  /** 1 to 100. */
  readonly percentage?: number;
}

/** What a change says. `key` is the switch's, or the name of the policy or, for a fault, of the pipeline. */
export type Decision =
  | { readonly kind: "switch"; readonly key: string; readonly policy: null; readonly body: SwitchBody }
  | { readonly kind: "settings"; readonly key: string; readonly policy: PolicyName; readonly body: SettingsBody }
  | { readonly kind: "override"; readonly key: string; readonly policy: PolicyName; readonly body: OverrideBody }
  | { readonly kind: "fault"; readonly key: string; readonly policy: null; readonly body: FaultBody };

/** What a change is about. Changes of one subject lie on each other, and whoever makes one is told of the others made meanwhile. */
export type Subject = Pick<Decision, "kind" | "key" | "policy">;

/** The same text for all changes of one subject: a policy's settings and overrides are one, a switch and a pipeline's faults each. */
export function subjectId({ kind, key, policy }: Subject): string {
  return `${policy ?? kind} ${key}`;
}

/** What resolution needs to know of a change of any kind. */
export interface ScopedChange {
  readonly id: string;
  readonly scope: PolicyScope;
  readonly revision: number;
  /** Console clock; null has no expiry. */
  readonly expiresAt: number | null;
}

/** A change of a switch. */
export interface ScopedFlip extends ScopedChange {
  readonly position: string;
}

/** An instance as a flip sees it. */
export interface PolicyTarget {
  readonly key: string;
  readonly service: string;
}

/**
 * A stable number from 0 to 99 for an instance under a flip: FNV-1a over `flip id:instance key`, then mixed, because the low bits
 * of FNV alone are close together for keys that differ in their last character. A percentage p covers the shares below p.
 */
export function shareOf(flipId: string, key: string): number {
  const text = `${flipId}:${key}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % 100;
}

/** True when the flip is for this instance. */
export function covers(flip: Pick<ScopedChange, "id" | "scope">, target: PolicyTarget): boolean {
  const { service, instances, percentage } = flip.scope;
  if (service !== undefined && service !== target.service) return false;
  if (instances !== undefined && !instances.includes(target.key)) return false;
  return percentage === undefined || shareOf(flip.id, target.key) < percentage;
}

/** True for a flip of the whole environment. */
export function isWide(scope: PolicyScope): boolean {
  return scope.service === undefined && scope.instances === undefined && (scope.percentage === undefined || scope.percentage === 100);
}

/** The flip with the highest revision among those that pass; null when none does. */
function newest<F extends ScopedChange>(flips: Iterable<F>, passes: (flip: F) => boolean): F | null {
  let found: F | null = null;
  for (const flip of flips) if ((found === null || flip.revision > found.revision) && passes(flip)) found = flip;
  return found;
}

/** The flip that decides for an instance: the newest of those in force that cover it. When it ends, the one beneath shows again. */
export function decidingFlip<F extends ScopedChange>(flips: Iterable<F>, target: PolicyTarget): F | null {
  return newest(flips, (flip) => covers(flip, target));
}

/** The position wanted of an instance: the deciding flip's, else the normal one (`positions[0]`). `flips` are those of one switch. */
export function wantedPosition(flips: Iterable<ScopedFlip>, target: PolicyTarget, positions: readonly string[]): string {
  return decidingFlip(flips, target)?.position ?? positions[0] ?? "";
}

/** The position wanted of the environment as a whole: the newest flip without a narrower scope, else the normal one. */
export function desiredPosition(flips: Iterable<ScopedFlip>, positions: readonly string[]): string {
  return newest(flips, (flip) => isWide(flip.scope))?.position ?? positions[0] ?? "";
}

/** An instance that declares the switch. */
export interface SwitchHolder extends PolicyTarget {
  readonly live: boolean;
  readonly positions: readonly string[];
  /** Position by its own report. */
  readonly position: string | null;
}

/** Who a change would reach. */
export interface Reach {
  readonly targeted: number;
  readonly live: number;
  /** Known, but not connected now: they get it when they come back. */
  readonly absent: number;
  readonly services: readonly { readonly service: string; readonly instances: number }[];
}

export interface BlastRadius extends Reach {
  readonly refusals: readonly { readonly instance: string; readonly reason: string }[];
  readonly instances: readonly { readonly instance: string; readonly live: boolean; readonly position: string | null }[];
  /** The position that shows when it ends: what most targets go back to. */
  readonly returnsTo: string;
}

/** The holders that a change covers, by key. */
export function targetsOf<H extends PolicyTarget>(change: Pick<ScopedChange, "id" | "scope">, holders: readonly H[]): H[] {
  return holders.filter((holder) => covers(change, holder)).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

export function reachOf(targets: readonly (PolicyTarget & { readonly live: boolean })[]): Reach {
  const services = new Map<string, number>();
  for (const { service } of targets) services.set(service, (services.get(service) ?? 0) + 1);
  const live = targets.filter((target) => target.live).length;
  return {
    targeted: targets.length,
    live,
    absent: targets.length - live,
    services: [...services].map(([service, instances]) => ({ service, instances })),
  };
}

/** Of these changes, those that are still there when one that ends at `expiresAt` ends. */
export function outlasting<F extends ScopedChange>(changes: readonly F[], expiresAt: number | null): F[] {
  return changes.filter((other) => other.expiresAt === null || (expiresAt !== null && other.expiresAt > expiresAt));
}

/**
 * What a flip would hit. `holders` are the known instances that declare the switch, `flips` the switch's flips in force. Flips that
 * end before this one are not counted for `returnsTo`.
 */
export function blastRadius(
  flip: Omit<ScopedFlip, "revision">,
  holders: readonly SwitchHolder[],
  beneath: { readonly flips: readonly ScopedFlip[]; readonly positions: readonly string[] },
): BlastRadius {
  const targets = targetsOf(flip, holders);
  const returns = new Map<string, number>();
  const after = outlasting(beneath.flips, flip.expiresAt);
  for (const target of targets) {
    const next = wantedPosition(after, target, beneath.positions);
    returns.set(next, (returns.get(next) ?? 0) + 1);
  }
  return {
    ...reachOf(targets),
    refusals: targets
      .filter((target) => !target.positions.includes(flip.position))
      .map((target) => ({
        instance: target.key,
        reason: `position "${flip.position}" is not declared there; it knows ${target.positions.join(", ")}`,
      })),
    instances: targets.map((target) => ({ instance: target.key, live: target.live, position: target.position })),
    returnsTo: [...returns].sort((a, b) => b[1] - a[1])[0]?.[0] ?? desiredPosition(after, beneath.positions),
  };
}

/** What happened to a subject since somebody looked at it: flips made or ended after `seen`, newest change first. */
export function changedSince<F extends { readonly revision: number; readonly endRevision: number | null }>(
  flips: readonly F[],
  seen: number,
): readonly F[] {
  const moved = (flip: F) => Math.max(flip.revision, flip.endRevision ?? 0);
  return flips.filter((flip) => moved(flip) > seen).sort((a, b) => moved(b) - moved(a));
}

/** A scope in words, for logs and the event feed. */
export function describeScope(scope: PolicyScope): string {
  const where = scope.service === undefined ? "everything" : `service ${scope.service}`;
  if (scope.instances !== undefined)
    return scope.instances.length === 1 ? (scope.instances[0] ?? "") : `${scope.instances.length} instances`;
  if (scope.percentage !== undefined && scope.percentage < 100) return `${scope.percentage} % of ${where}`;
  return where;
}
