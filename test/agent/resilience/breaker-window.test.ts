import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CountWindow, TimeWindow } from "../../../agent/src/resilience/breaker-window.ts";

const call = fc.record({ gap: fc.integer({ min: 0, max: 900 }), failed: fc.boolean(), slow: fc.boolean() });

function sums(calls: readonly { failed: boolean; slow: boolean }[]) {
  return { calls: calls.length, failures: calls.filter(({ failed }) => failed).length, slow: calls.filter(({ slow }) => slow).length };
}

describe("breaker windows", () => {
  it("a count window holds exactly the last calls", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(call), (size, calls) => {
        const window = new CountWindow(size);
        calls.forEach(({ failed, slow }, i) => {
          window.record(0, failed, slow);
          expect(window).toMatchObject(sums(calls.slice(Math.max(0, i + 1 - size), i + 1)));
        });
      }),
    );
  });

  it("a time window holds the calls of its last ten buckets, idle or not", () => {
    fc.assert(
      fc.property(fc.array(call), (calls) => {
        const window = new TimeWindow(1_000, 0);
        const seen: { bucket: number; failed: boolean; slow: boolean }[] = [];
        let now = 0;
        for (const { gap, failed, slow } of calls) {
          now += gap;
          window.record(now, failed, slow);
          seen.push({ bucket: Math.floor(now / 100), failed, slow });
          expect(window).toMatchObject(sums(seen.filter(({ bucket }) => bucket > Math.floor(now / 100) - 10)));
        }
        window.turn(now + 1_000);
        expect(window.calls).toBe(0);
      }),
    );
  });
});
