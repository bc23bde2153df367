import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFleet, foldFleet, type FleetState, type InstanceState } from "../../../core/fleet.ts";
import { BREAKER_STATES, columnIndex, columnsOf, type Kind } from "../../../protocol/kinds.ts";
import type { LiveInstance } from "../../../protocol/live.ts";
import { dependenciesOf } from "../../../ui/screens/fleet/dependencies.ts";
import { groupTiles, groupWords, membersOf, searchText } from "../../../ui/screens/fleet/group-tiles.ts";
import { layoutGrid, neighbour, tileAt, type Density } from "../../../ui/screens/fleet/grid-layout.ts";
import { samplesFrom } from "../../../ui/screens/fleet/stored-samples.ts";
import { RateRing } from "../../../ui/live/rates.ts";
import { TileCache } from "../../../ui/screens/fleet/tile-cache.ts";
import { tileOf, totalsOf, type Tile } from "../../../ui/screens/fleet/tile-model.ts";
import { TotalsHistory } from "../../../ui/screens/fleet/totals-history.ts";

const NOW = 10_000_000;

interface Given {
  readonly kind: Kind;
  readonly name: string;
  readonly target?: string;
  readonly values: Readonly<Record<string, number>>;
}

function rowOf(given: readonly Given[]): number[] {
  return given.flatMap(({ kind, values }) => {
    const cells = columnsOf(kind).map(() => 0);
    for (const [column, value] of Object.entries(values)) cells[columnIndex(kind, column)] = value + 1;
    return cells;
  });
}

function fleetOf(
  ...members: readonly (readonly [service: string, number: number, given: readonly Given[], more?: Partial<LiveInstance>])[]
) {
  const fleet = createFleet();
  for (const [service, number, given, more] of members) {
    foldFleet(fleet, {
      type: "described",
      instance: {
        key: `${service}/${service}-${number}`,
        service,
        instance: `${service}-${number}`,
        boot: "b",
        labels: {},
        connectedAt: NOW - 60_000,
        lastFrameAt: NOW - 300,
        disconnectedAt: null,
        left: false,
        clockSkewMs: 0,
        policyRevision: 7,
        resources: given.map(({ kind, name, target }, id) => ({ id, kind, name, ...(target ? { target } : {}) })),
        switches: [],
        row: rowOf(given),
        ...more,
      },
    });
  }
  return fleet;
}
const all = (fleet: ReturnType<typeof createFleet>): InstanceState[] => [...fleet.instances.values()];
const server = (requests: number, errors: number): Given => ({
  kind: "server",
  name: "http",
  values: { requests, errors, p99Us: 120_000 },
});
const pool = (inUse: number, max: number, more: Record<string, number> = {}, name = "pg"): Given => ({
  kind: "pool",
  name,
  values: { inUse, max, waiting: 0, ...more },
});
const breaker = (name: string, state: (typeof BREAKER_STATES)[number], values: Record<string, number> = {}): Given => ({
  kind: "breaker",
  name,
  target: name,
  values: { state: BREAKER_STATES.indexOf(state), failurePermille: 0, ...values },
});

describe("a tile", () => {
  const lately = (given: (second: number) => readonly Given[]): RateRing => {
    const ring = new RateRing();
    for (const second of [0, 1, 2, 3, 4]) ring.push(NOW - (4 - second) * 1000, Float64Array.from(rowOf(given(second))));
    return ring;
  };

  it("says requests, the share of errors, the fullest pool and what is shed", () => {
    const given = (second: number): Given[] => [
      server(1000 + second * 50, 100 + second * 5),
      pool(9, 10),
      pool(2, 10, {}, "other"),
      { kind: "shedder", name: "admission", values: { shedLow: second * 7, shedCritical: second } },
    ];
    const [instance] = all(fleetOf(["orders", 1, given(4)]));
    const tile = tileOf(instance!, lately(given), NOW);
    expect(tile).toMatchObject({
      status: "warning",
      requests: 50,
      errors: 10,
      pool: 0.9,
      shed: 8,
      p99Us: 120_000,
      worst: "pg near its limit",
    });
    expect(tile.line("requests").map((point) => point.value)).toEqual([50, 50, 50, 50]);
  });

  it("does not say rates of an instance that is not heard, and says how old it is", () => {
    const given = (second: number): Given[] => [server(1000 + second * 50, 0)];
    const [instance] = all(fleetOf(["orders", 1, given(4), { lastFrameAt: NOW - 12_000 }]));
    expect(tileOf(instance!, lately(given), NOW)).toMatchObject({ status: "stale", requests: null, errors: null, shed: 0, ageMs: 12_000 });
  });

  it("calls a full pool full", () => {
    const [instance] = all(fleetOf(["orders", 1, [pool(10, 10, { waiting: 3 })]]));
    expect(tileOf(instance!, new RateRing(), NOW).worst).toBe("pg full");
  });
});

