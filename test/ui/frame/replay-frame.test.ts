/** The frame of a replay as it is drawn at a moment, and what its keys and buttons make of the player. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { TimeControl } from "../../../ui/frame/time-control.tsx";
import { TimeScrubber } from "../../../ui/frame/time-scrubber.tsx";
import { leadsElsewhere } from "../../../ui/frame/leads-elsewhere.ts";
import { pressLoop } from "../../../ui/frame/loop-press.ts";
import { replayKeyActs } from "../../../ui/frame/replay-key-acts.ts";
import { isOfNow } from "../../../ui/frame/replay-main.tsx";
import { isToBeWritten } from "../../../ui/frame/replay-url.tsx";
import { bindings } from "../../../ui/keys/key-map.ts";
import { KeyReader } from "../../../ui/keys/key-reader.ts";
import { LiveContext } from "../../../ui/live/live-provider.tsx";
import { LiveStore } from "../../../ui/live/live-store.ts";
import { ReplayContext } from "../../../ui/replay/replay-provider.tsx";
import { EDGE_MS, ReplayStore } from "../../../ui/replay/replay-store.ts";
import { windowStart } from "../../../ui/replay/replay-window.ts";
import { isTransition, landings } from "../../../ui/replay/transitions.ts";
import { RecordedWorld } from "../replay/recorded-world.ts";

const START = windowStart(5_000_000);
const world = new RecordedWorld({ seed: 7, from: START, seconds: 900 });
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A player, and a keyboard whose strokes reach it as they do in the console. */
function frame() {
  const acted: string[] = [];
  const replay = new ReplayStore({
    environment: "production",
    source: world.source(),
    liveNow: () => world.to + EDGE_MS,
    clock: () => 0,
    every: () => () => undefined,
    schedule: () => undefined,
  });
  const act = (name: string): void => {
    acted.push(name);
    if (name === "live") replay.goLive();
  };
  const reader = new KeyReader(bindings);
  const acts: Readonly<Record<string, () => boolean>> = replayKeyActs(replay, act);
  const press = async (key: string): Promise<boolean | null> => {
    const read = reader.read({ key, mod: false, alt: false, repeat: false, taken: false, at: 0 });
    const taken = read === null || read === "waiting" ? null : (acts[read.action]?.() ?? null);
    for (let i = 0; i < 5; i++) await settle();
    return taken;
  };
  return { replay, press, acted };
}

function draw(replay: ReplayStore, what: ReactNode): string {
  const live = new LiveStore({ schedule: () => undefined, clock: () => world.to, environment: "production" });
  live.receive({ t: "beat", now: world.to });
  const inside = createElement(LiveContext, { value: live }, createElement(ReplayContext, { value: replay }, what));
  return renderToStaticMarkup(createElement(QueryClientProvider, { client: new QueryClient() }, inside)).replaceAll("<!-- -->", "");
}

const attribute = (html: string, name: string): string =>
  new RegExp(` ${name}="([^"]*)"`).exec(html.slice(html.indexOf("<input")))?.[1] ?? "";

describe("the keys of time", () => {
  it("step from transition to transition, both ways, and begin a replay by themselves", async () => {
    const { replay, press } = frame();
    const times = world.events.filter(({ type }) => isTransition(type)).map(({ at }) => at);
    const places = landings(times).filter((at) => at <= replay.edge());
    expect(await press("]")).toBe(false);
    expect(replay.view.phase).toBe("live");
    expect(await press("[")).toBe(true);
    expect(replay.view).toMatchObject({ phase: "shown", at: places.at(-1) });
    await press("[");
    expect(replay.view.at).toBe(places.at(-2));
    await press("]");
    expect(replay.view.at).toBe(places.at(-1));
  });

  it("go second by second, play slower and faster within what there is, and lead back to live", async () => {
    const { replay, press, acted } = frame();
    for (const key of [".", ">", "<"]) expect(await press(key), key).toBe(false);
    await press(",");
    const { at } = replay.view;
    expect(at).toBe(replay.edge() - 1000);
    await press(",");
    await press(".");
    expect(replay.view.at).toBe(at);
    const speeds: number[] = [];
    for (const key of ["<", ">", ">", "<"]) {
      await press(key);
      speeds.push(replay.view.speed);
    }
    expect(speeds).toEqual([1, 2, 5, 2]);
    await press("w");
    await press("l");
    expect(acted).toEqual(["what-changed", "live"]);
    expect(replay.view.phase).toBe("live");
  });
});

