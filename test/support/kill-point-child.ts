/** The process that is killed: works as its one argument says (JSON) and prints what it was promised, a line each, before it goes on. */
import { writeSync } from "node:fs";
import pg from "pg";
import { migrationsFolder, readMigrations } from "../../server/store/migrations.ts";
import { migratePostgres } from "../../server/store/postgresql/migrate-postgres.ts";
import { migrateSqlite } from "../../server/store/sqlite/migrate-sqlite.ts";
import { die, type EventWork, type MigrationWork, type Work } from "./kill-point.ts";
import { writeHistory } from "./kill-point-history.ts";
import { writeStory } from "./kill-point-story.ts";
import { openWatched } from "./kill-point-store.ts";

const BATCH = 5;
const say = (line: string): void => void writeSync(1, `${line}\n`);

async function writeEvents({ place, kill, acked, until, synchronous }: EventWork): Promise<void> {
  const { db, store } = openWatched(place, kill);
  if (synchronous === "off") await db.$queryRawUnsafe("pragma synchronous = off");
  const agents = acked.map((_, i) => ({ environment: "production", service: "orders", instance: `orders-${i}`, boot: "boot-a" }));
  for (const [i, agent] of agents.entries()) say(`stored ${i} ${await store.lastEventSeq(agent)}`);
  const write = async (agent: (typeof agents)[number], i: number): Promise<void> => {
    for (let next = (acked[i] ?? 0) + 1; next <= until; next += BATCH) {
      const seqs = Array.from({ length: Math.min(BATCH, until - next + 1) }, (_, n) => next + n);
      const events = seqs.map((seq) => ({ seq, at: seq, type: "test.counted", data: { seq } }));
      await store.appendAgentEvents([{ ...agent, receivedAt: next, skewMs: 0, events }]);
      say(`ack ${i} ${seqs.at(-1) ?? 0}`);
    }
  };
  await Promise.all(agents.map(write));
  await store.close();
}

async function migrate({ place, kill }: MigrationWork): Promise<void> {
  const migrations = readMigrations(migrationsFolder(place.provider));
  if (place.provider === "sqlite") {
    await migrateSqlite(place.path, migrations);
    return;
  }
  const client = new pg.Client({ connectionString: place.url });
  await client.connect();
  let statements = 0;
  const watched = new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== "query" || typeof value !== "function") return value;
      return async (...args: unknown[]): Promise<unknown> => {
        const result = (await value.apply(target, args)) as unknown;
        if (++statements === kill) die();
        return result;
      };
    },
  });
  await migratePostgres(watched, migrations);
  say(`statements ${statements}`);
  await client.end();
}

const work = JSON.parse(process.argv[2] ?? "") as Work;
if (work.role === "events") await writeEvents(work);
else if (work.role === "history") await writeHistory(work, say);
else if (work.role === "story") await writeStory(work, say);
else await migrate(work);
say("done");
