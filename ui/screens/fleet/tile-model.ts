/** What a tile of the fleet grid says, computed once a second. Pure but for the rates it is given. */
import { linkState, valueOf, type InstanceState } from "../../../core/fleet.ts";
import { instanceStatus, poolLoad, resourceStatus, severity, statusWord, type Status } from "../../../core/health.ts";
import { rateAt, ratePoints, slotOf, type RatePoint, type RateSample } from "../../live/rates.ts";

export interface Tile {
  readonly key: string;
  readonly service: string;
  readonly name: string;
  readonly status: Status;
  /** Requests a second; null when unknown. */
  readonly requests: number | null;
  /** Errors, percent of requests. */
  readonly errors: number | null;
  readonly p99Us: number | null;
  /** Worst pool, 0 to 1. */
  readonly pool: number | null;
  readonly shed: number;
  /** Two minutes of requests and of errors a second. */
  readonly requestSeries: readonly RatePoint[];
  readonly errorSeries: readonly RatePoint[];
  /** Milliseconds since the last frame; null when never. */
  readonly ageMs: number | null;
  readonly lastFrameAt: number | null;
  /** The worst thing in words: "payments open". Empty when healthy. */
  readonly worst: string;
  readonly version: string;
  readonly policyRevision: number;
  /** The console's clock when this was computed. */
  readonly now: number;
}

const SHED = ["shedLow", "shedMedium", "shedHigh", "shedCritical"] as const;

function serverOf(instance: InstanceState): string | null {
  return instance.resources.find((resource) => resource.kind === "server" && resource.retired !== true)?.name ?? null;
}

function troubleWord(status: Status, load: number | null): string {
  if (status !== "warning") return statusWord(status);
  return load !== null && load >= 1 ? "full" : "near its limit";
}

export function tileOf(instance: InstanceState, samples: readonly RateSample[], now: number): Tile {
  const server = serverOf(instance);
  const slot = (column: string): number => (server === null ? -1 : slotOf(instance, { kind: "server", name: server, column }));
  const link = linkState(instance, now);
  const requests = link === "live" ? rateAt(samples, slot("requests")) : null;
  const errors = link === "live" ? rateAt(samples, slot("errors")) : null;
  let pool: number | null = null;
  let shed = 0;
  let worst: { status: Status; text: string } | null = null;
  for (const resource of instance.resources) {
    const load = resource.kind === "pool" || resource.kind === "bulkhead" ? poolLoad(instance, resource) : null;
    if (load !== null && (pool === null || load > pool)) pool = load;
    if (resource.kind === "shedder")
      for (const column of SHED) shed += rateAt(samples, slotOf(instance, { kind: "shedder", name: resource.name, column })) ?? 0;
    const status = resourceStatus(instance, resource);
    if (status !== "unseen" && status !== "closed" && (worst === null || severity(status) > severity(worst.status)))
      worst = { status, text: `${resource.name} ${troubleWord(status, load)}` };
  }
  const p99 = instance.resources.find((resource) => resource.name === server && resource.kind === "server");
  return {
    key: instance.key,
    service: instance.service,
    name: instance.instance,
    status: instanceStatus(instance, now),
    requests,
    errors: requests === null || requests === 0 ? null : ((errors ?? 0) / requests) * 100,
    p99Us: p99 ? valueOf(instance, p99, "p99Us") : null,
    pool,
    shed: link === "live" ? shed : 0,
    requestSeries: ratePoints(samples, slot("requests")),
    errorSeries: ratePoints(samples, slot("errors")),
    ageMs: instance.lastFrameAt === null ? null : Math.max(0, now - instance.lastFrameAt),
    lastFrameAt: instance.lastFrameAt,
    worst: worst?.text ?? "",
    version: instance.version ?? "",
    policyRevision: instance.policyRevision,
    now,
  };
}

export interface Totals {
  readonly requests: number;
  readonly errorPercent: number | null;
  readonly open: number;
  readonly breakers: number;
  readonly shed: number;
  readonly pools: number;
  readonly poolsNear: number;
  readonly live: number;
  readonly all: number;
}

/** Sums over the live instances; what is not live counts only in `all`. */
export function totalsOf(fleet: readonly InstanceState[], tiles: readonly Tile[], now: number): Totals {
  const totals = { requests: 0, errors: 0, open: 0, breakers: 0, shed: 0, pools: 0, poolsNear: 0, live: 0 };
  for (const tile of tiles) {
    totals.requests += tile.requests ?? 0;
    totals.errors += ((tile.requests ?? 0) * (tile.errors ?? 0)) / 100;
    totals.shed += tile.shed;
  }
  for (const instance of fleet) {
    if (linkState(instance, now) !== "live") continue;
    totals.live++;
    for (const resource of instance.resources) {
      if (resource.kind === "breaker") {
        totals.breakers++;
        if (resourceStatus(instance, resource) === "open") totals.open++;
      } else if (resource.kind === "pool") {
        totals.pools++;
        if ((poolLoad(instance, resource) ?? 0) >= 0.8) totals.poolsNear++;
      }
    }
  }
  return { ...totals, errorPercent: totals.requests === 0 ? null : (totals.errors / totals.requests) * 100, all: fleet.length };
}