describe("the tiles of one picture after another", () => {
  it("are made anew where something changed, and everywhere once a second, because silence ages", () => {
    const fleet = fleetOf(["orders", 1, [server(10, 0)]], ["orders", 2, [server(10, 0)]]);
    const cache = new TileCache();
    const rings = new Map(all(fleet).map(({ key }) => [key, new RateRing()]));
    const at = (now: number) => cache.tiles(all(fleet), (key) => rings.get(key) ?? new RateRing(), now);
    const first = at(NOW);
    foldFleet(fleet, { type: "sampled", key: "orders/orders-2", at: NOW + 100, slots: [0, 21] });
    const second = at(NOW + 250);
    expect(second[0]).toBe(first[0]);
    expect(second[1]).not.toBe(first[1]);
    expect(at(NOW + 1_200)[0]).not.toBe(first[0]);
    // Back in time, as a replay goes, nothing is as it was.
    expect(at(NOW - 5_000)[1]?.now).toBe(NOW - 5_000);
    foldFleet(fleet, { type: "forgotten", key: "orders/orders-1" });
    expect(at(NOW).map(({ key }) => key)).toEqual(["orders/orders-2"]);
  });
});

describe("the totals", () => {
  it("count breakers and pools of live instances only, and all instances", () => {
    const members = all(
      fleetOf(["a", 1, [breaker("x", "open"), pool(9, 10)]], ["a", 2, [breaker("x", "open")], { lastFrameAt: NOW - 60_000 }]),
    );
    expect(totalsOf(members.map((instance) => tileOf(instance, new RateRing(), NOW)))).toMatchObject({
      open: 1,
      breakers: 1,
      pools: 1,
      poolsNear: 1,
      live: 1,
      all: 2,
      errorPercent: null,
    });
  });

  it("do not take rates that are not known yet for zero, neither in figures nor in lines", () => {
    const [instance] = all(fleetOf(["orders", 1, [server(1000, 10)]]));
    const totals = totalsOf([tileOf(instance!, new RateRing(), NOW)]);
    expect(totals).toMatchObject({ requests: null, errors: null, live: 1 });
    const history = new TotalsHistory();
    history.add(totals, NOW);
    expect(history.line("requests", NOW + 4000).at(-1)).toBeNull();
    expect(history.line("live", NOW + 4000).at(-1)).toBe(1);
  });

  it("keep two minutes of history, one a second, with gaps from before the page was open", () => {
    const history = new TotalsHistory();
    const totals = (open: number) => ({
      requests: 40,
      errors: 0,
      errorPercent: null,
      open,
      breakers: 9,
      shed: 0,
      pools: 0,
      poolsNear: 0,
      live: 1,
      all: 1,
    });
    history.add(totals(2), NOW - 3000);
    history.add(totals(5), NOW - 2800);
    history.add(totals(3), NOW);
    // A step that is not over is not on the line yet.
    expect(history.line("open", NOW + 3999).slice(-3)).toEqual([null, null, 2]);
    expect(history.line("open", NOW + 4000).slice(-3)).toEqual([null, 2, 3]);
    // What was stored before the page was open stands in front; what was seen wins.
    history.recall({ now: NOW - 4000, requests: [...new Array<null>(27).fill(null), 10, null, 30], errors: new Array<number>(30).fill(1) });
    expect(history.line("requests", NOW + 4000).slice(-5)).toEqual([null, 10, null, 40, 40]);
    expect(history.line("open", NOW + 4000).slice(-3)).toEqual([null, 2, 3]);
  });
});

