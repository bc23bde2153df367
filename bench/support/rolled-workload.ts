/** The stated load with kinds that fit its columns: ten breakers and forty caches, 300 known values a sample. */
import { placeResources, type ResourceState } from "../../core/fleet.ts";
import { decodePage, encodePage, type DecodedPage } from "../../core/page.ts";
import { columnIndex, columnsOf, type ColumnOf } from "../../protocol/kinds.ts";
import { simulatedResources, simulateInstance, SLOTS_PER_RESOURCE } from "./workload.ts";

const BREAKERS = 10;
/** Where each of the six simulated columns goes: state, calls, latency, in use, depth, shed. */
const AS_BREAKER: readonly ColumnOf<"breaker">[] = ["state", "calls", "p99Us", "inFlight", "nextProbeMs", "rejected"];
const AS_CACHE: readonly ColumnOf<"cache">[] = ["connected", "commands", "p99Us", "sent", "waiting", "errors"];

export const resources: readonly ResourceState[] = placeResources(
  simulatedResources().map((resource, i) => ({ ...resource, kind: i < BREAKERS ? ("breaker" as const) : ("cache" as const) })),
);
const last = resources[resources.length - 1] as ResourceState;
export const slots = last.offset + columnsOf(last.kind).length;
/** Slot of each simulated value. */
const places = resources.flatMap(({ kind, offset }) =>
  (kind === "breaker" ? AS_BREAKER : AS_CACHE).map((name) => offset + columnIndex(kind, name)),
);

/** One instance, second by second; the row of slots is reused. */
export function rolledInstance(seed: number): { next(): Float64Array } {
  const simulation = simulateInstance(seed);
  const row = new Float64Array(slots);
  return {
    next() {
      simulation.next().forEach((value, i) => (row[places[i] as number] = value + 1));
      return row;
    },
  };
}

export interface SimulatedPage {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly samples: number;
  readonly lastSeq: number;
}

/** Packs the next `seconds` of an instance that began at `origin`. */
export function packNext(
  instance: { next(): Float64Array },
  origin: number,
  { second, seconds }: { second: number; seconds: number },
): SimulatedPage {
  const matrix = new Float64Array(slots * seconds);
  const times = new Float64Array(seconds);
  const seqs = new Float64Array(seconds);
  for (let i = 0; i < seconds; i++) {
    matrix.set(instance.next(), i * slots);
    times[i] = origin + (second + i) * 1000 + (((second + i) * 7) % 5);
    seqs[i] = second + i + 1;
  }
  const bytes = encodePage({
    resources,
    times,
    seqs,
    read: (column, into) => {
      for (let i = 0; i < seconds; i++) into[i] = matrix[i * slots + column] as number;
    },
  });
  return { bytes, from: times[0] as number, to: times[seconds - 1] as number, samples: seconds, lastSeq: second + seconds };
}

export const unpack = (page: SimulatedPage): DecodedPage => decodePage(page.bytes);

/** Known values in one sample. */
export const KNOWN = resources.length * SLOTS_PER_RESOURCE;
