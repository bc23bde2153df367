import { describe, expect, it } from "vitest";
import { cascadeSvg, linesSvg } from "../../../core/incidents/charts.ts";
import { incidentOf, type Incident } from "../../../core/incidents/incident.ts";
import { impactOf } from "../../../core/incidents/accounting.ts";
import { cascadeOf } from "../../../core/incidents/cause.ts";
import { clustersOf, entryOf, noteOf, servicesOf } from "../../../core/incidents/timeline.ts";
import { severityMinutes, writeUpOf } from "../../../core/incidents/write-up.ts";
import { markdownOf } from "../../../core/incidents/write-up-markdown.ts";
import type { Entry } from "../../../protocol/incident-api.ts";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { breaker, EDGES, event, groupsAt, sec } from "./samples.ts";

const HOSTILE = `<script>alert(1)</script>|[x](javascript:y)`;
const events = [...breaker("orders", "payments", [0, 600]), ...breaker("storefront", "orders", [5, 620])];
const incident: Incident = {
  ...incidentOf("i1", "production", groupsAt(events, 900)[0] ?? [], { edges: EDGES, now: sec(900) }),
  ...{ number: 7, version: 1 },
};
const entries = (list: readonly LoggedEvent[]): Entry[] => list.flatMap((one) => entryOf(one, incident, servicesOf(incident)) ?? []);

function story(more: readonly LoggedEvent[] = []) {
  const list = entries([...events, ...more].sort((a, b) => a.at - b.at));
  const note = noteOf({
    id: "1",
    at: sec(1),
    eventId: null,
    title: null,
    text: HOSTILE,
    pinned: true,
    by: "user:ada",
    createdAt: sec(1),
    original: null,
  });
  const series = [{ from: sec(-900), to: sec(1_500), stepMs: 10_000, truncated: false, series: [] }];
  return writeUpOf({
    incident,
    cascade: cascadeOf({ symptoms: incident.symptoms, edges: EDGES, marks: {}, changes: [] }),
    entries: [note, ...list],
    entriesTruncated: false,
    impact: impactOf(series),
    series,
    now: sec(900),
  });
}

describe("a write-up", () => {
  it("has the minutes, the detection and the trigger that were measured", () => {
    const told = story();
    expect(told).toMatchObject({ number: 7, durationMs: 620_000, startedAt: sec(0), detectedAt: sec(10), resolvedAt: sec(620) });
    expect(told.severityMinutes).toEqual([{ severity: 3, minutes: 10.17 }]);
    expect(told.detection).toBe("Noticed by a rule at 2026-01-05 12:00:10 UTC, 10 s after the first departure from normal.");
    expect(told.trigger).toContain("orders → payments: breaker open, at 2026-01-05 12:00:00 UTC.");
  });

  it("counts minutes by the severity that was in force while it was open", () => {
    const phases = [
      { from: sec(0), to: sec(120) },
      { from: sec(600), to: null },
    ];
    const severities = [
      { at: sec(0), severity: 3 as const, by: "system" },
      { at: sec(60), severity: 1 as const, by: "user:ada" },
    ];
    expect(severityMinutes({ phases, severities }, sec(660))).toEqual([
      { severity: 1, minutes: 2 },
      { severity: 3, minutes: 1 },
    ]);
  });

  it("pairs each change with what took it back", () => {
    const flip = {
      service: null,
      instance: null,
      actor: "user:ada",
      data: { flipId: "f1", switch: "recommendations", position: "off", reason: "slow" },
    };
    const told = story([
      event("flip.created", 100, flip),
      event("flip.reverted", 200, { ...flip, data: { ...flip.data, reason: "calm" } }),
      event("flip.created", 300, { ...flip, data: { ...flip.data, flipId: "f2" } }),
    ]);
    expect(told.changes.map(({ at, revertedAt, actor, title }) => [at, revertedAt, actor, title])).toEqual([
      [sec(100), sec(200), "ada", "Switch recommendations to off: slow"],
      [sec(300), null, "ada", "Switch recommendations to off: slow"],
    ]);
  });

  it("is Markdown in which what people and agents wrote is only text", () => {
    const text = markdownOf(story());
    expect(text).not.toContain("<script");
    expect(text).not.toContain("](javascript");
    expect(text).toContain("| 2026-01-05 12:00:01 | **Note**: &lt;script&gt;");
    const rows = text.split("\n").filter((line) => line.startsWith("| 2026"));
    for (const row of rows) expect(row.replaceAll("\\|", "").split("|")).toHaveLength(6);
  });
});

describe("charts", () => {
  it("are well-formed, whatever names are in them", () => {
    const [symptom] = incident.symptoms;
    if (!symptom) throw new Error("there is one");
    const window = { from: sec(-900), to: sec(1_500) };
    const cascade = cascadeSvg([{ ...symptom, service: HOSTILE }], [{ at: sec(3), title: HOSTILE }], window);
    const lines = linesSvg(
      HOSTILE,
      [
        {
          name: HOSTILE,
          points: [
            [sec(0), 1],
            [sec(10), null],
            [sec(20), 3],
          ],
        },
      ],
      window,
    );
    for (const svg of [cascade, lines]) {
      expect(svg).not.toContain("<script");
      expect(svg.match(/<(?:svg|text|title|rect)(?: [^>]*[^/>])?>/g)?.length).toBe(svg.match(/<\/(svg|text|title|rect)>/g)?.length);
      expect(svg).not.toMatch(/NaN|Infinity/);
    }
    // A gap is not drawn across: each part begins with a move.
    expect(lines.match(/d="([^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(2);
  });
});

describe("clusters", () => {
  it("make one mark of what is close together", () => {
    const list = entries(
      [event("deploy", 0), event("breaker.opened", 2), event("note", 30)].map((one, index) => ({ ...one, id: index + 1 })),
    );
    expect(clustersOf(list, 5_000).map(({ count, kinds, key }) => [count, kinds, key])).toEqual([
      [2, ["deploy", "transition"], "e1"],
      [1, ["note"], "e3"],
    ]);
  });
});
