import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { awaySummary } from "../../../ui/frame/away-summary.ts";
import { inForceWords, wayBack, type DifferenceItem } from "../../../ui/frame/replay-steps.ts";
import { stretchAround, timeMarks } from "../../../ui/frame/time-span.ts";
import { clustered, landingFrom, landings, SETTLE_MS } from "../../../ui/replay/transitions.ts";

const event = (at: number, type: string, service: string | null = "orders"): LoggedEvent => ({
  id: at,
  at,
  receivedAt: at,
  type,
  service,
  instance: null,
  resource: null,
  actor: "agent",
  data: {},
});

describe("steps between transitions", () => {
  it("land once for transitions of the same moment, a second after the last of them", () => {
    expect(landings([1000, 1100, 1300, 9000])).toEqual([1300 + SETTLE_MS, 9000 + SETTLE_MS]);
    expect(landingFrom([1000, 9000], 2000, 1)).toBe(9000 + SETTLE_MS);
    expect(landingFrom([1000, 9000], 2000, -1)).toBeNull();
    expect(landingFrom([1000, 9000], 2001, -1)).toBe(1000 + SETTLE_MS);
  });

  it("come back to where they were when taken on and back", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 3 }), (unordered) => {
        const times = [...unordered].sort((a, b) => a - b);
        const all = landings(times);
        all.slice(0, -1).forEach((landing, i) => {
          expect(landingFrom(times, landing, 1)).toBe(all[i + 1]);
          expect(landingFrom(times, all[i + 1] ?? 0, -1)).toBe(landing);
        });
      }),
    );
  });

  it("gather neighbours without losing one", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 })), fc.integer({ min: 1, max: 500 }), (unordered, within) => {
        const items = [...unordered].sort((a, b) => a - b).map((at) => ({ at }));
        const clusters = clustered(items, within);
        expect(clusters.flatMap((cluster) => cluster.items)).toEqual(items);
        for (const { at, items: members } of clusters) expect(members.every((member) => member.at - at < within)).toBe(true);
      }),
    );
  });
});

describe("the scrubber", () => {
  it("stands still while the moment lies on it, and is laid anew when it does not", () => {
    const edge = 100_000_000;
    const first = stretchAround(null, 50_000_000, { span: 900_000, edge });
    expect(first.to - first.from).toBe(900_000);
    expect(stretchAround(first, first.to - 1, { span: 900_000, edge })).toBe(first);
    const other = stretchAround(first, first.to + 1, { span: 900_000, edge });
    expect(other.from).toBeLessThan(first.to + 1);
    expect(other.to).toBeGreaterThan(first.to + 1);
    expect(stretchAround(null, edge - 1000, { span: 900_000, edge }).to).toBeLessThan(edge + 60_000);
  });

  it("draws one mark for neighbours, in the colour of the weightiest", () => {
    const marks = timeMarks(
      [
        event(2_000, "deploy"),
        event(1_000, "breaker.closed"),
        event(3_000, "breaker.opened"),
        event(600_000, "flip.created"),
        event(700_000, "note"),
      ],
      { from: 0, to: 900_000 },
    );
    expect(marks.map(({ at, kind, count }) => ({ at, kind, count }))).toEqual([
      { at: 1_000, kind: "trouble", count: 3 },
      { at: 600_000, kind: "people", count: 1 },
    ]);
  });
});

describe("what is told after minutes away", () => {
  it("counts what weighs, names the services, and leaves out the rest", () => {
    const events = [
      event(10, "breaker.opened"),
      event(11, "breaker.opened", "search"),
      event(12, "flip.created", null),
      event(13, "note", "mail"),
    ];
    expect(awaySummary(events, { from: 0, to: 100 })).toEqual({
      from: 0,
      to: 100,
      parts: ["2 breaker openings", "1 flip"],
      services: ["orders", "search"],
    });
    expect(awaySummary(events, { from: 12, to: 100 })).toBeNull();
  });
});

describe("the way back to a moment", () => {
  it("is one set of changes that expects the revisions that were looked at", () => {
    const made = { step: "make", text: "", scope: { service: "shop" }, expiresInSeconds: 60 } as const;
    const items: DifferenceItem[] = [
      {
        kind: "switch",
        key: "search",
        policy: null,
        revision: 9,
        then: [],
        now: [],
        steps: [
          { ...made, of: "f-1", kind: "switch", key: "search", policy: null, body: { position: "popular" } },
          { step: "end", of: "f-2", text: "" },
        ],
        left: [],
      },
      {
        kind: "override",
        key: "payments",
        policy: "breaker",
        revision: 4,
        then: [],
        now: [],
        steps: [
          { ...made, of: "s-1", kind: "settings", key: "payments", policy: "breaker", body: { policy: "breaker", values: { probes: 2 } } },
          { ...made, of: "o-1", kind: "override", key: "payments", policy: "breaker", body: { policy: "breaker", state: "disabled" } },
        ],
        left: [],
      },
    ];
    const order = { scope: { service: "shop" }, expiresInSeconds: 60 };
    expect(wayBack(items, { title: "As it was", reason: " back to before " })).toEqual({
      title: "As it was",
      reason: "back to before",
      items: [
        { kind: "switch", key: "search", position: "popular", ...order, expectedRevision: 9 },
        { kind: "settings", name: "payments", policy: "breaker", values: { probes: 2 }, ...order, expectedRevision: 4 },
        { kind: "override", name: "payments", policy: "breaker", state: "disabled", ...order, expectedRevision: 4 },
      ],
      ends: ["f-2"],
    });
  });

  it("says in words what was in force", () => {
    expect(inForceWords([])).toBe("as the code says");
    expect(inForceWords([{ body: { position: "popular" }, scope: {} }])).toBe("popular");
    expect(inForceWords([{ body: { policy: "breaker", state: "forced_open" }, scope: {} }])).toBe("forced open");
  });
});
