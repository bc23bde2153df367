import fc from "fast-check";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { DependencyMap, MapEdge, MapNode } from "../../../core/dependency-map.ts";
import type { IncidentSummary } from "../../../protocol/incident-api.ts";
import { DRIFT_PX, driftAt } from "../../../ui/screens/wall/drift.ts";
import { freshnessOf, STALE_MS } from "../../../ui/screens/wall/freshness.ts";
import { fleetRows, plainRows } from "../../../ui/screens/wall/room.ts";
import {
  everyMsOf,
  rotate,
  shownView,
  startRotation,
  turn,
  viewsOf,
  WALL_VIEWS,
  type RotationRules,
} from "../../../ui/screens/wall/rotation.ts";
import { byUrgency, isUrgent, WallUrgent } from "../../../ui/screens/wall/wall-incidents.tsx";
import { readableMap } from "../../../ui/screens/wall/wall-map.tsx";

const EVERY = 20_000;
const rules = (more: Partial<RotationRules> = {}): RotationRules => ({
  views: WALL_VIEWS,
  everyMs: EVERY,
  held: false,
  urgent: false,
  ...more,
});

describe("the rotation of the wall", () => {
  it("shows each view for its time, in order, and begins again", () => {
    let rotation = startRotation(0);
    const seen: string[] = [];
    for (let now = 0; now < EVERY * 5; now += 1_000) {
      rotation = rotate(rotation, now, rules());
      const view = shownView(rotation, now, rules());
      if (seen.at(-1) !== view) seen.push(view);
    }
    expect(seen).toEqual([...WALL_VIEWS, "fleet"]);
  });

  it("stands still while it is held, and gives the view its whole time afterwards", () => {
    const held = rotate(startRotation(0), EVERY * 3, rules({ held: true }));
    expect(shownView(held, EVERY * 3, rules({ held: true }))).toBe("fleet");
    expect(rotate(held, EVERY * 4 - 1, rules()).at).toBe(0);
    expect(rotate(held, EVERY * 4, rules()).at).toBe(1);
  });

  it("gives way to a bad incident, even where incidents are not among the views, and goes on where it was", () => {
    const views = ["map", "fleet"] as const;
    let rotation = rotate(startRotation(0), 5_000, rules({ views, urgent: true }));
    expect(shownView(rotation, 5_000, rules({ views, urgent: true }))).toBe("incidents");
    rotation = rotate(rotation, EVERY * 9, rules({ views, urgent: true }));
    expect(shownView(rotation, EVERY * 9, rules({ views }))).toBe("map");
  });

  it("lets a person look elsewhere meanwhile, and comes back to the incident by itself", () => {
    const urgent = rules({ urgent: true });
    const turned = turn(startRotation(0), 1, { now: 1_000, rules: urgent });
    expect(shownView(turned, 1_000, urgent)).toBe("switched");
    expect(shownView(rotate(turned, 1_000 + EVERY, urgent), 1_000 + EVERY, urgent)).toBe("incidents");
    expect(shownView(turned, 1_000 + EVERY, rules({ urgent: true, held: true }))).toBe("switched");
  });

  it("goes back where it came from, from any place", () => {
    fc.assert(
      fc.property(fc.nat(3), fc.constantFrom<1 | -1>(1, -1), fc.boolean(), (at, by, held) => {
        const start = { at, since: 0, turnedAt: null };
        const there = turn(start, by, { now: 1, rules: rules({ held }) });
        const back = turn(there, by === 1 ? -1 : 1, { now: 2, rules: rules({ held }) });
        expect(there.at).not.toBe(at);
        expect(back.at).toBe(at);
      }),
    );
  });

  it("takes views once each and all when none is named, and a time within reason", () => {
    expect(viewsOf([])).toEqual(WALL_VIEWS);
    expect(viewsOf(["map", "map", "fleet"])).toEqual(["map", "fleet"]);
    expect([everyMsOf(0), everyMsOf(20), everyMsOf(1e9)]).toEqual([5_000, 20_000, 3_600_000]);
  });
});

