/** Samples as agents send them: boots one after the other, gaps, unknown values, jitter. */
import fc from "fast-check";
import type { DecodedPage } from "../../core/page.ts";
import type { OrderedChunk } from "../../core/rollup.ts";
import { columnsOf } from "../../protocol/kinds.ts";

export const START = 1_790_000_400_000 - (1_790_000_400_000 % 3_600_000);
export const BREAKER = { kind: "breaker", name: "payments" } as const;

interface Step {
  readonly pause: number;
  readonly state: number;
  readonly calls: number | null;
  readonly latency: number | null;
  readonly gauge: number | null;
}

const step: fc.Arbitrary<Step> = fc.record({
  pause: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 900, max: 1100 }) }, fc.integer({ min: 1, max: 700_000 })),
  state: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 2 })),
  calls: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 200 }) }, fc.constant(null)),
  latency: fc.option(fc.integer({ min: 0, max: 5_000_000 }), { freq: 8 }),
  gauge: fc.option(fc.integer({ min: 0, max: 50 }), { freq: 8 }),
});

/** One boot after the other, the whole within about four hours of START; each boot is one chunk. */
export const bootsOfSamples: fc.Arbitrary<OrderedChunk[][]> = fc
  .array(fc.array(step, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 3 })
  .map((boots) => {
    let at = START - 20_000;
    return boots.map((steps) => {
      let calls = 0;
      const samples = steps.map((one) => {
        at += one.pause;
        calls += one.calls ?? 0;
        return { ...one, at, total: one.calls === null ? null : calls };
      });
      at += 1_500;
      return [wholeChunk(samples)];
    });
  });

interface Sampled extends Step {
  readonly at: number;
  readonly total: number | null;
}

function wholeChunk(samples: readonly Sampled[]): OrderedChunk {
  const slots = (value: (sample: Sampled) => number | null): Float64Array => Float64Array.from(samples, (one) => (value(one) ?? -1) + 1);
  const values: Record<string, Float64Array> = {
    state: slots((one) => one.state),
    calls: slots((one) => one.total),
    inFlight: slots((one) => one.gauge),
    p99Us: slots((one) => one.latency),
  };
  const chunk: DecodedPage = {
    times: Float64Array.from(samples, (one) => one.at),
    seqs: Float64Array.from(samples, (_, i) => i + 1),
    resources: [BREAKER],
    columns: columnsOf("breaker").flatMap(({ name }) => (values[name] ? [{ resource: BREAKER, column: name, values: values[name] }] : [])),
  };
  return { chunk, samples: samples.map((_, i) => i) };
}

/** The same samples in chunks that end wherever they like. */
export function cutChunks(boot: readonly OrderedChunk[], lengths: readonly number[]): OrderedChunk[] {
  return boot.flatMap(({ chunk, samples }) => {
    const parts: OrderedChunk[] = [];
    for (let from = 0, n = 0; from < samples.length; n++) {
      const length = lengths[n % lengths.length] ?? 1;
      parts.push({ chunk, samples: samples.slice(from, from + length) });
      from += length;
    }
    return parts;
  });
}