describe("dependencies", () => {
  const watchedAll = (fleet: FleetState) => all(fleet).map((instance) => tileOf(instance, new RateRing(), NOW));

  it("are seen through their callers: the worst state, the slowest p99, everyone who waits", () => {
    const found = dependenciesOf(
      watchedAll(
        fleetOf(
          ["orders", 1, [breaker("psp", "open", { p99Us: 900 }), pool(3, 10, { waiting: 2 }, "psp")]],
          ["billing", 1, [breaker("psp", "closed", { p99Us: 1200 })]],
        ),
      ),
    );
    expect(found).toEqual([
      { name: "psp", status: "open", callers: ["billing", "orders"], worstCaller: "orders", p99Us: 1200, load: 0.3, waiting: 2 },
    ]);
  });

  it("leave out services that report themselves, and instances that are not heard", () => {
    expect(
      dependenciesOf(
        watchedAll(fleetOf(["orders", 1, [breaker("payments", "open")]], ["payments", 1, [pool(9, 10)], { lastFrameAt: NOW - 60_000 }])),
      ),
    ).toEqual([]);
  });
});

describe("stored samples", () => {
  it("become rows of the ring whose counters end where the live ones begin, so that the first live rate is no spike", () => {
    const fleet = fleetOf(["a", 1, [pool(1, 2), server(1000, 30)]]);
    const point = (at: number, value: number | null): [number, number | null, number | null] => [at, value, value];
    const series = (column: string, points: [number, number | null, number | null][]) => ({
      instance: "a/a-1",
      resource: "http",
      kind: "server" as const,
      column,
      points,
    });
    const answer = {
      from: 0,
      to: 6000,
      stepMs: 2000,
      truncated: false,
      series: [
        series("requests", [point(0, 10), point(2000, null), point(4000, 20)]),
        series("p99Us", [point(4000, 700)]),
        { ...series("requests", [point(1, 1)]), instance: "nobody/x" },
      ],
    };
    const samples = samplesFrom(answer, fleet).get("a/a-1");
    const offset = columnsOf("pool").length;
    const p99 = offset + columnIndex("server", "p99Us");
    expect(samples?.map(({ at, row }) => [at, row.at(offset), row.at(p99), row.at(0)])).toEqual([
      [0, 1001 - 40 - 20, 0, 0],
      [4000, 1001 - 40, 701, 0],
    ]);
  });

  it("lead up to a live value that is a little younger than the last step at that step's own rate", () => {
    const fleet = fleetOf(["a", 1, [server(1000, 0)], { lastFrameAt: NOW }]);
    const points: [number, number | null, number | null][] = [
      [NOW - 7000, 10, 10],
      [NOW - 5000, 20, 20],
      [NOW - 3000, null, null],
    ];
    const series = [{ instance: "a/a-1", resource: "http", kind: "server" as const, column: "requests", points }];
    const samples = samplesFrom({ from: NOW - 7000, to: NOW - 1000, stepMs: 2000, truncated: false, series }, fleet).get("a/a-1");
    expect(samples?.map(({ at, row }) => [at, row.at(0)])).toEqual([
      [NOW - 7000, 1001 - 100 - 20],
      [NOW - 5000, 1001 - 100],
      [NOW - 3000, 1001 - 60],
    ]);
  });
});

