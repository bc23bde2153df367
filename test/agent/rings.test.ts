import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventRing } from "../../agent/src/telemetry/event-ring.ts";
import { slotOf } from "../../agent/src/telemetry/columns.ts";
import { SampleRing } from "../../agent/src/telemetry/sample-ring.ts";

interface Kept {
  readonly seq: number;
  readonly at: number;
  readonly row: readonly number[];
}

function takeAll(ring: SampleRing, batch = 7): Kept[] {
  const kept: Kept[] = [];
  while (
    ring.takeUnsent(batch, (chain) => {
      kept.push({ seq: chain.seq, at: chain.at, row: Array.from(chain.row.subarray(0, chain.slots)) });
      return Number.MAX_SAFE_INTEGER;
    }) > 0
  );
  return kept;
}

const rows = fc.array(fc.array(fc.oneof(fc.constant(0), fc.nat(1000), fc.maxSafeNat().map(slotOf)), { minLength: 5, maxLength: 5 }), {
  minLength: 1,
  maxLength: 60,
});

describe("the ring of samples", () => {
  it("gives back exactly the tail it was given, whatever fell off before it", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 200, max: 4000 }), (given, frames, bytes) => {
        const ring = new SampleRing({ frames, bytes });
        // The dictionary grows on the way: the first rows have fewer slots.
        const wide = given.map((row, i) => ({ seq: i + 1, at: 1_700_000_000_000 + i * 1000, row: row.slice(0, i < 10 ? 3 : 5) }));
        for (const sample of wide) ring.append(Float64Array.from(sample.row), sample.row.length, sample);
        const kept = takeAll(ring);
        expect(kept).toEqual(wide.slice(wide.length - kept.length));
        expect(kept.length).toBe(ring.length);
        expect(ring.dropped).toBe(wide.length - kept.length);
        expect(ring.length).toBeLessThanOrEqual(frames);
        expect(ring.bytes).toBeLessThanOrEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  function filled(samples: number): SampleRing {
    const ring = new SampleRing();
    for (let seq = 1; seq <= samples; seq++) ring.append(Float64Array.of(seq, 7), 2, { seq, at: seq * 1000 });
    return ring;
  }

  it("releases live frames when they are committed, and counts no drop", () => {
    const ring = new SampleRing();
    for (let seq = 1; seq <= 5; seq++) {
      ring.append(Float64Array.of(seq), 1, { seq, at: seq });
      ring.sentLive();
    }
    ring.committed(3);
    expect([ring.length, ring.dropped, ring.hasUnsent()]).toEqual([2, 0, false]);
  });

  it("keeps a back-filled frame until a live frame sent after it is committed", () => {
    const ring = filled(3);
    ring.append(Float64Array.of(4, 7), 2, { seq: 4, at: 4000 });
    ring.sentLive();
    ring.takeUnsent(10, () => 5);
    ring.committed(4);
    expect(ring.length).toBe(4);
    ring.committed(5);
    expect(ring.length).toBe(0);
  });

  it("sends again after a reconnect what was back-filled but not proven, and not what was committed", () => {
    const ring = filled(3);
    ring.append(Float64Array.of(4, 7), 2, { seq: 4, at: 4000 });
    ring.sentLive();
    ring.takeUnsent(2, () => 5);
    ring.reconnected(4);
    expect(takeAll(ring).map((sample) => sample.seq)).toEqual([1, 2, 3]);
  });

  it("holds an hour of a usual instance", () => {
    const ring = new SampleRing();
    const row = new Float64Array(300);
    for (let seq = 1; seq <= 3_700; seq++) {
      for (let i = 0; i < 126; i++) row[i] = 1000 + ((seq * 7 + i * 13) % 5);
      ring.append(row, 300, { seq, at: seq * 1000 });
    }
    expect(ring.length).toBe(3_600);
    expect(ring.dropped).toBe(100);
  });
});

function event(n: number) {
  return { at: n, type: "note", data: { n } };
}

interface Sent {
  readonly dropped: number;
  readonly events: { readonly seq: number }[];
}

function send(ring: EventRing): Sent[] {
  const sent: Sent[] = [];
  for (let batch = ring.takeBatch(); batch !== null; batch = ring.takeBatch()) sent.push(JSON.parse(batch.message) as Sent);
  return sent;
}

