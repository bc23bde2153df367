/** The time axis as it is drawn: what a page says of its time, and the marks of changes. */
import { NuqsTestingAdapter } from "nuqs/adapters/testing";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { ChangeMarkers, ChangeRow } from "../../../ui/charts/change-markers.tsx";
import type { Change } from "../../../ui/charts/changes.ts";
import { TimeAxisProvider, useTimeAxis } from "../../../ui/charts/time-axis.tsx";
import { TimePlot } from "../../../ui/charts/time-plot.tsx";
import { ToolsContext } from "../../../ui/frame/tools-context.ts";
import { KeysProvider } from "../../../ui/keys/keys-provider.tsx";
import { LiveProvider } from "../../../ui/live/live-provider.tsx";
import { ReplayContext } from "../../../ui/replay/replay-provider.tsx";
import { TimeBar } from "../../../ui/screens/service/time-bar.tsx";
import { stripRuns } from "../../../ui/screens/service/strip-runs.ts";

const NOON = new Date(2026, 0, 5, 12).getTime();
const MIN = 60_000;
const full = { from: NOON - 15 * MIN, to: NOON };

const changes: readonly Change[] = [
  { key: "a", at: NOON - 10 * MIN, kind: "deploy", text: "orders: deployed 4.12", who: "ci (token)", link: null },
  {
    key: "b",
    at: NOON - 5 * MIN,
    kind: "flip",
    text: "ada switched <ads> to off",
    who: "ada",
    link: { href: "/switchboard?switch=ads", label: "Switch ads" },
  },
  { key: "c", at: NOON - 5 * MIN + 1_000, kind: "incident", text: "incident 4 opened", who: "the console", link: null },
];

function render(children: ReactNode, search = "", cutAt: number | null = null): string {
  // No replay is on: what asks for its moment is told so.
  const replay = { subscribe: () => () => undefined, view: { phase: "live", at: 0 } } as unknown as NonNullable<
    Parameters<typeof ReplayContext>[0]["value"]
  >;
  const axis = createElement(TimeAxisProvider, { full, bounds: { from: 0, to: NOON }, changes: { changes, cutAt }, children });
  const tools = createElement(ToolsContext, { value: { open: () => undefined, act: () => undefined } }, axis);
  const keys = createElement(KeysProvider, { children: tools });
  const replayed = createElement(ReplayContext, { value: replay }, keys);
  const live = createElement(LiveProvider, { environment: "production", children: replayed });
  return renderToStaticMarkup(createElement(NuqsTestingAdapter, { searchParams: search, children: live })).replaceAll("<!-- -->", "");
}

const ZOOM = `?zoom=${new Date(NOON - 30 * MIN).toISOString()}..${new Date(NOON - 23 * MIN).toISOString()}`;

describe("the time of a page", () => {
  it("offers its windows while it is live, and says nothing of the past", () => {
    const html = render(createElement(TimeBar), "?w=1h");
    expect(html).toMatch(/aria-checked="true"[^>]*>1 h</);
    expect(html).toContain("3 changes");
    expect(html).not.toContain("not live");
  });

  it("says which stretch of the past is shown, that it is not live, and the way back", () => {
    const html = render(createElement(TimeBar), ZOOM);
    expect(html).toContain("11:30:00 to 11:37:00, not live");
    expect(html).toContain("Back to live");
    expect(html).toContain("no changes");
    expect(html).not.toContain('aria-checked="true"');
  });

  it("is the same for everything below it", () => {
    const Seen = () => {
      const { seen, zoomed } = useTimeAxis();
      return `${String((NOON - seen.to) / MIN)} ${String(zoomed)}`;
    };
    expect([render(createElement(Seen)), render(createElement(Seen), ZOOM), render(createElement(Seen), "?zoom=yesterday")]).toEqual([
      "0 false",
      "23 true",
      "0 false",
    ]);
  });
});

