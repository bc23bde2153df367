import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../bench/support/workload.ts";
import { FRAME_BACKFILL, FRAME_LIVE, FrameDecoder, FrameEncoder, FrameError, MAX_SLOT, type FrameKind } from "../../protocol/frame.ts";
import { LIMITS } from "../../protocol/limits.ts";

const slot = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 0x7fffffff }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: MAX_SLOT }) },
  { weight: 1, arbitrary: fc.constant(MAX_SLOT) },
);

interface Step {
  readonly kind: FrameKind;
  readonly reset: boolean;
  readonly grow: number;
  readonly seqBy: number;
  readonly at: number;
  readonly changes: readonly (readonly [number, number])[];
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<FrameKind>(FRAME_LIVE, FRAME_LIVE, FRAME_BACKFILL),
  reset: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  grow: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 90 })),
  seqBy: fc.integer({ min: 1, max: 1000 }),
  at: fc.oneof(fc.integer({ min: 0, max: 8.64e15 }), fc.integer({ min: 1_790_000_000_000, max: 1_790_000_100_000 })),
  changes: fc.array(fc.tuple(fc.nat({ max: 400 }), slot), { maxLength: 40 }),
});

describe("a chain of frames", () => {
  it("gives the receiver the sender's row after every frame, whatever changes, grows, starts anew or is back-filled in between", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const decoder = new FrameDecoder();
        const ends = {
          [FRAME_LIVE]: { encoder: new FrameEncoder(FRAME_LIVE), row: new Float64Array(8192), slots: 1, seq: 0 },
          [FRAME_BACKFILL]: { encoder: new FrameEncoder(FRAME_BACKFILL), row: new Float64Array(8192), slots: 1, seq: 0 },
        };
        for (const { kind, reset, grow, seqBy, at, changes } of steps) {
          const end = ends[kind];
          if (reset) end.encoder.reset();
          end.slots += grow;
          end.seq += seqBy;
          for (const [where, value] of changes) end.row[where % end.slots] = value;
          const header = decoder.decode(end.encoder.encode(end.row, end.slots, end.seq, at));
          const chain = kind === FRAME_LIVE ? decoder.live : decoder.backfill;
          expect(header).toMatchObject({ kind, seq: end.seq, at, slots: end.slots });
          expect(chain.row.slice(0, end.slots)).toEqual(end.row.slice(0, end.slots));
        }
        for (const kind of [FRAME_LIVE, FRAME_BACKFILL] as const) {
          const chain = kind === FRAME_LIVE ? decoder.live : decoder.backfill;
          if (chain.started) expect(chain.row.slice(0, ends[kind].slots)).toEqual(ends[kind].row.slice(0, ends[kind].slots));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("names exactly the slots that changed", () => {
    fc.assert(
      fc.property(fc.array(slot, { minLength: 1, maxLength: 80 }), fc.array(slot, { minLength: 80, maxLength: 80 }), (before, after) => {
        const encoder = new FrameEncoder(FRAME_LIVE);
        const decoder = new FrameDecoder();
        decoder.decode(encoder.encode(Float64Array.from(before), before.length, 1, 0));
        const row = Float64Array.from(after.slice(0, before.length));
        const { changedCount, key } = decoder.decode(encoder.encode(row, row.length, 2, 1000));
        expect(key).toBe(false);
        const changed = [...row.keys()].filter((i) => row[i] !== before[i]);
        expect([...decoder.changed.subarray(0, changedCount)]).toEqual(changed);
      }),
    );
  });

  it("leaves out what it cannot carry: a value above the largest slot goes as unknown", () => {
    const decoder = new FrameDecoder();
    decoder.decode(new FrameEncoder(FRAME_LIVE).encode(Float64Array.of(MAX_SLOT + 1, Number.NaN, Infinity, 5), 4, 1, 0));
    expect([...decoder.live.row.subarray(0, 4)]).toEqual([0, 0, 0, 5]);
  });

  it("refuses a sequence, a clock or a number of slots that goes back, and a chain without a beginning", () => {
    const first = new FrameEncoder(FRAME_LIVE);
    const row = new Float64Array(100).fill(2);
    const started = (): FrameDecoder => {
      const decoder = new FrameDecoder();
      decoder.decode(first.encode(row, 50, 10, 5000));
      first.reset();
      return decoder;
    };
    const later = (slots: number, seq: number): Uint8Array => {
      const encoder = new FrameEncoder(FRAME_LIVE);
      encoder.encode(row, slots, 1, 0);
      return encoder.encode(row, slots, seq, 0);
    };
    expect(() => new FrameDecoder().decode(later(50, 11))).toThrow(FrameError);
    expect(() => started().decode(later(50, 10))).toThrow("the sequence went back");
    expect(() => started().decode(later(49, 11))).toThrow("the number of slots went back");
    expect(() => started().decode(later(60, 11), 59)).toThrow("more slots than were declared");
    expect(started().decode(later(60, 11), 60).seq).toBe(11);
  });
});

describe("the decoder", () => {
  it("answers 100,000 random and mutated frames with a row in range or a FrameError, and nothing else", () => {
    const random = seededRandom(20_260_725);
    const below = (n: number): number => Math.floor(random() * n);
    const encoder = new FrameEncoder(FRAME_LIVE);
    const row = new Float64Array(300);
    const frames: Uint8Array[] = [];
    for (let seq = 1; seq <= 50; seq++) {
      for (let i = 0; i < 60; i++) row[below(300)] = random() < 0.1 ? Math.floor(random() * MAX_SLOT) : below(1000);
      frames.push(encoder.encode(row, 300, seq, 1_790_000_000_000 + seq * 1000));
    }
    let taken = 0;
    let refused = 0;
    let decoder = new FrameDecoder();
    let next = 0;
    for (let round = 0; round < 100_000; round++) {
      // Damage meets chains in every state: so many frames arrive whole before it.
      for (let whole = below(6); whole > 0 && next < frames.length; whole--) decoder.decode(frames[next++] as Uint8Array);
      const frame = round % 3 === 0 ? randomBytes(below(200), below) : mutated(frames[next] ?? (frames[0] as Uint8Array), below);
      try {
        const header = decoder.decode(frame, round % 2 === 0 ? 300 : LIMITS.slotsPerFrame);
        taken++;
        if (header.changedCount > header.slots || header.slots > LIMITS.slotsPerFrame) throw new Error("the header is out of range");
        const chain = header.kind === FRAME_LIVE ? decoder.live : decoder.backfill;
        for (let i = 0; i < header.changedCount; i++) {
          const value = chain.row[decoder.changed[i] as number] as number;
          if (!(Number.isSafeInteger(value) && value >= 0 && value <= MAX_SLOT)) throw new Error(`a slot holds ${value}`);
        }
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        refused++;
      }
      // Nothing more is asked of a chain after damage; whether it was seen or not, the connection is over.
      decoder = new FrameDecoder();
      next = 0;
    }
    expect(taken + refused).toBe(100_000);
    expect(taken).toBeGreaterThan(1000);
    expect(refused).toBeGreaterThan(50_000);
  });

  it("refuses every frame that is cut short, and every one with something behind it", () => {
    const row = Float64Array.from({ length: 40 }, (_, i) => i * i * i);
    const whole = new FrameEncoder(FRAME_LIVE).encode(row, 40, 1, 1_790_000_000_000);
    for (let length = 0; length < whole.length; length++)
      expect(() => new FrameDecoder().decode(whole.subarray(0, length))).toThrow(FrameError);
    expect(() => new FrameDecoder().decode(Uint8Array.of(...whole, 0))).toThrow("bytes after the last value");
  });
});

function randomBytes(length: number, below: (n: number) => number): Uint8Array {
  const bytes = Uint8Array.from({ length }, () => below(256));
  // Half of them get past the first byte.
  if (length > 0 && below(2) === 0) bytes[0] = [0x01, 0x11, 0x02, 0x12][below(4)] as number;
  return bytes;
}

function mutated(frame: Uint8Array, below: (n: number) => number): Uint8Array {
  const bytes = frame.slice();
  for (let i = below(3); i >= 0; i--) bytes[below(bytes.length)] = below(256);
  if (below(4) === 0) return bytes.subarray(0, below(bytes.length));
  if (below(8) === 0) return Uint8Array.of(...bytes, ...randomBytes(below(20), below));
  return bytes;
}

interface RecordedFrame {
  readonly hex: string;
  readonly kind: FrameKind;
  readonly key: boolean;
  readonly seq: number;
  readonly at: number;
  readonly row: readonly number[];
}

interface RecordedChain {
  readonly what: string;
  readonly frames: readonly RecordedFrame[];
}

const recorded = JSON.parse(readFileSync(new URL("fixtures/frames-v1.json", import.meta.url), "utf8")) as RecordedChain[];

describe("frames recorded from version 1", () => {
  it.each(recorded)("mean today what they meant then: $what", ({ frames }) => {
    const decoder = new FrameDecoder();
    for (const { hex, row, ...header } of frames) {
      expect(decoder.decode(Uint8Array.from(Buffer.from(hex, "hex")))).toMatchObject({ ...header, slots: row.length });
      const chain = header.kind === FRAME_LIVE ? decoder.live : decoder.backfill;
      expect([...chain.row.subarray(0, row.length)]).toEqual(row);
    }
  });

  it("would be written the same today", () => {
    for (const { frames } of recorded) {
      const encoders = { [FRAME_LIVE]: new FrameEncoder(FRAME_LIVE), [FRAME_BACKFILL]: new FrameEncoder(FRAME_BACKFILL) };
      for (const { hex, kind, key, seq, at, row } of frames) {
        if (key) encoders[kind].reset();
        expect(Buffer.from(encoders[kind].encode(Float64Array.from(row), row.length, seq, at)).toString("hex")).toBe(hex);
      }
    }
  });
});
