/**
 * Questions about the past over HTTP, to the last byte of the packed answer, to a bundled console on an embedded database that nothing else uses: one series of an hour at a second; a
 * hundred of a day at a minute, of which the hour that runs is made of samples on the spot; thirty days of one column of a service with
 * ten instances; the hundred series once more without HTTP and its megabytes of JSON; a page of a timeline of ten million events,
 * at random places. HOLDFAST_BENCH_EVENTS: another number of them.
 */
import { execFileSync, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { floorTo, HOUR_MS, MINUTE_MS, spanOf, type RollupTierMs } from "../../core/tiers.ts";
import { rollHour } from "../../server/history/roll-hour.ts";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { databasePath } from "../../server/store/sqlite/open-sqlite.ts";
import type { Store } from "../../server/store/store.ts";
import type { Lease, RollupRow } from "../../server/store/tier-store.ts";
import { bundle } from "../support/bundle.ts";
import { bundleConsole, startBundledConsole } from "../support/bundled-console.ts";
import { fillEvents } from "../support/many-events.ts";
import { packNext, resources, rolledInstance } from "../support/rolled-workload.ts";
import { seededRandom } from "../support/workload.ts";
import { percentile, round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";

const BOOTSTRAP = "bench-bootstrap-token-of-more-than-32-characters";
const INSTANCES = 10;
const SERVICE = { environment: "production", service: "orders" };
const EVENTS = Number(process.env["HOLDFAST_BENCH_EVENTS"] ?? 10_000_000);
/** A console is asked all day: what is measured is one that has been asked before, and has done what it does after a start. */
const WARM = 500;
const TIMES = 300;
const SETTLE_MS = 10_000;
const DAY_MS = 24 * HOUR_MS;
/** The breakers, ten of fifty resources. */
const [breaker] = resources;

const instances = Array.from({ length: INSTANCES }, (_, i) => `orders-${i}`);

/** Half an hour into an hour: as much of it is made of samples as in the middle of any. */
async function fillSamples(store: Store, now: number): Promise<void> {
  const from = floorTo(now, HOUR_MS) - HOUR_MS;
  for (const [seed, instance] of instances.entries()) {
    const simulated = rolledInstance(seed);
    for (let second = 0; from + second * 1000 < now - 60_000; second += 60)
      await store.putPages([{ ...SERVICE, instance, boot: "b", ...packNext(simulated, from, { second, seconds: 60 }) }]);
  }
}

/** One span of each tier from real rollups, repeated over time and instances: queries read as many pages of the same size. */
async function fillRollups(store: Store, now: number): Promise<void> {
  const lease = (await store.takeLease("bench", "bench", 3_600_000)) as Lease;
  const simulated = rolledInstance(99);
  const spans = new Map<RollupTierMs, readonly RollupRow[]>();
  const start = floorTo(now - 60 * DAY_MS, spanOf(HOUR_MS));
  let rows: readonly RollupRow[] = [];
  for (let hour = 0; hour < 96; hour++) {
    const from = start + hour * HOUR_MS;
    const pages = Array.from({ length: 60 }, (_, i) => ({
      id: i,
      ...SERVICE,
      instance: "x",
      boot: "b",
      ...packNext(simulated, start, { second: hour * 3600 + i * 60, seconds: 60 }),
    }));
    const existing = rows.filter((row) => row.from === floorTo(from, spanOf(row.tierMs)));
    rows = (await rollHour({ hour: { ...SERVICE, instance: "x", from }, pages, rows: existing, gone: false })).rows;
    if (hour === 3)
      spans.set(
        MINUTE_MS,
        rows.filter(({ tierMs }) => tierMs === MINUTE_MS),
      );
  }
  spans.set(
    HOUR_MS,
    rows.filter(({ tierMs }) => tierMs === HOUR_MS),
  );
  const write = async (tierMs: RollupTierMs, since: number): Promise<void> => {
    for (let from = floorTo(since, spanOf(tierMs)); from < now; from += spanOf(tierMs))
      for (const instance of instances)
        await store.saveRolledHour(lease, {
          due: { ...SERVICE, instance, from: 0, changes: 0 },
          rows: (spans.get(tierMs) ?? []).map((row) => ({ ...row, instance, from })),
          replaced: [],
          compacted: [],
          events: [],
          progress: { job: "bench", state: {} },
        });
  };
  await write(MINUTE_MS, now - 2 * DAY_MS);
  await write(HOUR_MS, now - 31 * DAY_MS);
}

interface Timed {
  readonly [name: string]: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const timed = ({ times }: { readonly times: readonly number[] }): Timed => ({
  p50Ms: round(percentile(times, 50)),
  p95Ms: round(percentile(times, 95)),
});

interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks as scripts do, with a token of their own. */
async function enter(url: string): Promise<Target> {
  const response = await fetch(`${url}/api/v1/api-tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${BOOTSTRAP}`, "content-type": "application/json", "idempotency-key": randomUUID() },
    body: JSON.stringify({ name: "bench", role: "viewer", expiresInSeconds: null }),
  });
  if (!response.ok) throw new Error(await response.text());
  const { token } = (await response.json()) as { readonly token: string };
  return { url, headers: { authorization: `Bearer ${token}` } };
}

const connection = new Agent({ keepAlive: true, maxSockets: 1 });

/** The packed answer, read to its last byte over a connection that stays open. */
async function read(url: string, headers: Target["headers"]): Promise<() => string> {
  const asked = get(url, { agent: connection, headers: { ...headers, "accept-encoding": "gzip" } });
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (response.statusCode !== 200) throw new Error(body.toString());
  return () => (response.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString();
}

async function ask(
  { url, headers }: Target,
  path: (turn: number) => string,
): Promise<{ readonly times: readonly number[]; readonly last: string }> {
  const times: number[] = [];
  let last = (): string => "";
  for (let turn = -WARM; turn < TIMES; turn++) {
    const started = performance.now();
    last = await read(`${url}${path(turn)}`, headers);
    if (turn >= 0) times.push(performance.now() - started);
  }
  return { times, last: last() };
}

const query = (values: Record<string, string | number>): string =>
  `/api/v1/series?${new URLSearchParams(Object.entries(values).map(([key, value]) => [key, String(value)])).toString()}`;

async function inProcess(dataDir: string, worker: URL, now: number): Promise<Timed> {
  const made = await bundle({ "query-host": "bench/support/query-host.ts" });
  const child = fork(made["query-host"]);
  const query = { environment: "production", service: "orders", columns: ["calls"], from: now - DAY_MS, to: now, stepMs: MINUTE_MS };
  child.send({ dataDir, worker: fileURLToPath(worker), query });
  const [times] = (await once(child, "message")) as [number[]];
  child.kill();
  return timed({ times });
}

export async function run(): Promise<SuiteResult> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  try {
    const { worker } = await bundleConsole();
    const now = Date.now();
    const { store } = await openStore({ dataDir, log: createLog("error"), workerUrl: worker });
    await fillRollups(store, now);
    await fillSamples(store, now);
    await store.close();
    await fillEvents(databasePath(dataDir), { count: EVENTS, now });
    // Gigabytes that are still on their way to the disk would be measured too.
    execFileSync("sync");
    const overHttp = await measureHttp(dataDir, now);
    return {
      suite: "query",
      figures: {
        ...overHttp,
        hundredSeriesDayInProcess: await inProcess(dataDir, worker, now),
        events: EVENTS,
        minutesOfSamples: Math.round((now - floorTo(now, HOUR_MS)) / MINUTE_MS),
      },
      ratios: {},
    };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measureHttp(dataDir: string, now: number): Promise<Record<string, Timed>> {
  const host = await startBundledConsole({ HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP, HOLDFAST_DATA: dataDir });
  try {
    const target = await enter(host.url);
    for (let due = 1; due > 0; await new Promise((resolve) => setTimeout(resolve, 250)))
      ({ hoursDue: due } = (await (await fetch(`${host.url}/api/v1/history/jobs`, target)).json()) as { hoursDue: number });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const one = { service: "orders", columns: "calls", resource: breaker?.name ?? "" };
    const oneSeriesHour = await ask(target, (turn) =>
      query({ ...one, instance: `orders/orders-${(turn + WARM) % INSTANCES}`, from: now - HOUR_MS, to: now, step: 1000 }),
    );
    const hundredSeriesDay = await ask(target, () =>
      query({ service: "orders", columns: "calls", from: now - DAY_MS, to: now, step: MINUTE_MS }),
    );
    const serviceMonth = await ask(target, () => query({ ...one, from: now - 30 * DAY_MS, to: now, step: HOUR_MS }));
    const random = seededRandom(5);
    const timelineTenMillion = await ask(target, () => `/api/v1/events?limit=100&until=${now - Math.floor(random() * EVENTS) * 1000}`);
    const answer = JSON.parse(hundredSeriesDay.last) as { series: unknown[]; tier: string; truncated: boolean };
    if (answer.series.length !== 100 || answer.tier !== "1m" || answer.truncated)
      throw new Error("the answer is not what is to be measured");
    return {
      oneSeriesHour: timed(oneSeriesHour),
      hundredSeriesDay: timed(hundredSeriesDay),
      serviceMonth: timed(serviceMonth),
      [EVENTS === 10_000_000 ? "timelineTenMillion" : "timeline"]: timed(timelineTenMillion),
    };
  } finally {
    await host.dispose();
  }
}