describe("the grid", () => {
  const tile = (service: string, i: number): Tile =>
    ({ key: `${service}/${i}`, service, name: `${service}-${i}`, status: "closed" }) as Tile;
  const services = (sizes: readonly number[]) =>
    groupTiles(
      sizes.flatMap((size, s) => Array.from({ length: size }, (_, i) => tile(`s${s}`, i))),
      "service",
      "none",
    );
  const arbitrary = fc.tuple(
    fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 320, max: 2200 }),
    fc.constantFrom<Density>("comfortable", "compact", "squares"),
  );

  it("places every tile once, inside its block, over no other, and all of one width", () => {
    fc.assert(
      fc.property(arbitrary, ([sizes, width, density]) => {
        const layout = layoutGrid(membersOf(services(sizes)), width, density);
        const placed = layout.blocks.flatMap((block) => block.places.map((entry) => ({ ...entry, block })));
        expect(placed).toHaveLength(sizes.reduce((sum, size) => sum + size, 0));
        expect(new Set(placed.map((entry) => entry.width)).size).toBe(1);
        for (const { x, y, width: w, height: h, block } of placed) {
          expect(x + w).toBeLessThanOrEqual(block.x + block.width);
          expect(y + h).toBeLessThanOrEqual(block.y + block.height);
        }
        for (const entry of placed) expect(tileAt(layout, entry.x + entry.width / 2, entry.y + entry.height / 2)?.key).toBe(entry.key);
      }),
    );
  });

  it("lets the arrow keys reach a tile from any other, and never leaves the grid", () => {
    fc.assert(
      fc.property(arbitrary, ([sizes, width, density]) => {
        const layout = layoutGrid(membersOf(services(sizes)), width, density);
        const keys = layout.blocks.flatMap((block) => block.places.map(({ key }) => key));
        const seen = new Set<string>();
        const queue = [keys[0]!];
        while (queue.length > 0) {
          const key = queue.pop()!;
          if (seen.has(key)) continue;
          seen.add(key);
          for (const arrow of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const) queue.push(neighbour(layout, key, arrow)!);
        }
        expect([...seen].sort()).toEqual([...keys].sort());
      }),
      { numRuns: 30 },
    );
  });
});

describe("groups of tiles", () => {
  const tile = (name: string, more: Partial<Tile> = {}): Tile =>
    ({ key: `orders/${name}`, service: "orders", name, status: "closed", worst: "", version: "1.0", labels: {}, ...more }) as Tile;
  const tiles = [
    tile("a", { labels: { team: "sea", zone: "eu-1" } }),
    tile("b", { labels: { team: "sea", zone: "eu-2" }, status: "open" }),
    tile("c", { version: "" }),
    tile("d", { labels: { team: "land" }, status: "switched" }),
  ];

  it("are as bad as their worst member and count every state, worst first", () => {
    const [land, sea, none] = groupTiles(tiles, "team", "none");
    expect([land?.name, sea?.name, none?.name]).toEqual(["land", "sea", "no team"]);
    expect(sea).toMatchObject({
      status: "open",
      counts: [
        { status: "open", count: 1 },
        { status: "closed", count: 1 },
      ],
    });
    expect(sea && groupWords(sea)).toBe("1 of 2 open");
    expect(none && groupWords(none)).toBe("1 instance");
  });

  it("put those who say nothing last, by zone and by version too", () => {
    expect(groupTiles(tiles, "zone", "none").map(({ name }) => name)).toEqual(["eu-1", "eu-2", "no zone"]);
    expect(groupTiles(tiles, "version", "none").map(({ name }) => name)).toEqual(["1.0", "no version"]);
  });

  it("fold all, or only those that need nobody", () => {
    const folded = (fold: "none" | "quiet" | "all") => groupTiles(tiles, "team", fold).map((group) => group.folded);
    expect(folded("none")).toEqual([false, false, false]);
    expect(folded("quiet")).toEqual([true, false, true]);
    expect(folded("all")).toEqual([true, true, true]);
  });

  it("take a row of their own size when folded, without tiles", () => {
    const { blocks } = layoutGrid(membersOf(groupTiles(tiles, "team", "quiet")), 900, "comfortable");
    expect(blocks.map((block) => block.places.length)).toEqual([0, 2, 0]);
    expect(blocks[0]?.height).toBeLessThan(blocks[1]?.height ?? 0);
  });

  it("say who stands where with the same list until somebody moves", () => {
    const before = membersOf(groupTiles(tiles, "team", "none"));
    const louder = tiles.map((one) => ({ ...one, requests: 9 }));
    expect(membersOf(groupTiles(louder, "team", "none"), before)).toBe(before);
    expect(membersOf(groupTiles(tiles, "team", "all"), before)).not.toBe(before);
    expect(membersOf(groupTiles(tiles.slice(1), "team", "none"), before)).not.toBe(before);
  });

  it("are found by name, state, trouble, version and label", () => {
    expect(searchText(tile("b", { status: "open", worst: "Payments open", labels: { zone: "EU-2" } }))).toBe(
      "orders/b open payments open 1.0 eu-2",
    );
  });
});