describe("marks of changes", () => {
  it("tell when, how many and of which kinds, and are one stop of the keyboard", () => {
    const html = render(createElement(ChangeMarkers, { changes, window: full }));
    expect([...html.matchAll(/aria-label="([^"]*)"/g)].map(([, label]) => label)).toEqual([
      "Changes",
      "11:50:00, deploy",
      "11:55:00, 2 changes: switch, incident",
    ]);
    expect([...html.matchAll(/tabindex="(-?\d)"/gi)].map(([, stop]) => stop)).toEqual(["-1", "0"]);
    expect(html).toContain("<b>2</b>");
  });

  it("go as lines through everything that is drawn over the same time", () => {
    const html = render(createElement(TimePlot, { window: full, marks: "lines", children: "drawn" }));
    expect(html.match(/ch-change-line/g)).toHaveLength(2);
    expect(html).not.toContain("<button");
  });

  it("say so where there were more than are read", () => {
    const cut = render(createElement(TimeBar), "?w=1h", NOON - 12 * MIN);
    expect(cut).toContain("not every change before 11:48:00 is shown");
    expect(cut).toContain("3 changes or more");
    for (const whole of [render(createElement(TimeBar), "?w=1h"), render(createElement(TimeBar), "?w=1h", NOON - 20 * MIN)])
      expect(whole).not.toMatch(/not every change|or more/);
  });

  it("list who did what as text, with a link to look further", () => {
    const rows = changes.map((change) => render(createElement(ChangeRow, { change })));
    expect(rows[0]).toContain(", by ci (token)");
    expect(rows[1]).toContain("ada switched &lt;ads&gt; to off");
    expect(rows[1]).not.toContain(", by ada");
    expect(rows[1]).toContain('href="/switchboard?switch=ads"');
  });
});

describe("the strip of a breaker", () => {
  const opened = (id: number, at: number, type = "breaker.opened") => ({
    id,
    at,
    receivedAt: at,
    type,
    service: "orders",
    instance: "orders-1",
    resource: { kind: "breaker" as const, name: "payments" },
    actor: "agent",
    data: {},
  });
  const one = [{ instance: "orders-1", state: "open" as const }];
  const seen = { from: NOON - 30 * MIN, to: NOON - 20 * MIN };
  const states = (runs: ReturnType<typeof stripRuns>) => runs.map(({ from, to, state }) => [(from - NOON) / MIN, (to - NOON) / MIN, state]);

  it("tells of the past what was then, not what is now", () => {
    const strip = { events: [opened(1, NOON - 25 * MIN), opened(2, NOON - 10 * MIN, "breaker.half_opened")], cutAt: null, settled: true };
    expect(states(stripRuns("payments", one, { strip, seen, zoomed: true, now: NOON }))).toEqual([
      [-30, -25, "closed"],
      [-25, -20, "open"],
    ]);
    const later = { ...strip, events: [opened(3, NOON - 10 * MIN)] };
    expect(states(stripRuns("payments", one, { strip: later, seen, zoomed: true, now: NOON }))).toEqual([[-30, -20, "closed"]]);
  });

  it("is a gap where not everything was read", () => {
    const strip = { events: [], cutAt: null, settled: false };
    expect(states(stripRuns("payments", one, { strip, seen, zoomed: true, now: NOON }))).toEqual([[-30, -20, "gap"]]);
    const cut = { events: [opened(1, NOON - 22 * MIN)], cutAt: NOON - 23 * MIN, settled: true };
    expect(states(stripRuns("payments", one, { strip: cut, seen, zoomed: true, now: NOON }))[0]?.[0]).toBe(-23);
  });

  it("ends now while it is live", () => {
    const live = { from: NOON - 15 * MIN, to: NOON };
    const runs = stripRuns("payments", one, {
      strip: { events: [], cutAt: null, settled: true },
      seen: live,
      zoomed: false,
      now: NOON - 4_000,
    });
    expect(runs.at(-1)?.to).toBe(NOON - 4_000);
  });
});
