/** The line to PostgreSQL breaks at a commit: whoever asked for the write hears what became of it, and nothing is written twice. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectPostgres } from "../../server/store/postgresql/open-postgres.ts";
import { pgDialect } from "../../server/store/postgresql/pg-dialect.ts";
import { PrismaStore } from "../../server/store/prisma-store.ts";
import type { NewFlip, Store } from "../../server/store/store.ts";
import { openPlaces, type Places } from "../support/kill-point-places.ts";
import { openPgLine, type PgLine } from "../support/pg-line.ts";

const FLIP: NewFlip = {
  id: "flip-1",
  environment: "production",
  kind: "switch",
  key: "reviews",
  policy: null,
  body: { position: "off" },
  scope: {},
  reason: "the database is slow",
  author: "user:ada",
  createdAt: 1_000,
  expiresAt: null,
};
const event = (type: string) => ({
  environment: "production",
  at: 1_000,
  receivedAt: 1_000,
  type,
  service: null,
  instance: null,
  resource: null,
  actor: "user:ada",
  data: {},
});
const agentEvents = (from: number, to: number) => [
  {
    environment: "production",
    service: "orders",
    instance: "orders-1",
    boot: "boot-a",
    receivedAt: 1_000,
    skewMs: 0,
    events: Array.from({ length: to - from + 1 }, (_, i) => ({ seq: from + i, at: from + i, type: "test.counted", data: {} })),
  },
];

describe("a commit that PostgreSQL did not answer", () => {
  let places: Places;
  let line: PgLine;
  let store: Store;
  beforeAll(async () => {
    places = await openPlaces("postgresql");
  });
  afterAll(() => places.stop());
  beforeEach(async () => {
    const place = await places.create();
    if (place.provider !== "postgresql") throw new Error("not an address");
    line = await openPgLine(place.url);
    const db = connectPostgres({ databaseUrl: line.url, schema: "public", onLost: () => undefined });
    store = new PrismaStore({ db, dialect: pgDialect });
  });
  afterEach(async () => {
    expect(line.broken()).toBe(1);
    await store.close();
    await line.close();
  });
  const logged = async (): Promise<number> => (await store.listEvents({ environment: "production", limit: 100 })).items.length;

  it("is success when it was committed: the change is in force once, and its author hears so", async () => {
    line.breakAtCommit("after");
    const done = await store.createFlip(FLIP, [], event("flip.created"));
    expect(done.flip).toMatchObject({ id: "flip-1", revision: 1, status: "live" });
    expect((await store.listLiveFlips()).map(({ id }) => id)).toEqual(["flip-1"]);
    expect(await logged()).toBe(1);
    expect(await store.healthy()).toBe(true);
  });

  it("is success too when the server commits only after the line broke", async () => {
    line.breakAtCommit("late");
    const done = store.createFlip(FLIP, [], event("flip.created"));
    await expect.poll(() => line.broken()).toBe(1);
    line.release();
    expect((await done).flip.revision).toBe(1);
    expect(await logged()).toBe(1);
  });

  it("is a failure when it was not committed: nothing changed, and the same write can be made again", async () => {
    line.breakAtCommit("before");
    await expect(store.createFlip(FLIP, [], event("flip.created"))).rejects.toMatchObject({ name: "StoreUnavailable" });
    expect(await store.listLiveFlips()).toEqual([]);
    expect(await store.healthy()).toBe(false);
    expect((await store.createFlip(FLIP, [], event("flip.created"))).flip.revision).toBe(1);
    expect(await store.healthy()).toBe(true);
    expect(await logged()).toBe(1);
  });

  it.each(["before", "after"] as const)("neither loses nor doubles events of agents when the line breaks %s it", async (how) => {
    await store.appendAgentEvents(agentEvents(1, 5));
    line.breakAtCommit(how);
    const answer = await store.appendAgentEvents(agentEvents(6, 10)).catch(() => null);
    if (how === "before") expect(answer).toBeNull();
    else expect(answer).toHaveLength(5);
    // An agent sends again whatever it has no acknowledgement of.
    await store.appendAgentEvents(agentEvents(answer === null ? 6 : 11, 15));
    const seqs = (await store.listEvents({ environment: "production", limit: 100 })).items.map(({ at }) => at).sort((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
  });
});
