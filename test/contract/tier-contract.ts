import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { FoundPage } from "../../server/store/basics.ts";
import type { Store } from "../../server/store/store.ts";
import { LeaseLost, type Lease, type RolledHour, type RollupRow } from "../../server/store/tier-store.ts";
import { newEnvironment, newEvent, page } from "./samples.ts";

const HOUR = 3_600_000;
const START = 1_750_000_000_123 - (1_750_000_000_123 % HOUR);
const TTL = 60_000;

/** Leases, rollups, retention and pins: what every store promises. */
export function tierContract(store: () => Store): void {
  const lead = async (name = `job-${randomUUID()}`, holder = "console-a"): Promise<Lease> => {
    const lease = await store().takeLease(name, holder, TTL);
    if (!lease) throw new Error("the lease is taken");
    return lease;
  };
  const rollup = (environment: string, changes: Partial<RollupRow> = {}): RollupRow => ({
    tierMs: 60_000,
    environment,
    service: "orders",
    instance: "orders-1",
    from: START,
    kind: "breaker",
    resource: "payments",
    bytes: Uint8Array.of(1, 2, 3),
    ...changes,
  });
  const progress = (made: number, job = `job-${randomUUID()}`) => ({ job, state: { made } });
  const minute = (environment: string, index: number, changes: object = {}) =>
    page(environment, { from: START + index * 60_000 + 20_000, to: START + index * 60_000 + 79_000, lastSeq: index, ...changes });
  const dueOf = (environment: string) => store().listDue({ environment, until: 8e15, limit: 100 });
  const hour = (environment: string, changes: Partial<RolledHour> = {}): RolledHour => ({
    due: { environment, service: "orders", instance: "orders-1", from: START, changes: 1 },
    rows: [rollup(environment)],
    replaced: [],
    compacted: [],
    events: [],
    progress: progress(1),
    ...changes,
  });
  const stored = (environment: string) =>
    store().readStoredPages({ environment, service: "orders", from: START - HOUR, to: START + 48 * HOUR, limit: 100 });

  describe("leases", () => {
    it("have one holder, who renews with the same token", async () => {
      const first = await lead();
      expect(first).toMatchObject({ holder: "console-a", token: 1 });
      expect(await store().takeLease(first.name, "console-b", TTL)).toBeNull();
      const renewed = await lead(first.name);
      expect(renewed).toMatchObject({ token: 1, since: first.since });
      expect(renewed.expiresAt).toBeGreaterThanOrEqual(first.expiresAt);
      expect((await store().listLeases()).find(({ name }) => name === first.name)).toEqual(renewed);
    });

    it("go to one of many who ask at once", async () => {
      const name = `job-${randomUUID()}`;
      const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => store().takeLease(name, `console-${i}`, TTL)));
      expect(answers.filter((lease) => lease !== null)).toHaveLength(1);
    });

    it("go to the next one with a higher token when they ran out or were released", async () => {
      const first = await lead();
      await store().releaseLease(first);
      const second = await lead(first.name, "console-b");
      expect(second.token).toBe(2);
      await store().releaseLease(first);
      expect(await store().takeLease(first.name, "console-a", TTL)).toBeNull();
      const short = await store().takeLease(`job-${randomUUID()}`, "console-a", 0);
      expect((await lead(short?.name, "console-b")).token).toBe(2);
    });

    it("that ran out are taken anew even by the same holder, so that what it began before is refused", async () => {
      const old = await store().takeLease(`job-${randomUUID()}`, "console-a", 0);
      if (!old) throw new Error("not given");
      expect((await lead(old.name)).token).toBe(2);
      await expect(store().saveProgress(old, progress(1))).rejects.toBeInstanceOf(LeaseLost);
    });

    it("fence off a leader that lost it: nothing of its write stays", async () => {
      const environment = newEnvironment();
      await store().putPages([minute(environment, 0)]);
      const old = await lead();
      await store().releaseLease(old);
      await lead(old.name, "console-b");
      const [first] = await stored(environment);
      await expect(
        store().saveRolledHour(old, hour(environment, { replaced: [first?.id ?? 0], events: [newEvent(environment)] })),
      ).rejects.toBeInstanceOf(LeaseLost);
      await expect(
        store().dropPages(old, { environment, service: "orders", before: 8e15, limit: 10, progress: { ...progress(0), counter: "made" } }),
      ).rejects.toBeInstanceOf(LeaseLost);
      expect(await stored(environment)).toHaveLength(1);
      expect(await store().readRollups({ tierMs: 60_000, environment, service: "orders", from: 0, to: 8e15, limit: 10 })).toEqual([]);
      expect(await store().lastEventId(environment)).toBe(0);
    });
  });

  describe("pages that the reader names", () => {
    it("come as their ids, the others whole, in one order", async () => {
      const environment = newEnvironment();
      await store().putPages([minute(environment, 1), minute(environment, 2), minute(environment, 3, { instance: "orders-2" })]);
      const all = await stored(environment);
      const query = { environment, service: "orders", from: START, to: START + HOUR, limit: 10 };
      const known = all[0]?.id ?? 0;
      const whole = all.slice(1).map(({ id, from, to, instance, boot, bytes }) => ({ id, from, to, instance, boot, bytes: [...bytes] }));
      const told = (read: readonly (FoundPage | number)[]) =>
        read.map((one) => (typeof one === "number" ? one : { ...one, bytes: [...one.bytes] }));
      expect(told(await store().readPagesExcept(query, [known, 8_999_999]))).toEqual([known, ...whole]);
      expect(
        await store().readPagesExcept(
          query,
          all.map(({ id }) => id),
        ),
      ).toEqual(all.map(({ id }) => id));
      expect(await store().readPagesExcept({ ...query, limit: 1 }, [])).toHaveLength(1);
      expect(await store().readPagesExcept({ ...query, instance: "orders-2" }, [])).toHaveLength(1);
    });
  });

  describe("rollups", () => {
    it("are due for every hour that a page has a part in, counted up with each page", async () => {
      const environment = newEnvironment();
      await store().putPages([minute(environment, 10), minute(environment, 11), minute(environment, 59)]);
      await store().putPages([minute(environment, 60, { from: START + HOUR + 4_000, to: START + HOUR + 63_000, instance: "orders-2" })]);
      expect((await dueOf(environment)).map(({ instance, from, changes }) => [instance, (from - START) / HOUR, changes])).toEqual([
        ["orders-1", 0, expect.any(Number)],
        ["orders-2", 0, 1],
        ["orders-1", 1, 1],
        ["orders-2", 1, 1],
      ]);
      expect(await store().listDue({ environment, until: START, limit: 10 })).toHaveLength(2);
      expect(await store().listDue({ environment, from: START + 1, until: START + HOUR, limit: 10 })).toHaveLength(2);
      expect(await store().countDue(START - 1)).toBe(0);
    });

    it("settle their hour only if no page came meanwhile, and are counted in the same transaction", async () => {
      const environment = newEnvironment();
      await store().putPages([minute(environment, 1)]);
      const [seen] = await dueOf(environment);
      if (!seen) throw new Error("nothing is due");
      await store().putPages([minute(environment, 2)]);
      const lease = await lead();
      const job = `job-${randomUUID()}`;
      await store().saveRolledHour(lease, hour(environment, { due: seen, progress: progress(1, job) }));
      const [still] = await dueOf(environment);
      expect(still?.changes).toBe(seen.changes + 1);
      await store().saveRolledHour(lease, hour(environment, { due: still ?? seen, progress: progress(2, job) }));
      expect(await dueOf(environment)).toEqual([]);
      const record = (await store().listJobs()).find((one) => one.job === job);
      expect(record).toMatchObject({ token: lease.token, state: { made: 2 } });
      expect(Math.abs((record?.updatedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    it("are read again only when those of their service changed, whoever changed them", async () => {
      const environment = newEnvironment();
      const lease = await lead();
      const read = (version: string | null, service = "orders") =>
        store().readRollupsSince({ tierMs: 60_000, environment, service, from: START, to: START + HOUR, limit: 10 }, version);
      const before = await read(null);
      expect(before.rows).toEqual([]);
      await store().saveRolledHour(lease, hour(environment));
      const after = await read(before.version);
      expect(after.rows).toHaveLength(1);
      expect(await read(after.version)).toEqual({ version: after.version, due: [], rows: null });
      const other = await read(null, "search");
      // The same progress again: the version does not hang on what a job says of itself.
      await store().saveRolledHour(lease, hour(environment, { rows: [rollup(environment, { bytes: Uint8Array.of(9) })] }));
      expect((await read(other.version, "search")).rows).toBeNull();
      const changed = await read(after.version);
      expect(changed.rows?.map(({ bytes }) => [...bytes])).toEqual([[9]]);
      const drop = { tierMs: 60_000 as const, before: START + 1, limit: 1_000, progress: { ...progress(0), counter: "made" } };
      await store().dropRollups(lease, drop);
      expect((await read(changed.version)).rows).toEqual([]);
      expect((await store().listJobs()).filter(({ job }) => job.startsWith("rollups:"))).toEqual([]);
    });

    it("are replaced by their key and read by span, kind, resource and instance", async () => {
      const environment = newEnvironment();
      const lease = await lead();
      const large = new Uint8Array(50_000).map((_, i) => i % 251);
      const rows = [
        rollup(environment),
        rollup(environment, { resource: "stock", kind: "pool", bytes: large }),
        rollup(environment, { instance: "orders-2", from: START + 4 * HOUR }),
        rollup(environment, { tierMs: HOUR, bytes: Uint8Array.of(9) }),
      ];
      await store().saveRolledHour(lease, hour(environment, { rows }));
      await store().saveRolledHour(lease, hour(environment, { rows: [rollup(environment, { bytes: Uint8Array.of(7, 7) })] }));
      const read = async (changes: object = {}) =>
        (
          await store().readRollups({
            tierMs: 60_000,
            environment,
            service: "orders",
            from: START,
            to: START + 8 * HOUR,
            limit: 10,
            ...changes,
          })
        ).map((row) => [row.instance, row.resource, row.bytes.length]);
      expect(await read()).toEqual([
        ["orders-1", "payments", 2],
        ["orders-1", "stock", 50_000],
        ["orders-2", "payments", 3],
      ]);
      expect(await read({ to: START + 1 })).toHaveLength(2);
      expect(await read({ kinds: ["pool"] })).toEqual([["orders-1", "stock", 50_000]]);
      expect(await read({ resource: "payments", instance: "orders-2" })).toHaveLength(1);
      expect(await read({ tierMs: HOUR })).toEqual([["orders-1", "payments", 1]]);
      expect(await read({ limit: 1 })).toHaveLength(1);
      const [, whole] = await store().readRollups({
        tierMs: 60_000,
        environment,
        service: "orders",
        from: START,
        to: START + 1,
        limit: 10,
      });
      expect(Buffer.from(whole?.bytes ?? []).equals(Buffer.from(large))).toBe(true);
    });

    it("swap minute pages for a compacted one without making the hour due again", async () => {
      const environment = newEnvironment();
      await store().putPages([minute(environment, 1), minute(environment, 2), minute(environment, 30)]);
      const before = await stored(environment);
      const [seen] = await dueOf(environment);
      const lease = await lead();
      const compacted = [page(environment, { from: before[0]?.from ?? 0, to: before[1]?.to ?? 0, samples: 120, lastSeq: 2 })];
      const events = await store().saveRolledHour(
        lease,
        hour(environment, { due: seen!, replaced: before.slice(0, 2).map(({ id }) => id), compacted, events: [newEvent(environment)] }),
      );
      expect(events).toHaveLength(1);
      expect((await stored(environment)).map(({ samples }) => samples).sort()).toEqual([120, 60]);
      expect(await dueOf(environment)).toEqual([]);
      expect(await store().lastFrameSeq({ environment, service: "orders", instance: "orders-1", boot: "boot-a" })).toBe(30);
    });
  });

  describe("retention", () => {
    const drop = async (environment: string, changes: object = {}) => {
      const lease = await lead();
      return store().dropPages(lease, {
        environment,
        service: "orders",
        before: START + 10 * HOUR,
        limit: 100,
        progress: { ...progress(0), counter: "dropped" },
        ...changes,
      });
    };
    const settle = async (environment: string): Promise<void> => {
      const lease = await lead();
      for (const due of await dueOf(environment)) await store().saveRolledHour(lease, hour(environment, { due, rows: [] }));
    };

    it("drops what is old and rolled up, never what is still due", async () => {
      const environment = newEnvironment();
      await store().putPages([minute(environment, 1), minute(environment, 700)]);
      expect(await drop(environment)).toEqual({ dropped: 0, next: null });
      await settle(environment);
      expect(await drop(environment)).toEqual({ dropped: 1, next: null });
      expect((await stored(environment)).map(({ lastSeq }) => lastSeq)).toEqual([700]);
    });

    it("obeys pins of the environment or of named instances, until they are lifted", async () => {
      const environment = newEnvironment();
      await store().putPages([minute(environment, 1), minute(environment, 1, { instance: "orders-2" }), minute(environment, 100)]);
      await settle(environment);
      const pin = {
        id: randomUUID(),
        environment,
        from: START,
        to: START + HOUR,
        instances: ["orders/orders-2"],
        reason: "incident 7",
        createdAt: START,
      };
      await store().pinPages(pin);
      expect(await store().listPins(environment)).toEqual([pin]);
      expect((await drop(environment)).dropped).toBe(2);
      expect((await stored(environment)).map(({ instance }) => instance)).toEqual(["orders-2"]);
      await store().pinPages({ ...pin, instances: [] });
      expect((await drop(environment)).dropped).toBe(0);
      await store().unpinPages(pin.id);
      expect((await drop(environment)).dropped).toBe(1);
      expect(await store().listPins(environment)).toEqual([]);
    });

    it("goes on where it stopped, past what must stay", async () => {
      const environment = newEnvironment();
      await store().putPages(
        Array.from({ length: 9 }, (_, i) => minute(environment, i, { instance: i % 3 === 0 ? "pinned" : "orders-1" })),
      );
      await settle(environment);
      await store().pinPages({ id: randomUUID(), environment, from: 0, to: 8e15, instances: ["orders/pinned"], reason: "r", createdAt: 0 });
      let dropped = 0;
      let after;
      for (let i = 0; i < 6; i++) {
        const answer = await drop(environment, { limit: 2, ...(after ? { after } : {}) });
        dropped += answer.dropped;
        if (answer.next === null) break;
        after = answer.next;
      }
      expect(dropped).toBe(6);
      expect(await stored(environment)).toHaveLength(3);
    });

    it("drops rollups of old spans up to a number and counts them", async () => {
      const environment = newEnvironment();
      const lease = await lead();
      const job = `job-${randomUUID()}`;
      const old = 1_000 * HOUR;
      const rows = Array.from({ length: 5 }, (_, i) => rollup(environment, { from: old + i * 4 * HOUR }));
      await store().saveRolledHour(lease, hour(environment, { rows }));
      const progressed = { job, state: { gone: 1 }, counter: "gone" };
      expect(await store().dropRollups(lease, { tierMs: 60_000, before: old + 8 * HOUR, limit: 1, progress: progressed })).toBe(1);
      expect(await store().dropRollups(lease, { tierMs: 60_000, before: old + 8 * HOUR, limit: 9, progress: progressed })).toBe(1);
      expect(await store().dropRollups(lease, { tierMs: 60_000, before: old + 8 * HOUR, limit: 9, progress: progressed })).toBe(0);
      expect((await store().listJobs()).find((one) => one.job === job)?.state).toEqual({ gone: 2 });
    });

    it("knows whose pages there are, and what each tier takes", async () => {
      const environment = newEnvironment();
      await store().putPages([minute(environment, 1), minute(environment, 2, { service: "payments" }), minute(environment, 3)]);
      const owners = await store().listPageOwners();
      expect(owners.filter((owner) => owner.environment === environment).map(({ service }) => service)).toEqual(["orders", "payments"]);
      const use = await store().tierUse();
      expect(use.map(({ tierMs }) => tierMs)).toEqual([1000, 60_000, HOUR]);
      expect(use[0]?.pages).toBeGreaterThanOrEqual(3);
      expect(use[0]?.bytes).toBeGreaterThanOrEqual(9);
      expect(use[0]?.oldest).toBeLessThanOrEqual(START + 80_000);
    });
  });
}
