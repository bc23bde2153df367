import { describe, expect, it } from "vitest";
import { attention as attentionTo, AttentionRanking, HOLD_MS, watched, type AttentionItem } from "../../core/attention.ts";
import { createFleet, foldFleet, type InstanceState } from "../../core/fleet.ts";
import { BREAKER_STATES, columnIndex, columnsOf, type Kind } from "../../protocol/kinds.ts";
import type { LiveInstance } from "../../protocol/live.ts";

const NOW = 10_000_000;
const OPEN = BREAKER_STATES.indexOf("open");

function instance(
  service: string,
  number: number,
  given: readonly { kind: Kind; name: string; values: Record<string, number> }[],
  more: Partial<LiveInstance> = {},
): InstanceState {
  const row: number[] = [];
  for (const { kind, values } of given) {
    const cells = columnsOf(kind).map(() => 0);
    for (const [column, value] of Object.entries(values)) cells[columnIndex(kind, column)] = value + 1;
    row.push(...cells);
  }
  const fleet = createFleet();
  const described: LiveInstance = {
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
    resources: given.map(({ kind, name }, id) => ({ id, kind, name })),
    switches: [],
    row,
    ...more,
  };
  foldFleet(fleet, { type: "described", instance: described });
  return fleet.instances.get(described.key)!;
}

const openBreaker = { kind: "breaker" as const, name: "payments", values: { state: OPEN, failurePermille: 640, nextProbeMs: 18_000 } };
const noRates = () => 0;
const attention = (fleet: readonly InstanceState[], now: number, shedOf: () => number) =>
  attentionTo(
    fleet.map((instance) => watched(instance, now, shedOf())),
    now,
  );

describe("what needs attention", () => {
  it("is one item for the same breaker on many instances, with the number of them", () => {
    const items = attention(
      [instance("orders", 1, [openBreaker]), instance("orders", 2, [openBreaker]), instance("orders", 3, [])],
      NOW,
      noRates,
    );
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ status: "open", title: "orders → payments", figure: "2 of 3", weight: 2 });
    expect(items[0]?.text).toContain("Open on 2 of 3");
    expect(items[0]?.text).toContain("64 % failures");
    expect(items[0]?.text).toContain("Probe in 18 s");
  });

  it("says how long a silent instance has been silent, and does not judge its old values", () => {
    const items = attention([instance("images", 2, [openBreaker], { lastFrameAt: NOW - 12_000 })], NOW, noRates);
    expect(items.map((item) => item.status)).toEqual(["stale"]);
    expect(items[0]?.text).toBe("No frame for 12 s. Values shown are old.");
  });

  it("leaves out an instance that said goodbye, but not one that was lost", () => {
    const gone = { connectedAt: null, lastFrameAt: NOW - 400_000, disconnectedAt: NOW - 400_000 };
    expect(attention([instance("images", 3, [], { ...gone, left: true })], NOW, noRates)).toEqual([]);
    expect(attention([instance("images", 3, [], gone)], NOW, noRates)[0]?.status).toBe("offline");
  });

  it("names the switch and its position, and how many instances are in it", () => {
    const feature = {
      key: "recommendations",
      title: "Personal picks",
      whatUsersLose: "popular items are shown",
      positions: ["personal", "popular"],
      safeDefault: "popular",
      position: "popular",
    };
    const items = attention(
      [
        instance("recommendations", 1, [], { switches: [feature] }),
        instance("recommendations", 2, [], { switches: [{ ...feature, position: "personal" }] }),
      ],
      NOW,
      noRates,
    );
    expect(items).toMatchObject([{ status: "switched", title: "Personal picks", text: "popular: popular items are shown", figure: "1/2" }]);
  });

  it("adds up what is shed, from rates and not from totals", () => {
    const items = attention(
      [instance("storefront", 1, [{ kind: "shedder", name: "admission", values: { shedLow: 90_000 } }])],
      NOW,
      () => 42.4,
    );
    expect(items).toMatchObject([{ status: "warning", title: "storefront", figure: "42/s shed" }]);
    expect(
      attention([instance("storefront", 1, [{ kind: "shedder", name: "admission", values: { shedLow: 90_000 } }])], NOW, noRates),
    ).toEqual([]);
  });

  it("is nothing at all on a quiet fleet", () => {
    expect(
      attention([instance("catalog", 1, [{ kind: "pool", name: "pg", values: { inUse: 3, max: 50, waiting: 0 } }])], NOW, noRates),
    ).toEqual([]);
  });
});

describe("the order on screen", () => {
  const item = (key: string, status: AttentionItem["status"], weight = 1): AttentionItem => ({
    key,
    status,
    service: key,
    title: key,
    text: "",
    figure: "",
    weight,
  });
  const keys = (items: readonly AttentionItem[]) => items.map((entry) => entry.key);

  it("is worst first, an open breaker before a lost instance, then by how many are concerned", () => {
    const ranking = new AttentionRanking();
    const shown = ranking.update(
      [item("w1", "warning"), item("gone", "offline"), item("w9", "warning", 9), item("bad", "open"), item("sw", "switched")],
      0,
    );
    expect(keys(shown)).toEqual(["bad", "gone", "w9", "w1", "sw"]);
  });

  it("does not move for a rank that holds less than five seconds", () => {
    const ranking = new AttentionRanking();
    ranking.update([item("a", "warning", 2), item("b", "warning", 1)], 0);
    expect(keys(ranking.update([item("a", "warning", 2), item("b", "warning", 3)], 1000))).toEqual(["a", "b"]);
    expect(keys(ranking.update([item("a", "warning", 2), item("b", "warning", 1)], 4000))).toEqual(["a", "b"]);
    expect(keys(ranking.update([item("a", "warning", 2), item("b", "warning", 3)], 7000))).toEqual(["a", "b"]);
  });

  it("follows a rank that held five seconds", () => {
    const ranking = new AttentionRanking();
    ranking.update([item("a", "warning", 2), item("b", "warning", 1)], 0);
    ranking.update([item("a", "warning", 2), item("b", "warning", 3)], 1000);
    expect(keys(ranking.update([item("a", "warning", 2), item("b", "warning", 3)], 1000 + HOLD_MS - 1))).toEqual(["a", "b"]);
    expect(keys(ranking.update([item("a", "warning", 2), item("b", "warning", 3)], 1000 + HOLD_MS))).toEqual(["b", "a"]);
  });

  it("shows what is new at its rank at once, and drops what is over at once", () => {
    const ranking = new AttentionRanking();
    ranking.update([item("a", "warning")], 0);
    expect(keys(ranking.update([item("a", "warning"), item("fire", "open")], 100))).toEqual(["fire", "a"]);
    expect(keys(ranking.update([item("a", "warning")], 200))).toEqual(["a"]);
  });

  it("keeps the words fresh while the place is held", () => {
    const ranking = new AttentionRanking();
    ranking.update([{ ...item("a", "warning"), figure: "40/50" }], 0);
    expect(ranking.update([{ ...item("a", "warning"), figure: "44/50" }], 100)[0]?.figure).toBe("44/50");
  });
});