describe("the ring of events", () => {
  it("sends again until acknowledged, in order, each sequence once a connection", () => {
    const ring = new EventRing();
    for (let i = 1; i <= 5; i++) ring.push(event(i));
    expect(send(ring).flatMap((message) => message.events.map((one) => one.seq))).toEqual([1, 2, 3, 4, 5]);
    expect(send(ring)).toEqual([]);
    ring.acknowledged(2);
    ring.reconnected(3);
    expect(send(ring).flatMap((message) => message.events.map((one) => one.seq))).toEqual([4, 5]);
    ring.acknowledged(5);
    expect([ring.length, ring.bytes, ring.dropped]).toEqual([0, 0, 0]);
  });

  it("puts at most 100 events in a message", () => {
    const ring = new EventRing();
    for (let i = 1; i <= 250; i++) ring.push(event(i));
    expect(send(ring).map((message) => message.events.length)).toEqual([100, 100, 50]);
  });

  it("drops the oldest beyond 1,000 and says exactly how many, once", () => {
    const ring = new EventRing();
    for (let i = 1; i <= 1_234; i++) ring.push(event(i));
    const [first, ...rest] = send(ring);
    expect(first).toMatchObject({ dropped: 234, events: expect.arrayContaining([expect.objectContaining({ seq: 235 })]) });
    expect(rest.every((message) => message.dropped === 0)).toBe(true);
    expect(ring.dropped).toBe(234);
  });

  it("is bounded in bytes too", () => {
    const ring = new EventRing({ events: 1_000, bytes: 10_000 });
    for (let i = 1; i <= 100; i++) ring.push({ at: i, type: "note", data: { text: "x".repeat(480) } });
    expect(ring.bytes).toBeLessThanOrEqual(10_000);
    expect(ring.dropped + ring.length).toBe(100);
  });

  it("counts an event that was sent and pushed out only if the console turns out not to have it", () => {
    const ring = new EventRing({ events: 10, bytes: 1e6 });
    for (let i = 1; i <= 10; i++) ring.push(event(i));
    send(ring);
    for (let i = 11; i <= 16; i++) ring.push(event(i));
    expect(ring.dropped).toBe(0);
    ring.reconnected(4);
    expect(ring.dropped).toBe(2);
    expect(send(ring)[0]).toMatchObject({ dropped: 2, events: expect.arrayContaining([expect.objectContaining({ seq: 7 })]) });
  });

  it("reports a loss again when the message that told it may not have arrived", () => {
    const ring = new EventRing({ events: 3, bytes: 1e6 });
    for (let i = 1; i <= 5; i++) ring.push(event(i));
    expect(send(ring)[0]?.dropped).toBe(2);
    ring.reconnected(0);
    expect(send(ring)[0]?.dropped).toBe(2);
    ring.acknowledged(3);
    ring.reconnected(3);
    expect(send(ring)[0]?.dropped).toBe(0);
  });

  it("never loses count: delivered, kept and dropped make up everything pushed", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("push" as const), n: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ do: fc.constant("send" as const), n: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constant("ack" as const), n: fc.integer({ min: 0, max: 100 }) }),
      fc.record({ do: fc.constant("reconnect" as const), n: fc.integer({ min: 0, max: 100 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ring = new EventRing({ events: 20, bytes: 1e6 });
        // What the console has on disk: always a prefix of what reached it.
        const arrived: number[] = [];
        const stored = new Set<number>();
        let acked = 0;
        let reported = 0;
        const commit = (share: number): void => {
          const keep = arrived.splice(0, Math.ceil((arrived.length * share) / 100));
          for (const seq of keep) stored.add(seq);
          acked = Math.max(acked, keep.at(-1) ?? 0);
        };
        for (const { do: what, n } of steps) {
          if (what === "push") for (let i = 0; i < n; i++) ring.push(event(i));
          else if (what === "send") {
            for (let i = 0; i < n; i++) {
              const batch = ring.takeBatch(10);
              if (batch === null) break;
              const message = JSON.parse(batch.message) as Sent;
              arrived.push(...message.events.map((one) => one.seq));
            }
          } else {
            commit(n);
            if (what === "ack") ring.acknowledged(acked);
            else {
              arrived.length = 0;
              ring.reconnected(acked);
            }
          }
        }
        commit(100);
        ring.reconnected(acked);
        for (let batch = ring.takeBatch(); batch !== null; batch = ring.takeBatch()) {
          const message = JSON.parse(batch.message) as Sent;
          reported += message.dropped;
          for (const one of message.events) stored.add(one.seq);
        }
        expect(stored.size + ring.dropped).toBe(ring.lastSeq);
        expect(reported).toBeLessThanOrEqual(ring.dropped);
      }),
      { numRuns: 500 },
    );
  });
});
