import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { ChangeAnswer, FlipAnswer, SwitchAnswer } from "../../../protocol/api.ts";
import type { ChangeSetAnswer, ChangeSetPreview } from "../../../protocol/change-set-api.ts";
import type { PlaceAnswer } from "../../../protocol/ladder-api.ts";
import { LiveProvider } from "../../../ui/live/live-provider.tsx";
import { boardRows, byCapability, losses, rungs } from "../../../ui/screens/switchboard/board.ts";
import { changeText, levelDraft, putBackDraft, setRequest, type Draft } from "../../../ui/screens/switchboard/draft.ts";
import { LadderStrip } from "../../../ui/screens/switchboard/ladder-strip.tsx";
import { leftSwitched, standingSets } from "../../../ui/screens/switchboard/left.ts";
import { LeftSwitched } from "../../../ui/screens/switchboard/left-switched.tsx";
import { linkedIncident } from "../../../ui/screens/switchboard/linked-incident.ts";
import { itemsInForce, positionIn, presetMissing, withPosition } from "../../../ui/screens/switchboard/preset-form.ts";
import { proofWords } from "../../../ui/screens/switchboard/proof.ts";
import { SetPreview } from "../../../ui/screens/switchboard/set-preview.tsx";
import { SwitchRow } from "../../../ui/screens/switchboard/switch-row.tsx";
import { passes, servicesHit } from "../../../ui/screens/switchboard/switch-state.ts";

const DAY = 86_400_000;
const NOW = 1_000 * DAY;
const counts = { targeted: 2, pending: 0, sent: 0, applied: 2, refused: 0, unknown: 0 };
const flip = (part: Partial<FlipAnswer> = {}): FlipAnswer => ({
  ...{ id: "f1", switchKey: "search", kind: "switch", key: "search", policy: null, body: { position: part.position ?? "browse" } },
  ...{ environment: "production", position: "browse", scope: {}, reason: "slow", author: "user:ada", createdAt: NOW, expiresAt: null },
  ...{ revision: 7, status: "live", endedAt: null, endedBy: null, receipts: counts },
  ...part,
});
const override: ChangeAnswer = {
  ...flip({ id: "o1", createdAt: NOW - DAY, revision: 3 }),
  ...{ kind: "override", key: "payments", policy: "breaker", body: { policy: "breaker", state: "forced_open" } },
};
const entry = (part: Partial<SwitchAnswer> = {}): SwitchAnswer => ({
  ...{ key: "search", title: "Search", whatUsersLose: "No free text search", positions: ["on", "browse"], safeDefault: "on" },
  ...{ services: ["catalog", "search"], desired: "on", instances: { total: 4, asDesired: 4, unknown: 0 }, flips: [], revision: 7 },
  lastChange: null,
  ...part,
});
const place = (part: Partial<PlaceAnswer> = {}): PlaceAnswer => ({
  ...{ key: "search", capability: "Discovery", steps: [{ level: 2, position: "browse" }], version: 1 },
  ...{ updatedAt: NOW, updatedBy: "user:ada", proven: null },
  ...part,
});
const images = entry({ key: "images", title: "Pictures", whatUsersLose: "Placeholders.", positions: ["full", "low"], desired: "full" });
const rows = (search: Partial<SwitchAnswer> = {}) =>
  boardRows([entry(search), images], [place(), place({ key: "images", capability: null, steps: [{ level: 1, position: "low" }] })]);

const render = (node: ReactNode): string =>
  renderToStaticMarkup(
    createElement(
      QueryClientProvider,
      { client: new QueryClient() },
      createElement(LiveProvider, { environment: "production", children: node }),
    ),
  );

