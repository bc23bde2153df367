/** Parts of the pages of incidents as they are drawn for an operator and for a viewer. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Entry, IncidentAnswer, IncidentSummary, Suspect } from "../../../protocol/incident-api.ts";
import { EMPTY_REVIEW } from "../../../core/incidents/incident.ts";
import { LiveProvider } from "../../../ui/live/live-provider.tsx";
import { Cascade } from "../../../ui/screens/incidents/cascade.tsx";
import { ConflictNote } from "../../../ui/screens/incidents/conflict-note.tsx";
import { IncidentRow } from "../../../ui/screens/incidents/incident-row.tsx";
import { ReviewEditor } from "../../../ui/screens/incidents/review-editor.tsx";
import { TimelineEntry } from "../../../ui/screens/incidents/timeline-entry.tsx";
import { ChangedMeanwhile } from "../../../ui/screens/incidents/use-incident-acts.ts";

const NOON = Date.UTC(2026, 0, 5, 12);
const VIEWER = "You are a viewer: you see everything and change nothing. Ask an operator.";
const suspect = (key: string, more: Partial<Suspect> = {}): Suspect => ({
  key,
  title: `${key}: breaker open`,
  service: key,
  target: null,
  at: NOON,
  confidence: "possible",
  reasons: ["First to depart from normal", "All 2 others depend on it"],
  mark: null,
  ...more,
});

const incident: IncidentAnswer = {
  id: "i1",
  number: 7,
  environment: "production",
  status: "open",
  startedAt: NOON,
  updatedAt: NOON,
  mergedInto: null,
  version: 3,
  title: "<b>payments</b> are down",
  severity: 2,
  assignee: null,
  manual: false,
  detectedAt: NOON + 10_000,
  detectedBy: "system",
  resolvedAt: null,
  resolvedBy: null,
  acknowledgedAt: null,
  services: ["payments"],
  symptoms: [],
  edges: [],
  phases: [{ from: NOON, to: null }],
  severities: [],
  review: EMPTY_REVIEW,
  suspects: [
    suspect("payments", { confidence: "stated", mark: { verdict: "cause", by: "user:ada", at: NOON } }),
    suspect("orders", { at: NOON + 89_000, confidence: "ruled_out", mark: { verdict: "not_cause", by: "user:ada", at: NOON } }),
  ],
};

function render(children: ReactNode): string {
  const live = createElement(LiveProvider, { environment: "production", children });
  return renderToStaticMarkup(createElement(QueryClientProvider, { client: new QueryClient() }, live)).replaceAll("<!-- -->", "");
}
const buttons = (html: string) =>
  [...html.matchAll(/<button([^>]*)>([^<]*)</g)].map(([, attributes = "", label]) => ({
    label,
    disabled: / disabled/.test(attributes),
    pressed: /aria-pressed="true"/.test(attributes),
    why: /title="([^"]*)"/.exec(attributes)?.[1] ?? null,
  }));
const part = (refusal?: string) => ({ incident, environment: "production", refusal });

describe("the cascade", () => {
  it("tells order, time, confidence in words and reasons, never a score, and shows what was said of each", () => {
    const html = render(createElement(Cascade, part()));
    for (const text of ["stated as the cause", "ruled out", "+1:29", "First to depart from normal. All 2 others depend on it."])
      expect(html).toContain(text);
    expect(html.indexOf("payments: breaker open")).toBeLessThan(html.indexOf("orders: breaker open"));
    expect(buttons(html).map(({ pressed }) => pressed)).toEqual([true, false, false, true]);
  });

  it("lets a viewer look and not act, and says why on each act", () => {
    const html = render(createElement(Cascade, part(VIEWER)));
    expect(buttons(html).every(({ disabled, why }) => disabled && why === VIEWER)).toBe(true);
  });
});

const entry: Entry = {
  key: "e9",
  at: NOON,
  kind: "change",
  title: "switch recommendations to popular",
  text: "",
  actor: "user:m.ito",
  source: "person",
  noise: false,
  pinned: true,
  original: { at: NOON + 60_000, title: "switch <i>recommendations</i>", editedBy: "user:ada", editedAt: NOON + 90_000 },
  service: null,
  instance: null,
  receipts: { targeted: 40, applied: 37, refused: 2 },
  proof: null,
  event: null,
};

describe("an entry of the timeline", () => {
  const html = render(createElement(TimelineEntry, { row: { key: "e9", entries: [entry] }, ...part() }));

  it("has its kind as a word, who did it, the receipts, a link of its own and one to then", () => {
    for (const text of [
      "Change: ",
      "m.ito",
      "applied 37/40",
      "refused by 2",
      'href="#e9"',
      "/switchboard?env=production&amp;at=2026-01-05T12%3A00%3A00Z",
    ])
      expect(html).toContain(text);
  });

  it("keeps the original of an edited one in sight, as text", () => {
    expect(html).toContain("Was “switch &lt;i&gt;recommendations&lt;/i&gt;”");
    expect(html).toContain("Edited by ada");
  });

  it("shows a note as plain text", () => {
    const note: Entry = {
      ...entry,
      key: "n1",
      kind: "note",
      title: "Note",
      text: "<img src=x>\nsecond line",
      original: null,
      receipts: null,
    };
    const drawn = render(createElement(TimelineEntry, { row: { key: "n1", entries: [note] }, ...part() }));
    expect(drawn).toContain("&lt;img src=x&gt;\nsecond line");
  });
});

describe("a row of the list", () => {
  const summary = (more: Partial<IncidentSummary>): IncidentSummary => {
    const { symptoms: _s, edges: _e, review: _r, phases: _p, severities: _v, suspects: _u, ...shown } = incident;
    return {
      ...shown,
      cause: "payments: pool full",
      symptoms: 2,
      instances: 4,
      strain: [0, 2, 1],
      overrides: 0,
      openMs: 0,
      reopened: 0,
      ...more,
    };
  };
  const row = (more: Partial<IncidentSummary> = {}, refusal?: string) =>
    render(
      createElement(IncidentRow, {
        incident: summary(more),
        now: NOON + 206_000,
        selected: false,
        refusal,
        onSelect: () => undefined,
      }),
    );

  it("says severity, number, title, first cause, services, how long and who, in words", () => {
    const html = row({ reopened: 2 });
    for (const text of [
      "SEV2",
      "major",
      "#7",
      "&lt;b&gt;payments&lt;/b&gt; are down",
      "First cause: payments: pool full",
      "Open",
      "3:26",
      "nobody",
    ])
      expect(html).toContain(text);
    expect(html).toContain("reopened 2 times");
    expect(html).toContain('href="/incidents/7"');
  });

  it("says how many instances are affected, what is overridden, and how much was bad at once", () => {
    const html = row({ overrides: 2 });
    for (const text of ["4 instances", "2 active overrides", "At most 2 things bad at once"]) expect(html).toContain(text);
    expect(row({ strain: [], instances: 0 })).not.toMatch(/bad at once"|instances/);
  });

  it("does not repeat a cause that is its title", () => {
    expect(row({ title: "payments: pool full, and 3 more" })).not.toContain("First cause");
  });

  it("says why it cannot be chosen, for pointer and screen reader", () => {
    expect(row({}, VIEWER)).toContain(`<label class="in-check" title="${VIEWER}">`);
    expect(row({}, VIEWER)).toContain(`disabled="" aria-description="${VIEWER}" aria-label="Choose incident 7"`);
    expect(row()).not.toContain("disabled");
  });
});

describe("what is told when somebody else was faster", () => {
  it("has what was seen, what it is now, what was wanted, and a choice", () => {
    const error = new ChangedMeanwhile([{ field: "Title", seen: "a", theirs: "theirs", mine: "mine" }], incident, { title: "mine" });
    const change = { error, mutate: () => undefined, reset: () => undefined };
    const html = render(createElement(ConflictNote, { change: change as unknown as Parameters<typeof ConflictNote>[0]["change"] }));
    for (const text of ["you saw</span> a", "<b>theirs</b>", "<b>mine</b>"]) expect(html).toContain(text);
    expect(buttons(html).map(({ label }) => label)).toEqual(["Keep theirs", "Write mine over it"]);
  });
});

describe("the form of the write-up", () => {
  it("has a label for every field, and is shut for a viewer", () => {
    const html = render(createElement(ReviewEditor, { incident, refusal: VIEWER }));
    const ids = [...html.matchAll(/<textarea[^>]* id="([^"]+)"/g)].map(([, id]) => id ?? "");
    expect(ids).toHaveLength(6);
    for (const id of ids) expect(html).toContain(`for="${id}"`);
    expect([...html.matchAll(/<textarea[^>]*>/g)].every(([tag]) => tag.includes("disabled"))).toBe(true);
    expect(buttons(html).every(({ disabled }) => disabled)).toBe(true);
  });
});
