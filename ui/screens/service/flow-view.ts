/** Pools, queues and shedding of a service, each by its worst instance or its true sum. */
import { poolOutlook, type PoolOutlook, type UsePoint } from "../../../core/exhaustion.ts";
import { columnIndex } from "../../../protocol/kinds.ts";
import type { RateSample } from "../../live/rates.ts";
import { queueOutlook, type QueueOutlook } from "../../charts/queue-outlook.ts";
import { formatLeft } from "../../charts/format.ts";
import type { PoolNumbers } from "../../charts/meters.tsx";
import { total, valueNow, worstMember, type Member, type Rates, type ResourceGroup } from "./members.ts";

export interface PoolView extends PoolNumbers {
  readonly name: string;
  readonly waitP99Us: number | null;
  /** Share of the limit in use, 0 to 1. */
  readonly saturation: number | null;
  /** Whose numbers these are. */
  readonly instance: string;
  readonly members: number;
  /** Of the instance whose pool is full first. */
  readonly outlook: PoolOutlook;
  readonly outlookOf: string;
}

/** Seconds that show where a pool is heading. */
const TREND_MS = 60_000;

/** What was in use in the last minute, from the rows this browser has seen pass. */
export function pointsOf({ instance, resource }: Member, samples: readonly RateSample[]): readonly UsePoint[] {
  const slot = resource.offset + columnIndex(resource.kind, "inUse");
  const from = (samples.at(-1)?.at ?? 0) - TREND_MS;
  return instance.lastFrameAt === null
    ? []
    : samples.flatMap(({ at, row }) => {
        const wire = row.at(slot) ?? 0;
        return at < from || wire === 0 ? [] : [{ at, inUse: wire - 1 }];
      });
}

const SOON: Readonly<Record<PoolOutlook["kind"], number>> = { unknown: Infinity, steady: 1e12, fills: 0, full: -1 };

/**
 * The instance that is worst off speaks for the pool: waiters first, then how full it is. Null when nobody is heard. `pointsOf` tells
 * what was in use in the last seconds.
 */
export function poolView(group: ResourceGroup, pointsOf: (member: Member) => readonly UsePoint[] = () => []): PoolView | null {
  const worst = worstBy(group.members, (member) => (valueNow(member, "waiting") ?? 0) * 1000 + (saturationOf(member) ?? -1));
  if (worst === null) return null;
  let soonest: { outlook: PoolOutlook; of: string; rank: number } = { outlook: { kind: "unknown" }, of: "", rank: Infinity };
  for (const member of group.members) {
    if (!member.heard) continue;
    const outlook = poolOutlook(pointsOf(member), valueNow(member, "max"));
    const rank = SOON[outlook.kind] + (outlook.kind === "fills" ? outlook.ms : 0);
    if (rank < soonest.rank) soonest = { outlook, of: member.instance.instance, rank };
  }
  return {
    name: group.name,
    outlook: soonest.outlook,
    outlookOf: soonest.of,
    inUse: valueNow(worst, "inUse"),
    idle: group.kind === "pool" ? valueNow(worst, "idle") : null,
    waiting: valueNow(worst, "waiting"),
    max: valueNow(worst, "max"),
    waitP99Us: worstMember(group.members, "waitP99Us")?.value ?? null,
    saturation: saturationOf(worst),
    instance: worst.instance.instance,
    members: group.members.length,
  };
}

export function saturationOf(member: Member): number | null {
  const inUse = valueNow(member, "inUse");
  const max = valueNow(member, "max");
  return inUse === null || max === null || max === 0 ? null : inUse / max;
}

export interface QueueView {
  readonly name: string;
  readonly depth: number | null;
  readonly capacity: number | null;
  readonly running: number | null;
  readonly concurrency: number | null;
  readonly oldestMs: number | null;
  readonly paused: boolean;
  readonly inPerSecond: number | null;
  readonly outPerSecond: number | null;
  readonly failedPerSecond: number | null;
  readonly outlook: QueueOutlook;
  readonly instance: string;
  readonly members: number;
}