describe("the scrubber", () => {
  it("is a slider of seconds that says its moment in words, and whose stretch holds it", async () => {
    const { replay } = frame();
    replay.seek(START + 400_400);
    await settle();
    const html = draw(replay, createElement(TimeScrubber, { span: 3_600_000 }));
    const [from, to, value] = ["min", "max", "value"].map((name) => Number(attribute(html, name)));
    expect(value).toBe(START + 400_000);
    expect([(to ?? 0) - (from ?? 0), attribute(html, "step"), attribute(html, "type")]).toEqual([3_600_000, "1000", "range"]);
    expect((from ?? 0) < (value ?? 0) && (value ?? 0) < (to ?? 0)).toBe(true);
    expect(attribute(html, "aria-label")).toBe("Moment");
    expect(attribute(html, "aria-valuetext")).toMatch(/\d{2}:\d{2}:\d{2}/);
    expect(html).not.toContain("rp-loop");
  });

  it("shows the stretch that is gone round", async () => {
    const { replay } = frame();
    replay.seek(START + 400_000);
    await settle();
    replay.setLoop({ from: START + 300_000, to: START + 500_000 });
    const html = draw(replay, createElement(TimeScrubber, { span: 3_600_000 }));
    expect(Number(/width="([\d.]+)"[^>]*class="rp-loop"/.exec(html)?.[1])).toBeCloseTo(1000 / 18, 1);
  });
});

it("the button of the loop takes its two ends in any order, and then takes the loop away", () => {
  const begun = pressLoop({ loop: null, start: null }, 9_000);
  expect(begun).toEqual({ loop: null, start: 9_000 });
  const round = pressLoop(begun, 4_000);
  expect(round).toEqual({ loop: { from: 4_000, to: 9_000 }, start: null });
  expect(pressLoop(round, 5_000)).toEqual({ loop: null, start: null });
});

it("the time control says REPLAY and the way back while a moment is shown, and nothing of it otherwise", async () => {
  const { replay } = frame();
  // A page of the server knows of no connection yet.
  const live = draw(replay, createElement(TimeControl));
  expect(live).toContain("Connecting");
  expect(live).not.toContain("REPLAY");
  replay.seek(START + 400_000);
  await settle();
  const past = draw(replay, createElement(TimeControl));
  expect(past).toContain("REPLAY");
  expect(past).toMatch(/Back to .*live/);
  expect(past).not.toMatch(/>LIVE/);
});

it("incidents replay; what has no past or a time of its own does not", () => {
  for (const path of ["/", "/incidents", "/incidents/214", "/switchboard"]) expect(isOfNow(path), path).toBe(false);
  for (const path of ["/incidents/rules", "/incidents/accounting", "/audit", "/settings/health"]) expect(isOfNow(path), path).toBe(true);
});

describe("the address", () => {
  it("is written when the moment rests, never while a page is on its way, which a written address would end", () => {
    const rested = { at: 5_000, named: 4_000, playing: false, underWay: false };
    expect(isToBeWritten(rested)).toBe(true);
    expect(isToBeWritten({ ...rested, underWay: true })).toBe(false);
    expect(isToBeWritten({ ...rested, at: null, underWay: true })).toBe(false);
    expect(isToBeWritten({ ...rested, playing: true })).toBe(false);
    expect(isToBeWritten({ ...rested, playing: true, named: null })).toBe(true);
    expect(isToBeWritten({ ...rested, at: 4_000 })).toBe(false);
  });

  it("waits for plain clicks on links to other pages of this console, and for no others", () => {
    const here = "https://console.test/services?at=2026-01-05T12:00:00Z";
    const click = { button: 0, metaKey: false, ctrlKey: false, shiftKey: false, altKey: false };
    const link = { href: "https://console.test/map", target: "" };
    expect(leadsElsewhere(link, click, here)).toBe(true);
    expect(leadsElsewhere({ ...link, href: "https://console.test/services?tab=x" }, click, here)).toBe(false);
    expect(leadsElsewhere({ ...link, href: "https://elsewhere.test/map" }, click, here)).toBe(false);
    expect(leadsElsewhere({ ...link, target: "_blank" }, click, here)).toBe(false);
    for (const held of ["metaKey", "ctrlKey", "shiftKey", "altKey"])
      expect(leadsElsewhere(link, { ...click, [held]: true }, here)).toBe(false);
    expect(leadsElsewhere(link, { ...click, button: 1 }, here)).toBe(false);
  });
});