describe("the freshness of the wall", () => {
  it("is lost with the socket, and by silence early enough to be seen within three seconds", () => {
    expect(freshnessOf({ state: "connecting", ageMs: null })).toBe("waiting");
    expect(freshnessOf({ state: "live", ageMs: 1_100 })).toBe("live");
    expect(freshnessOf({ state: "lost", ageMs: 10 })).toBe("stale");
    expect(freshnessOf({ state: "live", ageMs: STALE_MS + 1 })).toBe("stale");
    // The screen looks every half second.
    expect(STALE_MS + 500).toBeLessThan(3_000);
  });
});

describe("the care for the screen", () => {
  it("moves the picture every minute, a little at a time, and never far", () => {
    for (let minute = 0; minute < 48; minute++) {
      const [here, next] = [driftAt(minute * 60_000), driftAt((minute + 1) * 60_000)];
      expect(Math.hypot(here.x, here.y)).toBeLessThanOrEqual(DRIFT_PX + 1);
      const step = Math.hypot(next.x - here.x, next.y - here.y);
      expect(step).toBeGreaterThan(0);
      expect(step).toBeLessThan(6);
    }
  });
});

describe("the incidents on the wall", () => {
  const incident = (number: number, severity: number, startedAt: number) => ({ number, severity, startedAt }) as IncidentSummary;
  it("stand worst first, then oldest first, and the two worst severities stop the rotation", () => {
    const ranked = [incident(1, 4, 1), incident(2, 2, 9), incident(3, 2, 5), incident(4, 1, 7)].sort(byUrgency);
    expect(ranked.map(({ number }) => number)).toEqual([4, 3, 2, 1]);
    expect(ranked.filter(isUrgent).map(({ number }) => number)).toEqual([4, 3, 2]);
  });

  it("are never hidden by another view: the worst stands above it by name, and how many more there are", () => {
    const whole = (number: number, severity: number): IncidentSummary => ({
      ...incident(number, severity, 0),
      ...{ title: `trouble ${String(number)}`, status: "open", cause: null, services: ["orders"], instances: 2, assignee: null },
      ...{ openMs: 0, resolvedAt: null },
    });
    const shown = (...urgent: IncidentSummary[]) =>
      renderToStaticMarkup(createElement(WallUrgent, { urgent, now: 60_000 })).replaceAll(/<[^>]*>/g, "");
    expect(shown(whole(7, 2), whole(8, 1))).toContain(
      "SEV1 critical#8 trouble 8Open, nobody has it. orders, 2 instances. 1 more of SEV1 or SEV2.",
    );
    expect(shown(whole(7, 2))).not.toContain("more of");
    expect(shown()).toBe("");
  });
});

describe("the lists on the wall", () => {
  it("give up rows to what stands above them, so that nothing is cut off", () => {
    const rows = (urgent: boolean, live: boolean) => [fleetRows({ urgent, live }), plainRows({ urgent, live })];
    expect([rows(false, true), rows(true, true), rows(false, false), rows(true, false)]).toEqual([
      [5, 6],
      [4, 5],
      [3, 5],
      [2, 4],
    ]);
  });
});

describe("the map on the wall", () => {
  const node = (key: string): MapNode => ({ key, name: key, kind: "service", status: "closed", group: null }) as MapNode;
  const edge = (from: string, to: string, status: MapEdge["status"] = "closed"): MapEdge =>
    ({ key: `${from} ${to}`, from, to, status, parts: [] }) as unknown as MapEdge;
  const chain = (count: number, worst: number): DependencyMap => {
    const names = Array.from({ length: count }, (_, i) => `s${String(i).padStart(2, "0")}`);
    return {
      nodes: new Map(names.map((name) => [name, node(name)])),
      edges: names.slice(1).map((name, i) => edge(names[i] ?? "", name, i === worst ? "open" : "closed")),
      groupedBy: null,
    };
  };

  it("is the whole fleet while that can be read from afar", () => {
    expect(readableMap(chain(12, 3))).toMatchObject({ part: "" });
  });

  it("is the surroundings of the worst call of a large fleet without groups", () => {
    const { map, part } = readableMap(chain(40, 20));
    expect(part).toBe("around s20");
    expect([...map.nodes.keys()]).toEqual(["s19", "s20", "s21"]);
  });
});
