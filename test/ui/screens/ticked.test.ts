import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { FlipAnswer, SwitchAnswer } from "../../../protocol/api.ts";
import type { ChangeSetPreview } from "../../../protocol/change-set-api.ts";
import type { EffectAnswer } from "../../../protocol/effect-api.ts";
import { LiveProvider } from "../../../ui/live/live-provider.tsx";
import type { BoardRow } from "../../../ui/screens/switchboard/board.ts";
import { BoardList } from "../../../ui/screens/switchboard/board-list.tsx";
import { setRequest } from "../../../ui/screens/switchboard/draft.ts";
import { ProofEffect } from "../../../ui/screens/switchboard/effect.tsx";
import { ProofLine } from "../../../ui/screens/switchboard/proof-line.tsx";
import { briefOf, changeWords, exactWords } from "../../../ui/screens/switchboard/effect-words.ts";
import { tickedOf } from "../../../ui/screens/switchboard/tick-box.tsx";
import { TickedBar } from "../../../ui/screens/switchboard/ticked-bar.tsx";
import {
  allNormal,
  allOneStep,
  firstChoice,
  tickedBackDraft,
  tickedDraft,
  tickedItems,
  toggled,
  toggledAll,
} from "../../../ui/screens/switchboard/ticked.ts";

const counts = { targeted: 2, pending: 0, sent: 0, applied: 2, refused: 0, unknown: 0 };
const flip = (part: Partial<FlipAnswer> = {}): FlipAnswer => ({
  ...{ id: "f1", switchKey: "search", kind: "switch", key: "search", policy: null, body: { position: part.position ?? "browse" } },
  ...{ environment: "production", position: "browse", scope: {}, reason: "slow", author: "user:ada", createdAt: 1, expiresAt: null },
  ...{ revision: 7, status: "live", endedAt: null, endedBy: null, receipts: counts },
  ...part,
});
const row = (key: string, positions: string[], part: Partial<SwitchAnswer> = {}): BoardRow => ({
  entry: {
    ...{ key, title: key.toUpperCase(), whatUsersLose: "Less", positions, safeDefault: positions[0] ?? "", services: ["shop"] },
    ...{ desired: positions[0] ?? "", instances: { total: 2, asDesired: 2, unknown: 0 }, flips: [], revision: 3, lastChange: null },
    ...part,
  },
  place: null,
});
const search = row("search", ["on", "browse"], { desired: "browse", flips: [flip()] });
const ads = row("ads", ["on", "off"]);
const images = row("images", ["full", "low", "none"]);
const board = [search, ads, images];

const render = (node: ReactNode, client = new QueryClient()): string =>
  renderToStaticMarkup(
    createElement(QueryClientProvider, { client }, createElement(LiveProvider, { environment: "production", children: node })),
  ).replaceAll("<!-- -->", "");

describe("ticked switches", () => {
  it("choose by themselves only what is no choice", () => {
    expect(firstChoice(board)).toEqual({ search: "on", ads: "off", images: "" });
    expect(allOneStep(board)).toEqual({ search: "browse", ads: "off", images: "low" });
    expect(allNormal(board)).toEqual({ search: "on", ads: "on", images: "full" });
  });

  it("become one set: positions are made, normal ones end what holds them elsewhere, and what is left as it is stays out", () => {
    const draft = tickedDraft(board, firstChoice(board));
    expect(draft).toMatchObject({
      title: "SEARCH, ADS",
      items: [{ kind: "switch", key: "ads", position: "off" }],
      ends: [{ id: "f1", text: "search at browse" }],
      notes: [],
    });
    const seen: ChangeSetPreview["items"] = [
      {
        ...{ kind: "switch", key: "ads", policy: null, targeted: 2, live: 2, absent: 0, refusals: 0, revision: 3 },
        ...{ flipId: "new", already: false, now: "on", problem: null },
      },
    ];
    expect(setRequest(draft, { reason: " too slow ", expiresInSeconds: 900, seen })).toEqual({
      ...{ title: "SEARCH, ADS", reason: "too slow", ends: ["f1"] },
      items: [{ kind: "switch", key: "ads", position: "off", expiresInSeconds: 900, expectedRevision: 3, flipId: "new" }],
    });
  });

  it("say which are normal already, and name no more than three in the title", () => {
    const many = [...board, row("mail", ["on", "off"])];
    const draft = tickedDraft(many, allNormal(many));
    expect(draft.title).toBe("SEARCH, ADS, IMAGES and 1 more");
    expect(draft.items).toEqual([]);
    expect(draft.ends).toHaveLength(1);
    expect(draft.notes).toHaveLength(3);
    const over = row("search", ["on", "browse"], {
      flips: [flip(), flip({ id: "normal", position: "on" }), flip({ id: "past", status: "expired" })],
    });
    expect(tickedDraft([over], { search: "on" }).ends.map(({ id }) => id)).toEqual(["f1"]);
    expect(tickedDraft(many, {})).toMatchObject({ items: [], ends: [], notes: [] });
  });

  it("make a preset of where they are held, else of their first step", () => {
    expect(tickedItems(board)).toEqual([
      { kind: "switch", key: "search", position: "browse" },
      { kind: "switch", key: "ads", position: "off" },
      { kind: "switch", key: "images", position: "low" },
    ]);
  });

  it("end as one what was left switched", () => {
    expect(tickedBackDraft([flip(), flip({ id: "f2", key: "ads", position: "off" })])).toMatchObject({
      items: [],
      ends: [{ id: "f1" }, { id: "f2" }],
    });
  });

  it("are ticked one by one or all that are shown, without losing those that are not", () => {
    expect(toggled(["ads"], "search")).toEqual(["ads", "search"]);
    expect(toggled(["ads", "search"], "ads")).toEqual(["search"]);
    expect(toggledAll(["mail", "ads"], ["ads", "search"])).toEqual(["mail", "ads", "search"]);
    expect(toggledAll(["mail", "ads", "search"], ["ads", "search"])).toEqual(["mail"]);
    expect([tickedOf(["a", "b"], []), tickedOf(["a", "b"], ["a"]), tickedOf(["a", "b"], ["a", "b", "c"])]).toEqual([false, null, true]);
  });

  it("have a box beside each row that is named after it, and say how many are ticked", () => {
    const nothing = () => undefined;
    const shared = { rows: board, total: 3, open: null, incidents: [], onOpen: nothing, onAll: nothing, onTicked: nothing };
    const html = render(createElement(BoardList, { ...shared, ticked: ["ads"] }));
    expect([...html.matchAll(/Tick [^<]*/g)].map(([text]) => text)).toEqual(["Tick all 3", "Tick SEARCH", "Tick ADS", "Tick IMAGES"]);
    expect(html.match(/checked=""/g)).toHaveLength(1);
    // A box inside a button would be neither for the keyboard.
    expect(html).not.toMatch(/<button[^>]*>(?:(?!<\/button>).)*<input/);
    const bar = (count: number, hidden: number) => render(createElement(TickedBar, { count, hidden, onClear: nothing, children: "acts" }));
    expect(bar(3, 1)).toContain("3 ticked, 1 of them not shown here");
    expect(bar(0, 0)).toBe('<span class="hf-unseen" role="status"></span>');
  });
});

