/** What a tile of the fleet grid says, computed once a second. Pure but for the rates it is given. */
import type { Watched } from "../../../core/attention.ts";
import { linkState, type InstanceState, type ResourceState } from "../../../core/fleet.ts";
import { isSwitched, poolLoad, severity, statusWord, troublesOf, type Status, type Trouble } from "../../../core/health.ts";
import { columnIndex } from "../../../protocol/kinds.ts";
import { rateOver, sampleBefore, type Lately, type RatePoint } from "../../live/rates.ts";
import { isolated } from "../../../core/isolated.ts";

export interface Tile extends Watched {
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

/** Where in the row the figures of a tile stand. Instances that declare alike share it. */
interface Places {
  readonly requests: number;
  readonly errors: number;
  readonly shed: readonly number[];
  readonly p99: number;
  readonly breakers: number;
  readonly pools: number;
  /** Pools and bulkheads. */
  readonly limited: readonly ResourceState[];
}
const known = new WeakMap<readonly ResourceState[], Places>();

function placesOf(resources: readonly ResourceState[]): Places {
  let places = known.get(resources);
  if (places) return places;
  const server = resources.find((resource) => resource.kind === "server" && resource.retired !== true) ?? null;
  const at = (column: string): number => (server === null ? -1 : server.offset + columnIndex("server", column));
  const shedders = resources.filter((resource) => resource.kind === "shedder");
  places = {
    requests: at("requests"),
    errors: at("errors"),
    shed: shedders.flatMap(({ offset }) => SHED.map((column) => offset + columnIndex("shedder", column))),
    p99: at("p99Us"),
    breakers: resources.filter(({ kind }) => kind === "breaker").length,
    pools: resources.filter(({ kind }) => kind === "pool").length,
    limited: resources.filter(({ kind }) => kind === "pool" || kind === "bulkhead"),
  };
  known.set(resources, places);
  return places;
}

/** The wire's value + 1, 0 for unknown. */
function valueIn(row: Float64Array, slot: number): number | null {
  const wire = row[slot] ?? 0;
  return wire === 0 ? null : wire - 1;
}

function troubleWord(status: Status, load: number | null): string {
  if (status !== "warning") return statusWord(status);
  return load !== null && load >= 1 ? "full" : "near its limit";
}

export function tileOf(instance: InstanceState, lately: Lately, now: number): Tile {
  const places = placesOf(instance.resources);
  const link = linkState(instance, now);
  const { samples } = lately;
  const before = sampleBefore(samples);
  const last = samples[samples.length - 1];
  const requests = link === "live" ? rateOver(before, last, places.requests) : null;
  const errors = link === "live" ? rateOver(before, last, places.errors) : null;
  const troubles = troublesOf(instance);
  let pool: number | null = null;
  let shed = 0;
  for (const slot of places.shed) shed += rateOver(before, last, slot) ?? 0;
  for (const resource of places.limited) {
    const load = poolLoad(instance, resource);
    if (load !== null && (pool === null || load > pool)) pool = load;
  }
  let worst: Trouble | null = null;
  let [breakersOpen, poolsNear] = [0, 0];
  for (const trouble of troubles) {
    if (worst === null || severity(trouble.status) > severity(worst.status)) worst = trouble;
    if (trouble.resource.kind === "pool") poolsNear++;
    else if (trouble.status === "open") breakersOpen++;
  }
  return {
    key: instance.key,
    service: instance.service,
    name: instance.instance,
    status: link !== "live" ? link : (worst?.status ?? (isSwitched(instance) ? "switched" : "closed")),
    instance,
    link,
    troubles,
    requests,
    errors: requests === null || requests === 0 ? null : ((errors ?? 0) / requests) * 100,
    p99Us: valueIn(instance.row, places.p99),
    pool,
    shed: link === "live" ? shed : 0,
    line: (column) => lately.line(places[column]),
    ageMs: instance.lastFrameAt === null ? null : Math.max(0, now - instance.lastFrameAt),
    lastFrameAt: instance.lastFrameAt,
    worst: worst === null ? "" : `${isolated(worst.resource.name)} ${troubleWord(worst.status, poolLoad(instance, worst.resource))}`,
    version: instance.version ?? "",
    labels: instance.labels,
    breakers: places.breakers,
    breakersOpen,
    pools: places.pools,
    poolsNear,
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