/** The deepest queue speaks for its name: one full queue is not made better by an empty one beside it. */
export function queueView(group: ResourceGroup, rates: Rates): QueueView | null {
  const worst = worstBy(group.members, (member) => valueNow(member, "depth") ?? -1);
  if (worst === null) return null;
  const depth = valueNow(worst, "depth");
  const capacity = valueNow(worst, "capacity");
  const inPerSecond = rates.of(worst, "added");
  const completed = rates.of(worst, "completed");
  const failed = rates.of(worst, "failed");
  const outPerSecond = completed === null && failed === null ? null : (completed ?? 0) + (failed ?? 0);
  return {
    name: group.name,
    depth,
    capacity: capacity !== null && capacity > 0 ? capacity : null,
    running: valueNow(worst, "running"),
    concurrency: valueNow(worst, "concurrency"),
    oldestMs: valueNow(worst, "oldestMs"),
    paused: valueNow(worst, "paused") === 1,
    inPerSecond,
    outPerSecond,
    failedPerSecond: failed,
    outlook: queueOutlook({ depth, capacity, inPerSecond, outPerSecond }),
    instance: worst.instance.instance,
    members: group.members.length,
  };
}

export function outlookWords(outlook: QueueOutlook): string {
  switch (outlook.kind) {
    case "fills":
      return `full in ${formatLeft(outlook.ms)}`;
    case "drains":
      return `drained in ${formatLeft(outlook.ms)}`;
    case "full":
      return "full";
    case "grows":
      return "growing, no limit known";
    case "steady":
      return "steady";
    case "empty":
      return "empty";
    case "unknown":
      return "outlook unknown";
  }
}

/** What did not go the straight way, a second, over all instances; `queued` now. Null where nothing tells it. */
export interface TurnedAway {
  readonly queued: number | null;
  readonly shortCircuited: number | null;
  readonly noSlot: number | null;
  readonly fallback: number | null;
}

export function turnedAway(groups: readonly ResourceGroup[], rates: Rates): TurnedAway {
  const members = (kind: ResourceGroup["kind"]) => groups.filter((group) => group.kind === kind).flatMap((group) => group.members);
  const waiting = [...members("pool"), ...members("bulkhead")];
  return {
    queued: total(waiting, (member) => valueNow(member, "waiting")),
    shortCircuited: rates.sum(members("breaker"), "rejected"),
    noSlot: rates.sum(members("bulkhead"), "rejected"),
    fallback: rates.sum(members("breaker"), "fallbacks"),
  };
}

export interface ShedClass {
  readonly name: "critical" | "high" | "medium" | "low";
  readonly shed: number | null;
}

export interface ShedView {
  readonly name: string;
  readonly admitted: number | null;
  readonly shed: number | null;
  readonly classes: readonly ShedClass[];
  readonly inFlight: number | null;
  readonly limit: number | null;
}

/** Admitted and shed a second, over all instances; the limit and what is in flight of the fullest. */
export function shedView(group: ResourceGroup, rates: Rates): ShedView {
  const classes: readonly ShedClass[] = [
    { name: "critical", shed: rates.sum(group.members, "shedCritical") },
    { name: "high", shed: rates.sum(group.members, "shedHigh") },
    { name: "medium", shed: rates.sum(group.members, "shedMedium") },
    { name: "low", shed: rates.sum(group.members, "shedLow") },
  ];
  const fullest = worstMember(group.members, "inFlight");
  return {
    name: group.name,
    admitted: rates.sum(group.members, "admitted"),
    shed: classes.reduce<number | null>((sum, { shed }) => (shed === null ? sum : (sum ?? 0) + shed), null),
    classes,
    inFlight: fullest?.value ?? null,
    limit: fullest === null ? null : valueNow(fullest.member, "limit"),
  };
}

function worstBy(members: readonly Member[], badness: (member: Member) => number): Member | null {
  let worst: Member | null = null;
  let most = -Infinity;
  for (const member of members) {
    if (!member.heard) continue;
    const value = badness(member);
    if (value > most) {
      most = value;
      worst = member;
    }
  }
  return worst;
}
