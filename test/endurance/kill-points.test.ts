/**
 * kill -9 at named points: a process that works on the real store kills itself inside a transaction, or between its commit and the answer,
 * and another goes on where it was. HOLDFAST_KILLS sets how often at each point (50 before a release).
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KillPoint, Place, Work } from "../support/kill-point.ts";
import { bundleChild } from "../support/bundle-child.ts";
import { checkEvents, checkHistory } from "../support/kill-point-checks.ts";
import { checkStory } from "../support/kill-point-story-checks.ts";
import { copyOf, openPlaces, type Places, type Row } from "../support/kill-point-places.ts";
import { positions, runChild, type Ended } from "../support/kill-point-runs.ts";
import { traced } from "../support/strace.ts";

const KILLS = Number(process.env["HOLDFAST_KILLS"] ?? 1);
const TIMEOUT = 30_000 + KILLS * 15_000;
const AGENTS = 4;

let child: string;
beforeAll(async () => {
  child = await bundleChild("test/support/kill-point-child.ts");
});

/** The point of each kill: method and place vary, so that every one of them comes up in many. */
const points = (methods: readonly KillPoint["method"][], after: readonly KillPoint["after"][], most: number): KillPoint[] =>
  Array.from({ length: KILLS }, (_, kill) => ({
    method: methods[kill % methods.length] as KillPoint["method"],
    transaction: 1 + (Math.floor(kill / methods.length) % most),
    after: after[kill % after.length] as KillPoint["after"],
  }));

interface Start {
  readonly start: number;
  readonly kill: KillPoint | null;
  readonly acked: readonly number[];
}

/**
 * One start for each kill, null for one that is left alone, then one that ends. After a kill inside a transaction the store has exactly what was
 * acknowledged; after one behind a commit it has more.
 */
async function killEach(
  kills: readonly (KillPoint | null)[],
  agents: number,
  workOf: (start: Start) => Work,
): Promise<{ starts: number; acked: number[]; unsure: { from: number; to: number }[]; lines: string[] }> {
  let acked = new Array<number>(agents).fill(0);
  const unsure: { from: number; to: number }[] = [];
  const lines: string[] = [];
  const starts = [...kills, null];
  for (const [start, kill] of starts.entries()) {
    const ended = await runChild(child, workOf({ start, kill, acked }));
    lines.push(...ended.lines);
    const stored = positions(ended, "stored", acked);
    const before = starts[start - 1];
    if (before?.method === "appendAgentEvents" || before?.method === "putPages") {
      if (before.after === "committed") expect(stored.some((seq, i) => seq > (acked[i] ?? 0))).toBe(true);
      else expect(stored).toEqual(acked);
    }
    stored.forEach((to, i) => unsure.push({ from: (acked[i] ?? 0) + 1, to }));
    acked = positions(ended, "ack", acked);
    expect(outcome(ended)).toEqual(kill ? { signal: "SIGKILL", code: null, done: false } : { signal: null, code: 0, done: true });
  }
  return { starts: starts.length, acked, unsure, lines };
}

const outcome = ({ signal, code, lines, errors }: Ended) => ({
  signal,
  code,
  done: lines.includes("done"),
  ...(errors === "" ? {} : { errors }),
});

describe.each(["sqlite", "postgresql"] as const)("a process that is killed while it writes to %s", (provider) => {
  let places: Places;
  beforeAll(async () => {
    places = await openPlaces(provider);
  });
  afterAll(() => places.stop());

  const eventKills = async (after: readonly KillPoint["after"][]): Promise<void> => {
    const place = await places.create();
    // Enough for a killed process never to come to the end.
    const until = (start: number): number => 120 + start * 60;
    const { starts, acked } = await killEach(points(["appendAgentEvents"], after, 7), AGENTS, ({ start, ...rest }) => ({
      role: "events",
      place,
      until: until(start),
      ...rest,
    }));
    expect(acked).toEqual(new Array(AGENTS).fill(until(starts - 1)));
    await checkEvents(place, acked);
  };
  it("before the commit of events", { timeout: TIMEOUT }, () => eventKills(["written", 1]));
  it("after the commit of events, before the acknowledgement", { timeout: TIMEOUT }, () => eventKills(["committed"]));

  const historyKills = async (kills: readonly (KillPoint | null)[], stepHours: number): Promise<void> => {
    const place = await places.create();
    const { starts, unsure } = await killEach(kills, 2, (start) => ({ role: "history", place, stepHours, ...start }));
    await checkHistory(place, { starts, stepHours, unsure });
  };
  it("before the commit of pages of samples", { timeout: TIMEOUT }, () => historyKills(points(["putPages"], ["written", 1], 5), 1));
  it("after the commit of pages of samples, before the acknowledgement", { timeout: TIMEOUT }, () =>
    historyKills(points(["putPages"], ["committed"], 5), 1),
  );
  it("in the middle of a rollup", { timeout: TIMEOUT }, () =>
    historyKills(points(["saveRolledHour"], [3, "committed", "written", 2, 4, 5, 1], 2), 1),
  );
  it("in the middle of retention", { timeout: TIMEOUT }, () =>
    historyKills(
      [null, ...points(["dropPages", "dropRollups", "saveProgress"], [5, "written", "committed", 2, "committed", 1, "written"], 1)],
      40,
    ),
  );

  it("in the middle of a key frame", { timeout: TIMEOUT }, async () => {
    const place = await places.create();
    const kills = points(["putKeyFrame", "putKeyFrame", "appendStoryChange"], [2, "committed", "written", 1, "written"], 2);
    const { lines } = await killEach(kills, 0, ({ start, kill }) => ({ role: "story", place, start, kill }));
    const told = lines.flatMap((line) => {
      const [word, at, revision] = line.split(" ");
      return word === "told" ? [{ at: Number(at), revision: Number(revision) }] : [];
    });
    // One that dies in its first key frame has told nothing yet.
    expect(told.length).toBeGreaterThan(KILLS / 3);
    await checkStory(place, told);
  });

  it("in the middle of a migration", { timeout: TIMEOUT }, async () => {
    const filled = await places.create(places.migrations.slice(0, 1));
    for (const sql of OLD_ROWS) await places.query(filled, sql);
    const whole = await places.create();
    const shape = await places.query(whole, SHAPE[provider]);
    const check = async (place: Place): Promise<void> => {
      await places.migrate(place);
      expect(await places.query(place, SHAPE[provider])).toEqual(shape);
      expect(
        (await places.query(place, `select "migration_name" from "_prisma_migrations" where "finished_at" is not null order by 1`)).map(
          nameOf,
        ),
      ).toEqual(places.migrations.map(({ name }) => name));
      expect(await places.query(place, `select "id", "reason" from "flip" order by 1`)).toEqual(OLD_FLIPS);
      expect(await places.migrate(place)).toEqual([]);
    };
    await (provider === "sqlite" ? killedMigrations(filled, check) : killedMigrationsOfPostgres(places, check));
  });
});

