/** What a tile of the fleet grid says, computed once a second. Pure but for the rates it is given. */
import { linkState, valueOf, type InstanceState, type ResourceState } from "../../../core/fleet.ts";
import { isSwitched, poolLoad, resourceStatus, severity, statusWord, worst as worstOf, type Status } from "../../../core/health.ts";
import { columnIndex } from "../../../protocol/kinds.ts";
import { rateAt, ratePoints, type RatePoint, type RateSample } from "../../live/rates.ts";
import { isolated } from "../../components/isolated.ts";

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
  /** Two minutes of requests or of errors a second; worked out for what is on the screen only. */
  readonly line: (column: "requests" | "errors") => readonly RatePoint[];
  /** Milliseconds since the last frame; null when never. */
  readonly ageMs: number | null;
  readonly lastFrameAt: number | null;
  /** The worst thing in words: "payments open". Empty when healthy. */
  readonly worst: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly breakers: number;
  readonly breakersOpen: number;
  readonly pools: number;
  readonly poolsNear: number;
  readonly policyRevision: number;
  /** The console's clock when this was computed. */
  readonly now: number;
}

const SHED = ["shedLow", "shedMedium", "shedHigh", "shedCritical"] as const;
const NEAR = 0.8;

/** Where in the row the figures of a tile stand. Instances that declare alike share it. */
interface Places {
  readonly server: ResourceState | null;
  readonly requests: number;
  readonly errors: number;
  readonly shed: readonly number[];
}
const known = new WeakMap<readonly ResourceState[], Places>();

function placesOf(resources: readonly ResourceState[]): Places {
  let places = known.get(resources);
  if (places) return places;
  const server = resources.find((resource) => resource.kind === "server" && resource.retired !== true) ?? null;
  const at = (column: string): number => (server === null ? -1 : server.offset + columnIndex("server", column));
  const shedders = resources.filter((resource) => resource.kind === "shedder");
  places = {
    server,
    requests: at("requests"),
    errors: at("errors"),
    shed: shedders.flatMap(({ offset }) => SHED.map((column) => offset + columnIndex("shedder", column))),
  };
  known.set(resources, places);
  return places;
}

function troubleWord(status: Status, load: number | null): string {
  if (status !== "warning") return statusWord(status);
  return load !== null && load >= 1 ? "full" : "near its limit";
}

export function tileOf(instance: InstanceState, samples: readonly RateSample[], now: number): Tile {
  const places = placesOf(instance.resources);
  const link = linkState(instance, now);
  const requests = link === "live" ? rateAt(samples, places.requests) : null;
  const errors = link === "live" ? rateAt(samples, places.errors) : null;
  const counts = { breakers: 0, breakersOpen: 0, pools: 0, poolsNear: 0 };
  let pool: number | null = null;
  let shed = 0;
  let trouble: Status = "closed";
  let worst = "";
  for (const slot of places.shed) shed += rateAt(samples, slot) ?? 0;
  for (const resource of instance.resources) {
    const status = resourceStatus(instance, resource);
    const load = resource.kind === "pool" || resource.kind === "bulkhead" ? poolLoad(instance, resource) : null;
    if (load !== null && (pool === null || load > pool)) pool = load;
    if (resource.kind === "breaker") {
      counts.breakers++;
      if (status === "open") counts.breakersOpen++;
    } else if (resource.kind === "pool") {
      counts.pools++;
      if ((load ?? 0) >= NEAR) counts.poolsNear++;
    }
    if (severity(status) <= severity(trouble)) continue;
    trouble = status;
    worst = `${isolated(resource.name)} ${troubleWord(status, load)}`;
  }
  return {
    key: instance.key,
    service: instance.service,
    name: instance.instance,
    status: link === "live" ? worstOf([trouble, isSwitched(instance) ? "switched" : "closed"]) : link,
    requests,
    errors: requests === null || requests === 0 ? null : ((errors ?? 0) / requests) * 100,
    p99Us: places.server ? valueOf(instance, places.server, "p99Us") : null,
    pool,
    shed: link === "live" ? shed : 0,
    line: (column) => ratePoints(samples, places[column]),
    ageMs: instance.lastFrameAt === null ? null : Math.max(0, now - instance.lastFrameAt),
    lastFrameAt: instance.lastFrameAt,
    worst,
    version: instance.version ?? "",
    labels: instance.labels,
    ...counts,
    policyRevision: instance.policyRevision,
    now,
  };
}

export interface Totals {
  /** Null while no instance's rate is known, which is not zero. */
  readonly requests: number | null;
  /** Failed ones a second. */
  readonly errors: number | null;
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
export function totalsOf(tiles: readonly Tile[]): Totals {
  const totals = { requests: 0, errors: 0, open: 0, breakers: 0, shed: 0, pools: 0, poolsNear: 0, live: 0 };
  for (const tile of tiles) {
    if (!isHeard(tile)) continue;
    totals.live++;
    totals.requests += tile.requests ?? 0;
    totals.errors += ((tile.requests ?? 0) * (tile.errors ?? 0)) / 100;
    totals.shed += tile.shed;
    totals.breakers += tile.breakers;
    totals.open += tile.breakersOpen;
    totals.pools += tile.pools;
    totals.poolsNear += tile.poolsNear;
  }
  const known = tiles.some((tile) => isHeard(tile) && tile.requests !== null);
  return {
    ...totals,
    requests: known ? totals.requests : null,
    errors: known ? totals.errors : null,
    errorPercent: totals.requests === 0 ? null : (totals.errors / totals.requests) * 100,
    all: tiles.length,
  };
}

export const isHeard = (tile: Tile): boolean => tile.status !== "stale" && tile.status !== "offline" && tile.status !== "unseen";
