import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { lookAgain, NOTHING_SEEN, ONE_TROUBLE_MS, SETTLED_MS, type Look, type Watch } from "../../../ui/frame/live-gap.ts";
import { LiveStore } from "../../../ui/live/live-store.ts";

const live = (now: number, more: Partial<Look> = {}): Look => ({
  ...{ state: "live", now, arrived: 0, missed: 0, events: [], held: false },
  ...more,
});
const lost = (now: number, more: Partial<Look> = {}): Look => ({ ...live(now, more), state: "lost" });
const after = (...looks: Look[]): Watch["gap"] => looks.reduce(lookAgain, NOTHING_SEEN).gap;

describe("a gap in live news", () => {
  it("is none while the page is live and gets everything", () => {
    expect(after(live(1_000), live(2_000, { arrived: 3 }), live(3_000, { arrived: 9 }))).toBeNull();
  });

  it("begins where the page was last live, and ends at the first word in time", () => {
    expect(after(live(1_000), lost(1_500), lost(6_000), live(9_000))).toMatchObject({ from: 1_000, to: 9_000 });
  });

  it("says that nothing happened only after what is owed would have come", () => {
    const looks = [live(1_000, { arrived: 4 }), lost(1_000, { arrived: 4 }), live(9_000, { arrived: 4 })];
    expect(after(...looks)?.told).toBeNull();
    expect(after(...looks, live(9_000 + SETTLED_MS, { arrived: 4 }))?.told).toEqual({ happened: 0, unsent: 0 });
    expect(after(...looks, live(9_000 + SETTLED_MS, { arrived: 6 }))?.told).toEqual({ happened: 2, unsent: 0 });
  });

  it("counts what was left out also when that is told by the very word that was late", () => {
    const [first, late] = [live(1_000), lost(2_000, { arrived: 700, missed: 500 })];
    const then = { arrived: 700, missed: 500 };
    expect(after(first, late, live(9_000, then), live(10_000, then))?.told).toEqual({ happened: 1_200, unsent: 500 });
  });

  it("tells that events were left out while the page was live, and still tells it when the line fails a moment later", () => {
    const left = { arrived: 700, missed: 500 };
    const looks = [live(1_000), live(2_000, left)];
    expect(after(...looks)).toMatchObject({ from: 2_000, to: 2_000, told: null });
    expect(after(...looks, live(3_000, left))?.told).toEqual({ happened: 1_200, unsent: 500 });
    const again = after(...looks, lost(2_500, left), live(9_000, left), live(10_000, left));
    expect(again).toMatchObject({ from: 2_000, to: 9_000, told: { happened: 1_200, unsent: 500 } });
  });

  it("is one with the gap of a moment ago, and another one after a minute", () => {
    const looks = [live(1_000), lost(1_000), live(5_000), live(6_000)];
    expect(after(...looks, lost(7_000), live(9_000))).toMatchObject({ from: 1_000, to: 9_000, told: null });
    const later = 5_000 + ONE_TROUBLE_MS;
    expect(after(...looks, live(later), lost(later), live(later + 9_000))).toMatchObject({ from: later, to: later + 9_000 });
  });

  it("waits while the picture is paused, because what came is not counted", () => {
    const looks = [live(1_000), lost(1_000, { held: true }), live(9_000, { held: true }), live(20_000, { held: true })];
    expect(after(...looks)?.told).toBeNull();
    expect(after(...looks, live(21_000, { arrived: 5 }))?.told).toEqual({ happened: 5, unsent: 0 });
  });

  it("leaves out what came since it was over", () => {
    const looks = [live(1_000), lost(1_000), live(9_000, { arrived: 1 })];
    const events = [{ receivedAt: 9_500 }, { receivedAt: 3_000 }];
    expect(after(...looks, live(10_000, { arrived: 2, events }))?.told).toEqual({ happened: 1, unsent: 0 });
  });
});

const logged = (id: number, receivedAt: number): LoggedEvent => ({
  ...{ id, at: receivedAt, receivedAt, type: "note", service: null, instance: null, resource: null, actor: "agent" },
  data: {},
});

describe("over any line", () => {
  /** What a console does in a step, and how far its clock goes on: words in order, kept on their way for `late`, several in one frame of the screen. */
  const step = fc.record({
    does: fc.constantFrom("beat", "event", "event", "resync", "silence"),
    passes: fc.integer({ min: 0, max: 2_000 }),
    late: fc.constantFrom(0, 0, 0, 1_000, 6_000),
    drawn: fc.boolean(),
  });

  it("never says that nothing happened when something did", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        let clock = 1_000_000;
        let flush = (): void => undefined;
        let watch = NOTHING_SEEN;
        const store = new LiveStore({ schedule: (draw) => (flush = draw), clock: () => clock });
        store.subscribe("connection", () => {
          const { connection, arrived, missed, events, heldBack } = store;
          watch = lookAgain(watch, { state: connection.state, now: connection.now, arrived, missed, events, held: heldBack !== null });
        });
        store.receive({ t: "beat", now: clock });
        flush();
        /** When something happened on the console that this page heard of, if only as a number. */
        const happened: number[] = [];
        let sentAt = clock;
        for (const [id, { does, passes, late, drawn }] of steps.entries()) {
          clock += passes;
          // Words keep their order: none was sent before the one before it.
          const now = (sentAt = Math.max(sentAt, clock - late));
          if (does === "silence") store.setConnection({ state: "lost" });
          else if (does === "beat") store.receive({ t: "beat", now });
          else {
            happened.push(now);
            if (does === "event") store.receive({ t: "event", now, events: [logged(id + 1, now)] });
            else store.receive({ t: "resync", now, missed: 3, reason: "slow" });
          }
          if (drawn) flush();
        }
        flush();
        const { gap } = watch;
        if (gap?.told?.happened !== 0) return;
        const { from, to } = gap;
        expect(happened.filter((at) => at > from && at <= Number(to))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
