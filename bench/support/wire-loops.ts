/** The measured part of the wire suite, in a module of its own so that it can be bundled. */
import { deflateRawSync } from "node:zlib";
import { FRAME_LIVE, FrameDecoder, FrameEncoder } from "../../protocol/frame.ts";
import { percentile, round } from "./statistics.ts";
import type { SuiteResult } from "./suite.ts";
import { simulateInstance, SLOTS } from "./workload.ts";

const SECONDS = 600;
const ROUNDS = 7;

function rowsOf(seed: number): Float64Array[] {
  const simulation = simulateInstance(seed);
  return Array.from({ length: SECONDS }, () => simulation.next().map((value) => value + 1));
}

function changes(before: Float64Array, after: Float64Array): number[] {
  const pairs: number[] = [];
  for (let i = 0; i < SLOTS; i++) if (before[i] !== after[i]) pairs.push(i, after[i] as number);
  return pairs;
}

/** Frames after the key frame, so that only the steady stream counts. */
export function measureWire(): SuiteResult {
  const rows = rowsOf(1);
  const encodeUs: number[] = [];
  const decodeUs: number[] = [];
  let frames: Uint8Array[] = [];
  for (let r = 0; r < ROUNDS; r++) {
    const encoder = new FrameEncoder(FRAME_LIVE);
    encoder.encode(rows[0] as Float64Array, SLOTS, 1, 0);
    let started = performance.now();
    frames = rows.slice(1).map((row, i) => encoder.encode(row, SLOTS, i + 2, (i + 1) * 1000));
    encodeUs.push(((performance.now() - started) * 1000) / frames.length);
    const decoder = new FrameDecoder();
    decoder.decode(new FrameEncoder(FRAME_LIVE).encode(rows[0] as Float64Array, SLOTS, 1, 0));
    started = performance.now();
    for (const frame of frames) decoder.decode(frame);
    decodeUs.push(((performance.now() - started) * 1000) / frames.length);
    const last = rows.at(-1) as Float64Array;
    for (let i = 0; i < SLOTS; i++) if (decoder.live.row[i] !== last[i]) throw new Error("what was decoded is not what was encoded");
  }
  const lists = rows.slice(1).map((row, i) => changes(rows[i] as Float64Array, row));
  const texts = lists.map((list) => JSON.stringify({ t: "samples", c: list }));
  const mean = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const frameBytes = mean(frames.map((frame) => frame.length));
  return {
    suite: "wire",
    figures: {
      frameBytes: round(frameBytes),
      encodeUs: round(percentile(encodeUs, 50)),
      decodeUs: round(percentile(decodeUs, 50)),
      changedPerFrame: round(mean(lists.map((list) => list.length / 2))),
    },
    ratios: {
      bytesOverJson: round(frameBytes / mean(texts.map((text) => Buffer.byteLength(text)))),
      bytesOverJsonDeflate: round(frameBytes / mean(texts.map((text) => deflateRawSync(text, { level: 1 }).length))),
    },
  };
}