describe("what a drill did", () => {
  const effect: EffectAnswer = {
    ...{ flipId: "f1", at: 0, spanMs: 60_000, afterMs: 60_000, endedAt: null, instances: 4, tier: "1s", truncated: false },
    measures: [
      { name: "requests", before: 400, after: 410 },
      { name: "errors", before: 0, after: 0 },
      { name: "shed", before: 64, after: 3.2 },
      { name: "opens", before: 0, after: 2 },
      { name: "queued", before: 100, after: 102 },
    ],
  };
  const shown = (answer: EffectAnswer): string => {
    const client = new QueryClient();
    client.setQueryData(["effect", "f1"], answer);
    return render(createElement(ProofEffect, { flipId: "f1" }), client).replaceAll(/<[^>]*>/g, "");
  };

  it("stands with its proof: figures of the same instances before and after, by words as well as by colour", () => {
    const text = shown(effect);
    expect(text).toContain("A minute before and after, on the same 4 instances");
    expect(text).toContain("Shed and limited 64/s → 3.2/s down 95 %");
    expect(text).toContain("Breakers opened 0 → 2 new");
    expect(text).toContain("Waiting in queues 100 → 102 same");
    expect(text).not.toMatch(/Requests|Errors/);
  });

  it("says that nothing was wrong, that nothing is kept, or how coarse it is", () => {
    expect(shown({ ...effect, measures: effect.measures.slice(0, 2) })).toContain("no errors.");
    expect(shown({ ...effect, measures: [] })).toContain("nothing of it is kept.");
    expect(shown({ ...effect, tier: "1m" })).toContain("whole minutes before and after");
    expect(exactWords({ tier: "1h" })).toContain("Only hours are kept");
    expect(shown({ ...effect, afterMs: 20_000 })).toContain("20 s of it so far");
    expect([changeWords(null, 1), changeWords(1, 12), changeWords(10, 15)]).toEqual(["not known", "up 12 times", "up 50 %"]);
  });

  it("is told in the row by the two figures that moved most to its harm, and not by what is of a part or not known", () => {
    const told = (answer: Partial<EffectAnswer>) =>
      briefOf({ ...effect, ...answer })?.map(({ word, before, after }) => [word, before, after]);
    expect(told({})).toEqual([
      ["opens", 0, 2],
      ["shed", 64, 3.2],
    ]);
    expect(told({ measures: effect.measures.slice(0, 2) })).toEqual([]);
    expect(told({ truncated: true })).toBeUndefined();
    expect(told({ measures: [{ name: "errors", before: null, after: 3 }] })).toBeUndefined();
  });

  it("stands in the row beside the badge, unless the proof is old", () => {
    const client = new QueryClient();
    client.setQueryData(["effect", "f1"], effect);
    const line = (now: number) =>
      render(createElement(ProofLine, { proven: { at: 0, flipId: "f1", drill: true }, now }), client).replaceAll(/<[^>]*>/g, "");
    expect(line(0)).toContain("by a drillopens 0 → 2, shed 64 → 3.2/s in the drill");
    expect(line(100 * 86_400_000)).not.toContain("shed");
  });
});
