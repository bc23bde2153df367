/**
 * An incident of an hour with two hundred instances, 300 values each a second, played by the code of the browser in this process, without
 * drawing: how long it takes to show a random moment of the hour when all of it is loaded, and to go on by the second that a frame of 60x
 * stands for. A picture begins two minutes before its moment, because charts look back; `seekAndTiles` is a seek with two sparklines of every
 * instance, as the page of the fleet draws them. `rowsSeek` is the same moment from whole pages: decode the page, fold the row. Then what the console takes to give out a window of five minutes from pages of a minute in its store, and
 * from pages of an hour, of which each window is cut. Ten instances are simulated, each plays twenty.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFleet, foldFleet } from "../../core/fleet.ts";
import { decodePage } from "../../core/page.ts";
import type { FramedPage } from "../../core/replay-samples.ts";
import { columnIndex } from "../../protocol/kinds.ts";
import { REPLAY_WINDOW_MS, type RecordedInstance, type ReplayStory } from "../../protocol/replay-api.ts";
import { createLog } from "../../server/log.ts";
import { createCutThread } from "../../server/replay/cut-thread.ts";
import { readSamplePart } from "../../server/replay/sample-parts.ts";
import { openStore } from "../../server/store/open-store.ts";
import { ratePoints } from "../../ui/live/rates.ts";
import { Picture } from "../../ui/replay/picture.ts";
import { RecordedWindow } from "../../ui/replay/recorded-window.ts";
import { packNext, resources, rolledInstance, slots, type SimulatedPage } from "../support/rolled-workload.ts";
import { percentile, round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";
import { seededRandom } from "../support/workload.ts";

const INSTANCES = 200;
const SIMULATED = 10;
const HOUR_S = 3_600;
const SEEKS = 20;
const FRAMES = 240;
const WINDOWS = 12;
const START = 1_790_000_000_000;
/** Calls and rejections of a breaker. */
const TILE_SLOTS = [columnIndex("breaker", "calls"), columnIndex("breaker", "rejected")];
const environment = "production";
const keys = Array.from({ length: INSTANCES }, (_, i) => `orders/orders-${i}`);
const END = START + HOUR_S * 1_000;

/** The hour of each simulated instance in pages of so many seconds. */
function simulate(seconds: number): SimulatedPage[][] {
  return Array.from({ length: SIMULATED }, (_, seed) => {
    const instance = rolledInstance(seed);
    return Array.from({ length: HOUR_S / seconds }, (__, i) => packNext(instance, START, { second: i * seconds, seconds }));
  });
}

const described = (key: string): RecordedInstance => ({
  key,
  service: "orders",
  instance: key.slice(7),
  boot: "b",
  labels: {},
  connectedAt: START - 1_000,
  lastFrameAt: null,
  disconnectedAt: null,
  left: false,
  clockSkewMs: 0,
  policyRevision: 1,
  resources: resources.map(({ offset: _, ...resource }) => resource),
  switches: [],
});

function windowsOf(minutes: readonly (readonly SimulatedPage[])[]): RecordedWindow[] {
  const instances = keys.map(described);
  return Array.from({ length: WINDOWS }, (_, i) => {
    const from = START + i * REPLAY_WINDOW_MS;
    const to = from + REPLAY_WINDOW_MS;
    const told: ReplayStory = {
      environment,
      from,
      to,
      recordedFrom: START,
      revision: 1,
      instances,
      changes: [],
      events: [],
      eventsCut: false,
    };
    const framed = keys.flatMap((key, k): FramedPage[] =>
      (minutes[k % SIMULATED] ?? []).filter((page) => page.to >= from && page.from <= to).map(({ bytes }) => ({ key, boot: "b", bytes })),
    );
    return new RecordedWindow(told, framed);
  });
}

function timesOf(count: number, run: (turn: number) => void): number[] {
  const times: number[] = [];
  for (let turn = -3; turn < count; turn++) {
    const started = performance.now();
    run(turn);
    if (turn >= 0) times.push(performance.now() - started);
  }
  return times;
}

const timed = (times: readonly number[]) => ({ p50Ms: round(percentile(times, 50)), p95Ms: round(percentile(times, 95)) });

