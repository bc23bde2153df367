import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { onDrawing } from "../../../ui/live/drawing.ts";
import { LiveStore } from "../../../ui/live/live-store.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function start(past = false) {
  const store = new LiveStore({ schedule: (flush) => flush(), clock: () => Date.now(), past });
  const drawn: number[] = [];
  const begun = performance.now();
  const end = onDrawing(store, "states", () => drawn.push(Math.round(performance.now() - begun)));
  return { store, drawn, end };
}

describe("a picture is drawn", () => {
  it("now, once a second while nothing happens, and not after its end", () => {
    const { drawn, end } = start();
    vi.advanceTimersByTime(3_100);
    expect(drawn).toEqual([0, 1000, 2000, 3000]);
    end();
    vi.advanceTimersByTime(3_000);
    expect(drawn).toHaveLength(4);
  });

  it("at once when a state changes, four times a second in an avalanche, and again a second after that", () => {
    const { store, drawn } = start();
    vi.advanceTimersByTime(600);
    for (let i = 0; i < 50; i++) {
      store.statesMoved();
      vi.advanceTimersByTime(10);
    }
    expect(drawn).toEqual([0, 600, 850, 1100]);
    vi.advanceTimersByTime(1_000);
    expect(drawn).toEqual([0, 600, 850, 1100, 2000]);
  });

  it("with each change when it shows the past, and at no other time", () => {
    const { store, drawn } = start(true);
    vi.advanceTimersByTime(5_000);
    for (let i = 0; i < 5; i++) store.statesMoved();
    expect(drawn).toEqual([0, 5000, 5000, 5000, 5000, 5000]);
  });
});
