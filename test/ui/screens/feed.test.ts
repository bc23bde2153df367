import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { environmentOf, feedOf, passesFeed, startsDay } from "../../../ui/screens/events/feed.ts";

const event = (id: number, type = "breaker.opened", service = "orders"): LoggedEvent => ({
  id,
  at: id * 1000,
  receivedAt: id * 1000,
  type,
  service,
  instance: null,
  resource: null,
  actor: "agent",
  data: {},
});
const all = { service: [], kind: [], from: null, to: null };

describe("event feed", () => {
  it("puts the live events on top of the pages, each once", () => {
    const feed = feedOf([event(3), event(2), event(1)], [event(5), event(4), event(3)], { filter: all, heldAt: null });
    expect(feed.rows.map((row) => row.id)).toEqual([5, 4, 3, 2, 1]);
    expect(feed.waiting).toBe(0);
  });

  it("holds what is newer while somebody reads further down, and counts it", () => {
    const feed = feedOf([event(3), event(2)], [event(5), event(4)], { filter: all, heldAt: 3 });
    expect(feed.rows.map((row) => row.id)).toEqual([3, 2]);
    expect(feed.waiting).toBe(2);
  });

  it("lets only live events through that the filter asks for", () => {
    const feed = feedOf([], [event(1, "agent.left"), event(2), event(3, "breaker.closed", "search")], {
      filter: { ...all, service: ["orders"], kind: ["breaker."] },
      heldAt: null,
    });
    expect(feed.rows.map((row) => row.id)).toEqual([2]);
  });

  it("takes a kind as an exact type unless it ends in a dot", () => {
    expect(passesFeed(event(1, "note.added"), { ...all, kind: ["note"] })).toBe(false);
    expect(passesFeed(event(1, "note"), { ...all, kind: ["note"] })).toBe(true);
    expect(passesFeed(event(1, "breaker.opened"), { ...all, kind: ["breaker"] })).toBe(false);
  });

  it("takes any of several services and of several kinds", () => {
    const filter = { ...all, service: ["orders", "search"], kind: ["note", "breaker."] };
    const live = [event(4, "breaker.closed", "payments"), event(3, "agent.left"), event(2, "note", "search"), event(1)];
    expect(feedOf([], live, { filter, heldAt: null }).rows.map(({ id }) => id)).toEqual([2, 1]);
  });

  it("shows a stretch of time to the millisecond, what was told late where it happened", () => {
    const late = { ...event(9), at: 2500 };
    const live = [event(5), late, event(1)];
    const { rows } = feedOf([event(3), event(2)], live, { filter: { ...all, from: 2000, to: 3000 }, heldAt: null });
    expect(rows.map(({ id }) => id)).toEqual([3, 9, 2]);
  });

  it("reads the console's own events from its own log", () => {
    const of = (...kinds: string[]): string => environmentOf(kinds, "production");
    expect([of("auth."), of("auth.", "user."), of("breaker."), of("auth.", "breaker."), of()]).toEqual([
      ...["system", "system"],
      ...["production", "production", "production"],
    ]);
  });

  it("heads each day once", () => {
    const day = 86_400_000;
    const rows = [
      { ...event(3), at: 3 * day + 1000 },
      { ...event(2), at: 3 * day },
      { ...event(1), at: 0 },
    ];
    expect(rows.map((_, index) => startsDay(rows, index))).toEqual([true, false, true]);
  });
});
