/**
 * The load the figures are stated for: one agent with 50 resources of six slots each (300), of which about 126 change every second.
 * A seeded generator, so that every run and every machine measures the same numbers: Poisson calls, log-normal latencies in whole
 * microseconds, pools and queues that drift, states and settings that stand still.
 */
import type { Kind } from "../../protocol/kinds.ts";

/** A small, fast, seeded generator of numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Simulation {
  /** Values (not slots) of the six columns of each resource. Row of 300, reused. */
  next(): Float64Array;
}

export const RESOURCES = 50;
export const SLOTS_PER_RESOURCE = 6;
export const SLOTS = RESOURCES * SLOTS_PER_RESOURCE;

interface ResourceModel {
  state: number;
  calls: number;
  shed: number;
  rate: number;
  medianUs: number;
  sigma: number;
  inUse: number;
  depth: number;
  gauge: number;
  latencyUs: number;
}

/** One instance of a service: `seed` tells instances apart. Values are whole numbers from 0. */
export function simulateInstance(seed: number): Simulation {
  const random = seededRandom(seed * 7919 + 17);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const poisson = (mean: number): number =>
    Math.max(0, mean > 40 ? Math.round(mean + Math.sqrt(mean) * normal()) : smallPoisson(mean, random));
  const models: ResourceModel[] = Array.from({ length: RESOURCES }, (_, i) => ({
    state: 0,
    calls: 0,
    shed: 0,
    rate: Math.exp(Math.log(20) + normal() * 0.8),
    // Half of them show a median, half a 99th percentile.
    medianUs: Math.exp(Math.log(i % 2 === 0 ? 4000 : 40_000) + normal() * 0.5),
    sigma: i % 2 === 0 ? 0.05 : 0.15,
    inUse: Math.floor(random() * 8),
    depth: 0,
    gauge: Math.floor(random() * 200),
    latencyUs: 0,
  }));
  const row = new Float64Array(SLOTS);
  return {
    next() {
      models.forEach((model, i) => {
        step(model, { random, normal, poisson });
        const at = i * SLOTS_PER_RESOURCE;
        row[at] = model.state;
        row[at + 1] = model.calls;
        row[at + 2] = model.latencyUs;
        row[at + 3] = model.inUse;
        row[at + 4] = i % 4 === 1 ? model.gauge : model.depth;
        row[at + 5] = model.shed;
      });
      return row;
    },
  };
}

interface Chance {
  readonly random: () => number;
  readonly normal: () => number;
  readonly poisson: (mean: number) => number;
}

function step(model: ResourceModel, { random, normal, poisson }: Chance): void {
  const trouble = random();
  if (model.state === 0 && trouble < 0.0005) model.state = 2;
  else if (model.state === 2 && trouble < 0.1) model.state = 1;
  else if (model.state === 1 && trouble < 0.5) model.state = 0;
  const calls = poisson(model.state === 2 ? model.rate * 0.05 : model.rate);
  model.calls += calls;
  if (calls > 0 || model.latencyUs === 0)
    model.latencyUs = Math.max(50, Math.round(model.medianUs * Math.exp(model.sigma * normal()) * (model.state === 1 ? 3 : 1)));
  if (random() < 0.5) model.inUse = Math.max(0, Math.min(20, model.inUse + (random() < 0.5 ? -1 : 1)));
  if (random() < 0.004) model.depth += 1 + Math.floor(random() * 20);
  else if (model.depth > 0) model.depth = Math.max(0, model.depth - poisson(1.5));
  if (random() < 0.001) model.gauge = Math.floor(random() * 200);
  if (random() < 0.003) model.shed += poisson(3);
}

function smallPoisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let product = random();
  let count = 0;
  while (product > limit) {
    count++;
    product *= random();
  }
  return count;
}

/** Fifty resources whose six columns hold the simulated six; names as people give them. */
export function simulatedResources(): { readonly id: number; readonly kind: Kind; readonly name: string }[] {
  const systems = ["payments", "catalog", "search", "orders", "inventory", "images", "recommendations", "sessions", "mail", "ledger"];
  const parts = ["api", "db", "cache", "queue", "pool"];
  return Array.from({ length: RESOURCES }, (_, id) => ({
    id,
    kind: "bulkhead",
    name: `${systems[id % 10] ?? ""}-${parts[Math.floor(id / 10)] ?? ""}`,
  }));
}