describe("the ladder on the switchboard", () => {
  it("says at each rung what users lose and which switches it flips, and where it stands", () => {
    const html = render(createElement(LadderStrip, { rows: rows(), group: null, onGroup: () => undefined, onLevel: () => undefined }));
    for (const text of ["now at level 0 of 4", "Placeholders.", "images low", "No free text search.", "search browse", "Discovery"])
      expect(html).toContain(text);
    expect(html.match(/pl-rung"/g)).toHaveLength(5);
    expect(render(createElement(LadderStrip, { rows: [], group: null, onGroup: () => undefined, onLevel: () => undefined }))).toContain(
      "no switch has a step yet",
    );
  });

  it("counts who is there, and adds up what is lost", () => {
    const { level, rungs: all } = rungs(rows({ flips: [flip()], desired: "browse" }));
    expect([level, all.map(({ steps }) => steps.map(({ held }) => held))]).toEqual([0, [[], [false], [true], [], []]]);
    expect([0, 1, 2, 4].map((at) => losses(rows(), at).map(({ row }) => row.entry.key))).toEqual([
      [],
      ["images"],
      ["search", "images"],
      ["search", "images"],
    ]);
  });

  it("goes to a level as one set that leaves alone what was switched by hand, and says so", () => {
    const byHand = levelDraft(rows({ flips: [flip({ scope: { service: "catalog" } })] }), 2, null);
    expect(byHand).toMatchObject({ title: "Level 2, comfort", items: [{ key: "images", position: "low" }], ends: [], purpose: "ladder" });
    expect(byHand.notes).toEqual(["Search: was put to browse (catalog only) by ada, by hand. It is not touched."]);
    const back = levelDraft(rows({ flips: [flip({ purpose: "ladder" })] }), 1, "Discovery");
    expect([back.title, back.ends]).toEqual(["Discovery: level 1, cosmetic", [{ id: "f1", text: "search at browse", replaced: false }]]);
  });

  it("groups rows by capability, those without one last", () => {
    expect(byCapability(rows()).map(({ name, rows: own }) => [name, own.length])).toEqual([
      ["Discovery", 1],
      [null, 1],
    ]);
  });
});

describe("a set of changes", () => {
  const draft: Draft = {
    title: "Shed",
    items: [
      { kind: "switch", key: "search", position: "browse" },
      { kind: "settings", name: "payments", policy: "timeout", values: { attemptMs: 300 } },
    ],
    ends: [{ id: "f9", text: "images at low" }],
    notes: ["left alone"],
  };
  const seen = (already: boolean): ChangeSetPreview["items"] =>
    [already, false].map((so, i) => ({
      ...{
        kind: "switch",
        key: "search",
        policy: null,
        targeted: 4,
        live: 3,
        absent: 1,
        refusals: i,
        revision: 7 + i,
        flipId: `id-${String(i)}`,
      },
      ...{ already: so, now: so ? "browse" : "on", problem: null },
    }));

  it("is sent as it was looked at, without what is so already", () => {
    const order = { reason: " slow ", expiresInSeconds: 900 };
    expect(setRequest(draft, { ...order, seen: seen(true) })).toEqual({
      ...{ title: "Shed", reason: "slow", ends: ["f9"] },
      items: [{ ...draft.items[1], expiresInSeconds: 900, expectedRevision: 8, flipId: "id-1" }],
    });
    expect(setRequest({ ...draft, purpose: "ladder" }, { ...order, seen: seen(true) })).toMatchObject({
      ...{ purpose: "ladder", items: [{ key: "search", expectedRevision: 7 }, { name: "payments" }] },
    });
  });

  it("shows the difference, what is so already, who would refuse, what ends, and what is left alone", () => {
    const preview = { isError: false, data: { items: seen(true), ends: [] } } as unknown as Parameters<typeof SetPreview>[0]["preview"];
    const html = render(createElement(SetPreview, { draft, preview }));
    for (const text of [
      "already so, not made again",
      "4 instances, 1 away",
      "1 will refuse",
      "attemptMs 300",
      "images at low",
      "left alone",
    ])
      expect(html).toContain(text);
  });
});

describe("presets", () => {
  it("are made of what is in force, faults left out, oldest first", () => {
    const fault: ChangeAnswer = { ...override, id: "x", kind: "fault", policy: null, body: { values: { latencyMs: 100 } } };
    expect(itemsInForce([flip({ scope: { service: "catalog" } }), override, fault])).toEqual([
      { kind: "override", name: "payments", policy: "breaker", state: "forced_open" },
      { kind: "switch", key: "search", position: "browse", scope: { service: "catalog" } },
    ]);
  });

  it("hold one position for a switch, and none when it is left as it is", () => {
    const items = withPosition(withPosition([], "search", "browse"), "search", "on");
    expect([items, positionIn(items, "search"), positionIn(items, "images")]).toEqual([
      [{ kind: "switch", key: "search", position: "on" }],
      "on",
      "",
    ]);
    expect(presetMissing({ name: "Shed", note: "", items: withPosition(items, "search", "") })).toMatch(/at least one/);
    expect(presetMissing({ name: " ", note: "", items })).toMatch(/name/);
  });
});

describe("what was left switched", () => {
  it("is everything in force but the way back to normal, oldest first, with who, why and until when", () => {
    const left = leftSwitched([flip(), flip({ id: "n", position: "on", body: { position: "on" } }), override], [entry()]);
    expect(left.map(({ id }) => id)).toEqual(["o1", "f1"]);
    const nothing = () => undefined;
    const html = render(
      createElement(LeftSwitched, {
        ...{ changes: left, sets: [], refusal: undefined, ticked: ["o1"] },
        ...{ onSwitch: nothing, onPutBack: nothing, onSet: nothing, onTicked: nothing },
      }),
    );
    for (const text of [
      "2 changes in force, 2 without an end",
      "Put back all",
      "payments breaker: forced open",
      "ada",
      "slow",
      "never ends",
      "Tick all 2",
      "Tick payments breaker: forced open",
    ])
      expect(html).toContain(text);
    expect(html.match(/checked=""/g)).toHaveLength(1);
  });

  it("is put back by one set, fifty at a time", () => {
    const many = Array.from({ length: 53 }, (_, i) => flip({ id: `f${String(i)}` }));
    const draft = putBackDraft(many);
    expect([draft.ends.length, draft.ends[0]?.id, draft.notes.length]).toEqual([50, "f0", 1]);
    expect(changeText(override)).toBe("payments breaker: forced open");
  });

  it("offers to undo sets that still stand", () => {
    const set = { id: "s", made: [flip()], ended: [], undoneBy: null } as unknown as ChangeSetAnswer;
    const over = { ...set, made: [flip({ status: "expired" })] };
    expect(standingSets([set, over, { ...set, undoneBy: "t" }])).toEqual([set]);
  });
});

describe("a row", () => {
  it("says when it was last proven, and warns of an old proof by shape and words", () => {
    const words = (daysAgo: number) => proofWords({ at: NOW - daysAgo * DAY, flipId: "f", drill: true }, NOW);
    expect([proofWords(null, NOW), words(0), words(12), words(90)]).toEqual([
      { state: "never", text: "never drilled" },
      { state: "fresh", text: "proven today" },
      { state: "fresh", text: "proven 12 days ago" },
      { state: "old", text: "proof older than 90 days" },
    ]);
    expect(passes(entry(), { filter: "undrilled", text: "" })).toBe(false);
    expect(passes(entry(), { filter: "undrilled", text: "", undrilled: true })).toBe(true);
  });

  it("has what users lose, services and requests, how far it is applied, who and why, and the incident", () => {
    const last = { at: NOW, by: "user:ada", reason: "slow" };
    const [row] = rows({ lastChange: last, flips: [flip()], desired: "browse", instances: { total: 4, asDesired: 3, unknown: 1 } });
    if (!row) throw new Error("no row");
    const load = new Map([
      ["catalog", 276],
      ["search", 443.6],
    ]);
    const html = render(
      createElement(SwitchRow, {
        ...{ row, load, now: NOW, selected: false, onOpen: () => undefined, incident: { number: 12, named: true } },
        tick: { ticked: true, onTick: () => undefined },
      }),
    );
    for (const text of [
      "No free text search",
      "catalog, search, 720 req/s",
      "3/4",
      "1 unknown",
      "ada",
      "slow",
      "no expiry",
      "never drilled",
      "Tick Search",
    ])
      expect(html).toContain(text);
    expect(html.replaceAll("<!-- -->", "")).toContain("incident #12");
  });

  it("is linked to the incident its reason names, else to one open in its services", () => {
    const open = [
      { number: 3, services: ["orders"] },
      { number: 4, services: ["catalog"] },
    ];
    expect(linkedIncident(entry({ flips: [flip({ reason: "orders die, see #12" })] }), open)).toEqual({ number: 12, named: true });
    expect(linkedIncident(entry(), open)).toEqual({ number: 4, named: false });
    expect(linkedIncident(entry({ services: ["mail"] }), open)).toBeNull();
  });

  it("counts the services that are hit, not all that have it, while only some are", () => {
    expect(servicesHit(entry({ flips: [flip({ scope: { service: "catalog" } })] }))).toEqual(["catalog"]);
    expect(servicesHit(entry({ flips: [flip({ scope: { instances: ["search/s1", "search/s2"] } })] }))).toEqual(["search"]);
    expect(servicesHit(entry({ flips: [flip(), flip({ scope: { service: "catalog" } })] }))).toEqual(["catalog", "search"]);
  });
});