/** The values of every instance at a moment, and nothing else. */
function seekRows(minutes: readonly (readonly SimulatedPage[])[], at: number): void {
  const fleet = createFleet();
  const pairs = new Float64Array(slots * 2);
  for (const [k, key] of keys.entries()) {
    foldFleet(fleet, { type: "described", instance: { ...described(key), row: [] } });
    const page = minutes[k % SIMULATED]?.find(({ to }) => to >= at);
    if (!page) throw new Error("the moment is not in the hour");
    const decoded = decodePage(page.bytes);
    let index = decoded.times.length - 1;
    while (index > 0 && (decoded.times[index] as number) > at) index--;
    decoded.columns.forEach(({ resource, column, values }, i) => {
      const place = resources.find(({ kind, name }) => kind === resource.kind && name === resource.name);
      pairs[i * 2] = (place?.offset ?? 0) + columnIndex(resource.kind, column);
      pairs[i * 2 + 1] = values[index] as number;
    });
    foldFleet(fleet, { type: "sampled", key, at, slots: pairs.subarray(0, decoded.columns.length * 2) });
  }
  if (fleet.instances.size !== INSTANCES) throw new Error("somebody is missing");
}

/** Every part of random windows of the hour, from a store. */
async function serve(pages: readonly (readonly SimulatedPage[])[], windows: number) {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const log = createLog("error");
  const { store } = await openStore({ dataDir, log });
  const cutter = createCutThread();
  try {
    for (const [k, key] of keys.entries()) {
      const own = { environment, service: "orders", instance: key.slice(7), boot: "b" };
      await store.putPages((pages[k % SIMULATED] ?? []).map((page) => ({ ...own, ...page })));
    }
    const times: number[] = [];
    let bytes = 0;
    for (let turn = 0; turn < windows; turn++) {
      const from = START + ((turn * 5) % WINDOWS) * REPLAY_WINDOW_MS;
      const query = { environment, from, to: from + REPLAY_WINDOW_MS };
      const started = performance.now();
      let cursor: string | null = null;
      do {
        const part: Awaited<ReturnType<typeof readSamplePart>> = await readSamplePart(
          { store, held: () => [], log, cutter },
          { ...query, ...(cursor === null ? {} : { cursor }) },
        );
        bytes += part.pages.reduce((sum, page) => sum + page.bytes.length, 0);
        cursor = part.nextCursor;
      } while (cursor !== null);
      times.push(performance.now() - started);
    }
    return { ms: round(percentile(times, 50)), kilobytes: Math.round(bytes / windows / 1_024) };
  } finally {
    await cutter.close();
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export async function run(): Promise<SuiteResult> {
  const minutes = simulate(60);
  const windows = windowsOf(minutes);
  const picture = new Picture({ environment, schedule: () => undefined });
  const random = seededRandom(7);
  const moment = (): number => START + 130_000 + Math.floor(random() * (HOUR_S * 1_000 - 130_000));
  const rowsSeek = timesOf(SEEKS, () => seekRows(minutes, moment()));
  const seek = timesOf(SEEKS, () => picture.show(windows, moment()));
  if (picture.store.fleet.instances.size !== INSTANCES) throw new Error("the picture is not what is to be measured");
  const seekAndTiles = timesOf(SEEKS, () => {
    picture.show(windows, moment());
    for (const key of keys) {
      const { samples } = picture.store.ring(key);
      if (TILE_SLOTS.some((slot) => ratePoints(samples, slot).length < 30)) throw new Error("a sparkline is too short");
    }
  });
  picture.show(windows, START + 600_000);
  const frame = timesOf(FRAMES, () => picture.advance(windows, Math.min(END, picture.at + 1_000)));
  return {
    suite: "replay",
    figures: {
      seekMs: timed(seek).p50Ms,
      frameMs60x: timed(frame).p50Ms,
      seek: timed(seek),
      frame60x: timed(frame),
      seekAndTiles: timed(seekAndTiles),
      rowsSeek: timed(rowsSeek),
      windowOfMinutes: await serve(minutes, 4),
      windowOfHours: await serve(simulate(HOUR_S), 2),
    },
    ratios: {},
  };
}