const nameOf = (row: Row): unknown => row["migration_name"];
const OLD_FLIPS = Array.from({ length: 40 }, (_, i) => ({ id: `flip-${10 + i}`, reason: `reason ${i}` }));
const OLD_ROWS = OLD_FLIPS.map(
  ({ id, reason }, i) =>
    `insert into "flip" ("id", "environment", "switchKey", "position", "scope", "reason", "author", "createdAt", "revision", "status")
     values ('${id}', 'production', 'reviews', 'off', '{}', '${reason}', 'user:ada', ${i}, ${i + 1}, 'live')`,
);
const SHAPE = {
  sqlite: `select "type", "name", "sql" from sqlite_master where "name" not like 'sqlite_%' order by 1, 2`,
  postgresql: `select table_name as "a", column_name as "b", data_type || is_nullable as "c" from information_schema.columns where table_schema = 'public'
    union all select tablename, indexname, indexdef from pg_indexes where schemaname = 'public' order by 1, 2`,
};

/** The file is written by one native call a migration: the process dies at one of its system calls. */
async function killedMigrations(filled: Place, check: (place: Place) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-kill-migration-"));
  const calls = ["pwrite64", "fdatasync", "fsync"];
  const output = join(folder, "trace");
  const work = (place: Place): Work => ({ role: "migration", place, kill: null });
  try {
    const counting = copyOf(filled, join(folder, "counting.db"));
    expect(outcome(await runChild(child, work(counting), traced({ calls: [...calls, "write"], output })))).toMatchObject({ code: 0 });
    // What comes after the last word is the end of the process.
    const [trace = ""] = readFileSync(output, "utf8").split('"done');
    const made = calls.flatMap((call) => Array.from(trace.matchAll(new RegExp(` ${call}\\(`, "g")), (_, i) => ({ call, nth: i + 1 })));
    expect(made.length).toBeGreaterThan(10);
    for (let kill = 0; kill < KILLS; kill++) {
      const killAt = made[Math.floor(((kill + 0.5) / KILLS) * made.length)];
      if (!killAt) throw new Error("no such call");
      const place = copyOf(filled, join(folder, `${kill}.db`));
      expect(outcome(await runChild(child, work(place), traced({ calls, output, killAt })))).toMatchObject({
        signal: "SIGKILL",
        done: false,
      });
      await check(place);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killedMigrationsOfPostgres(places: Places, check: (place: Place) => Promise<void>): Promise<void> {
  const fresh = async (): Promise<Place> => {
    const place = await places.create(places.migrations.slice(0, 1));
    await places.query(place, OLD_ROWS.join(";\n"));
    return place;
  };
  const { lines } = await runChild(child, { role: "migration", place: await fresh(), kill: null });
  const statements = Number(/^statements (\d+)$/m.exec(lines.join("\n"))?.[1]);
  expect(statements).toBeGreaterThan(10);
  for (let kill = 0; kill < KILLS; kill++) {
    const place = await fresh();
    const at = 1 + Math.floor(((kill + 0.5) / KILLS) * (statements - 1));
    expect(outcome(await runChild(child, { role: "migration", place, kill: at }))).toMatchObject({ signal: "SIGKILL", done: false });
    await check(place);
  }
}
