/** One time axis: looking closer, the crosshair by key, live windows, and the marks of changes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { changeMarks, changesOf, MARK_PX, markWords, type Change } from "../../../ui/charts/changes.ts";
import { Crosshair, steered, type Steered } from "../../../ui/charts/crosshair.ts";
import { asOf, cellReadout, goldenReadout } from "../../../ui/charts/golden-series.ts";
import { clipRuns } from "../../../ui/charts/state-runs.ts";
import {
  brushed,
  closer,
  fittingStep,
  LEAST_SPAN_MS,
  LIVE_WINDOWS,
  liveSpan,
  momentAt,
  onSteps,
  zoomOf,
  ZoomStack,
  type TimeSpan,
} from "../../../ui/charts/time-window.ts";
import { formatSpan } from "../../../ui/charts/format.ts";

const full = { from: 0, to: 600_000 };
const moment = fc.integer({ min: -100_000, max: 700_000 });

describe("zooming", () => {
  it("stays inside what there is, and never below five seconds, however it is brushed and narrowed", () => {
    fc.assert(
      fc.property(moment, moment, fc.array(moment, { maxLength: 12 }), (a, b, arounds) => {
        let seen = brushed(a, b, { seen: full, full }) ?? full;
        for (const around of arounds) seen = closer(seen, around) ?? seen;
        expect(seen.from).toBeGreaterThanOrEqual(full.from);
        expect(seen.to).toBeLessThanOrEqual(full.to);
        expect(seen.to - seen.from).toBeGreaterThanOrEqual(LEAST_SPAN_MS - 1);
      }),
    );
  });

  it("stays inside also where half of it is no whole number", () => {
    expect(closer({ from: 3, to: 600_000 }, 450_001)).toEqual({ from: 300_002, to: 600_000 });
  });

  it("halves around the crosshair, and takes a tiny brush for a click", () => {
    expect(closer(full, 100_000)).toEqual({ from: 0, to: 300_000 });
    expect(closer(full, 400_000)).toEqual({ from: 250_000, to: 550_000 });
    expect(closer({ from: 0, to: LEAST_SPAN_MS }, null)).toBeNull();
    expect(brushed(1_000, 2_000, { seen: full, full })).toBeNull();
    expect(brushed(300_000, 200_000, { seen: full, full })).toEqual({ from: 200_000, to: 300_000 });
    expect([momentAt(-1, full), momentAt(0.5, full), momentAt(2, full)]).toEqual([0, 300_000, 600_000]);
  });

  it("takes of a link's zoom what there is, and nothing of another time", () => {
    expect(zoomOf({ from: -50, to: 1_000 }, full)).toEqual({ from: 0, to: 1_000 });
    const elsewhere = [null, { from: 700_000, to: 800_000 }, { from: -1, to: 900_000 }];
    expect(elsewhere.map((zoom) => zoomOf(zoom, full))).toEqual([null, null, null]);
  });

  it("is undone step by step, in the order in which it was done, and ends with all of it", () => {
    const views = fc.array(fc.option(fc.record({ from: moment, to: moment })), { maxLength: 40 });
    fc.assert(
      fc.property(views, (seen) => {
        const stack = new ZoomStack();
        for (const view of seen) stack.keep(view);
        expect(seen.map(() => stack.undo())).toEqual([...seen].reverse());
        expect(stack.undo()).toBeNull();
      }),
    );
  });
});

describe("a live window", () => {
  it("ends at most one step after now, stands still within a step, and has at most 150 points", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(LIVE_WINDOWS)), fc.integer({ min: 1e12, max: 2e12 }), (windowMs, now) => {
        const step = fittingStep(windowMs);
        const span = liveSpan(windowMs, now);
        expect(span.to - span.from).toBe(windowMs);
        expect(windowMs / step).toBeLessThanOrEqual(150);
        expect(span.to).toBeGreaterThanOrEqual(now);
        expect(span.to - now).toBeLessThan(step);
        expect(liveSpan(windowMs, span.to)).toEqual(span);
      }),
    );
    expect(Object.values(LIVE_WINDOWS).map(fittingStep)).toEqual([10_000, 30_000, 180_000, 600_000]);
  });

  it("has a step for any stretch, and whole steps that enclose it", () => {
    const spans = fc.tuple(fc.integer({ min: 1e12, max: 2e12 }), fc.integer({ min: LEAST_SPAN_MS, max: 400 * 86_400_000 }));
    fc.assert(
      fc.property(spans, ([from, length]) => {
        const step = fittingStep(length);
        const whole = onSteps({ from, to: from + length }, step);
        expect(length / step).toBeLessThanOrEqual(150);
        expect([whole.from % step, whole.to % step]).toEqual([0, 0]);
        expect(whole.from <= from && whole.to >= from + length).toBe(true);
      }),
    );
  });
});

describe("the crosshair", () => {
  it("is under the pointer, else where it was put, and tells only of changes", () => {
    const crosshair = new Crosshair();
    let told = 0;
    const stop = crosshair.subscribe(() => told++);
    crosshair.choose(7);
    crosshair.hover(9);
    crosshair.hover(9);
    expect([crosshair.at, told]).toEqual([9, 2]);
    crosshair.hover(null);
    stop();
    crosshair.choose(null);
    expect([crosshair.at, told]).toEqual([null, 3]);
  });

  const within = { seen: { from: 100_000, to: 200_000 }, full, from: 200_000 };
  const press = (key: string, so: Steered = { chosen: null, brush: null }, shiftKey = false) => steered({ key, shiftKey }, so, within);

  it("moves by key, marks a stretch with Shift, and lets go with Escape", () => {
    expect(press("ArrowLeft")).toEqual({ chosen: 199_000, brush: null });
    expect(press("PageUp", { chosen: 120_000, brush: null })).toEqual({ chosen: 130_000, brush: null });
    const marked = press("End", { chosen: 120_000, brush: null }, true);
    expect(marked).toEqual({ chosen: 200_000, brush: { start: 120_000, end: 200_000 } });
    expect(press("ArrowLeft", marked ?? undefined, true)?.brush).toEqual({ start: 120_000, end: 199_000 });
    expect(press("ArrowLeft", marked ?? undefined)?.brush).toBeNull();
    expect(press("Escape", marked ?? undefined)).toEqual({ chosen: null, brush: null });
    expect([press("Escape"), press("x"), press("toString")]).toEqual([null, null, null]);
  });

  it("never leaves what there is, whatever is pressed", () => {
    const keys = fc.constantFrom("ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End");
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.boolean()), { maxLength: 60 }), (pressed) => {
        let so: Steered = { chosen: null, brush: null };
        for (const [key, shift] of pressed) so = press(key, so, shift) ?? so;
        const inside = (at: number | null | undefined): boolean => at === null || at === undefined || (at >= full.from && at <= full.to);
        expect([so.chosen, so.brush?.start, so.brush?.end].every(inside)).toBe(true);
        expect(so.brush === null || so.brush.end === so.chosen).toBe(true);
      }),
    );
  });
});

const change = (at: number, kind: Change["kind"] = "flip"): Change => ({
  key: `${kind}${String(at)}`,
  at,
  kind,
  text: "t",
  who: "ada",
  link: null,
});

describe("marks of changes", () => {
  it("hold every change of the window once, each far enough from the next to be hit", () => {
    const times = fc.array(moment, { maxLength: 60 }).map((all) => [...new Set(all)].sort((a, b) => a - b));
    fc.assert(
      fc.property(times, fc.integer({ min: 50, max: 2_000 }), (all, widthPx) => {
        const marks = changeMarks(
          all.map((at) => change(at)),
          full,
          widthPx,
        );
        expect(marks.flatMap(({ changes }) => changes.map(({ at }) => at))).toEqual(all.filter((at) => at >= full.from && at <= full.to));
        marks.slice(1).forEach(({ left }, i) => expect((left - (marks[i]?.left ?? 0)) * widthPx).toBeGreaterThanOrEqual(MARK_PX - 0.001));
      }),
    );
  });

  it("say how many they are and of which kinds, and a word only where there is room for it", () => {
    const marks = changeMarks([change(0), change(1_000, "deploy"), change(2_000), change(300_000, "drill"), change(360_000)], full, 600);
    expect(marks.map(markWords)).toEqual(["3 changes: switch, deploy", "drill", "switch"]);
    expect(marks.map(({ roomy }) => roomy)).toEqual([true, false, true]);
  });

  const event = (id: number, type: string, service: string | null = null, data: LoggedEvent["data"] = {}): LoggedEvent => ({
    id,
    at: id * 1_000,
    receivedAt: id * 1_000,
    type,
    service,
    instance: null,
    resource: null,
    actor: "user:ada",
    data,
  });

  it("are of switches, policy, deployments, drills and incidents, of this service or of everybody", () => {
    const events = [
      event(9, "incident.opened", "payments", { number: 4, severity: 2 }),
      event(1, "flip.created", null, { switch: "ads", position: "off" }),
      event(1, "flip.created", null, { switch: "ads", position: "off" }),
      event(2, "breaker.opened", "orders"),
      event(3, "deploy", "orders", { version: "4" }),
      event(4, "deploy", "payments"),
      event(5, "override.set", "orders"),
      event(6, "fault.set", "orders"),
      event(7, "incident.noted", "orders"),
    ];
    const changes = changesOf(events, ["orders"]);
    expect(changes.map(({ at, kind }) => `${String(at / 1_000)} ${kind}`)).toEqual([
      "1 flip",
      "3 deploy",
      "5 policy",
      "6 drill",
      "9 incident",
    ]);
    expect(changes[0]).toMatchObject({ who: "ada", link: { href: "/switchboard?switch=ads" } });
    expect(changes.at(-1)?.link?.href).toBe("/incidents/4");
  });
});

describe("what is drawn at a moment", () => {
  it("is said of the step that the moment lies in", () => {
    const points = [10, 20, 30].map((at, i) => ({ at, requests: i === 1 ? null : i, errors: null, p99: null, saturation: null }));
    const words = goldenReadout(points, "requests", (value) => `${String(value)}/s`);
    expect([1, 10, 11, 25, 31].map(words)).toEqual(["0/s", "0/s", "not heard", "2/s", null]);
    const cells = cellReadout(
      [
        [1, null],
        [3, 4],
      ],
      { from: 0, to: 20, stepMs: 10 },
    );
    expect([0, 5, 15].map(cells)).toEqual([null, "1 / 3", "– / 4"]);
  });

  it("is nothing of what came after the moment of the picture", () => {
    const series = [
      {
        instance: "i",
        resource: "r",
        kind: "server" as const,
        column: "requests",
        points: [5, 10, 15].map((at): [number, number, number] => [at, 1, 1]),
      },
    ];
    expect(asOf(series, 10)[0]?.points.map(([at]) => at)).toEqual([5, 10]);
  });

  it("is cut to the window without changing what a run is", () => {
    const runs = [
      { from: 0, to: 10, state: "closed" as const },
      { from: 10, to: 30, state: "open" as const },
    ];
    expect(clipRuns(runs, { from: 12, to: 20 })).toEqual([{ from: 12, to: 20, state: "open" }]);
  });

  it("says the day as soon as it is not today", () => {
    const at = (hour: number, day = 5): number => new Date(2026, 0, day, hour, 2).getTime();
    const span: TimeSpan = { from: at(15), to: at(15) + 420_000 };
    expect(formatSpan(span, at(16))).toBe("15:02:00 to 15:09:00");
    expect(formatSpan({ from: at(9), to: at(12) }, at(16))).toBe("09:02 to 12:02");
    expect(formatSpan({ from: at(9), to: at(12) }, at(16, 6))).toBe("2026-01-05 09:02 to 12:02");
    expect(formatSpan({ from: at(9), to: at(12, 6) }, at(16, 6))).toBe("2026-01-05 09:02 to 2026-01-06 12:02");
  });
});
