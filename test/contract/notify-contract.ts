import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { InvalidCursor, type Store } from "../../server/store/store.ts";
import type { NewDelivery, NewSink, Outcome } from "../../server/store/notify-store.ts";
import { LeaseLost, type Lease } from "../../server/store/tier-store.ts";
import { newAudit, newEnvironment, newEvent, NOW, readAll } from "./samples.ts";

/** Sinks and the outbox: what every store promises. Each test has a sink and a lease of its own. */
export function notifyContract(store: () => Store): void {
  const newSink = (changes: Partial<NewSink> = {}): NewSink => ({
    ...{ id: randomUUID(), name: "ops", kind: "generic", enabled: true, url: "sealed", origin: "https://x.example", secret: "sealed too" },
    ...{ previousSecret: null, previousUntil: null, createdAt: NOW, createdBy: "user:ada" },
    hears: { topics: ["incident.opened"], severity: 3, environments: ["production"] },
    ...changes,
  });
  const make = (changes: Partial<NewSink> = {}) =>
    store().createNotifySink(newSink(changes), newAudit({ action: "notify_sink.created", after: null, before: null }));
  const lead = async (): Promise<Lease> => (await store().takeLease(`notify-${randomUUID()}`, "console-a", 60_000))!;
  const delivery = (sinkId: string, changes: Partial<NewDelivery> = {}): NewDelivery => ({
    ...{
      id: randomUUID(),
      sinkId,
      topic: "incident.opened",
      title: "ünï 🎈",
      message: '{"a":1}',
      createdAt: NOW,
      nextAt: NOW,
      deadline: NOW + 1_000,
    },
    ...changes,
  });
  const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
    ...{ status: "delivered", at: NOW + 5, attempts: 1, nextAt: NOW, code: 200, answer: "ok", error: null, tookMs: 12.4 },
    ...changes,
  });
  const save = (lease: Lease, created: readonly NewDelivery[], waitingMost = 100, cursor = 1) =>
    store().saveNotices(lease, { created, grown: [], progress: { job: lease.name, state: { cursor } }, waitingMost });
  const due = async (sinkId: string): Promise<string[]> => (await store().listDueDeliveries(NOW, sinkId)).map(({ id }) => id);
  const all = (sinkId: string) =>
    readAll((cursor) => store().listNotifyDeliveries({ sinkId, limit: 2, ...(cursor === undefined ? {} : { cursor }) }));

  describe("notifications", () => {
    it("keep a sink as it was made, from the newest event on, with the entry that says so", async () => {
      const environment = newEnvironment();
      const [event] = await store().appendEvents([newEvent(environment)]);
      const entries = (await store().auditHead())?.seq ?? 0;
      const sink = newSink({ previousSecret: "x", previousUntil: NOW + 1 });
      const made = await store().createNotifySink(sink, newAudit());
      const rest = {
        failingSince: null,
        failures: 0,
        lastError: null,
        lastDeliveredAt: null,
        pausedAt: null,
        dropped: 0,
        droppedUntold: 0,
      };
      expect(made).toEqual({ ...sink, ...rest, afterId: event?.id });
      expect(await store().getNotifySink(sink.id)).toEqual(made);
      expect((await store().auditHead())?.seq).toBe(entries + 1);
      const [later] = await store().appendEvents([newEvent(environment)]);
      expect(await store().listEventsAfter(made.afterId, 500)).toContainEqual(later);
      expect(await store().listEventsAfter(later!.id, 500)).toEqual([]);
      expect((await store().changeNotifySink(sink.id, { enabled: false }, newAudit()))?.afterId).toBe(event?.id);
      expect((await store().changeNotifySink(sink.id, { enabled: true, name: "on call" }, newAudit()))?.afterId).toBe(later?.id);
      expect(await store().changeNotifySink("nobody", { name: "x" }, newAudit())).toBeNull();
      expect((await store().auditHead())?.seq).toBe(entries + 3);
    });

    it("list sinks and deliveries page by page", async () => {
      const made = [await make(), await make(), await make()];
      const listed = await readAll((cursor) => store().listNotifySinks({ limit: 2, ...(cursor === undefined ? {} : { cursor }) }));
      expect(listed.slice(-3)).toEqual(made);
      const { id } = made[0]!;
      const sent = [delivery(id), delivery(id), delivery(id)];
      await save(await lead(), sent);
      expect((await all(id)).map((one) => one.id)).toEqual(sent.map((one) => one.id).reverse());
      await expect(store().listNotifyDeliveries({ limit: 1, cursor: "x" })).rejects.toBeInstanceOf(InvalidCursor);
    });

    it("write the outbox and how far the log was read as one, or neither when another leads", async () => {
      const [{ id }, lease] = [await make(), await lead()];
      await save(lease, [delivery(id)], 100, 41);
      const progress = async () => (await store().listJobs()).find(({ job }) => job === lease.name)?.state;
      expect(await progress()).toEqual({ cursor: 41 });
      await store().releaseLease(lease);
      await store().takeLease(lease.name, "console-b", 60_000);
      await expect(save(lease, [delivery(id)], 100, 42)).rejects.toBeInstanceOf(LeaseLost);
      const [waiting] = await store().listDueDeliveries(NOW, id);
      await expect(store().settleNotifyDelivery(lease, { id: waiting!.id, sinkId: id, outcome: outcome() })).rejects.toBeInstanceOf(
        LeaseLost,
      );
      expect(await progress()).toEqual({ cursor: 41 });
      expect(await all(id)).toMatchObject([{ status: "waiting", attempts: 0 }]);
    });

    it("give out the first that waits of a sink, when its time has come, and not of one that is off or paused", async () => {
      const [{ id }, lease] = [await make(), await lead()];
      const [first, second] = [delivery(id), delivery(id)];
      await save(lease, [first, second]);
      expect(await due(id)).toEqual([first.id]);
      await store().settleNotifyDelivery(lease, {
        id: first.id,
        sinkId: id,
        outcome: outcome({ status: "waiting", nextAt: NOW + 1, code: 503, error: "answered 503" }),
      });
      expect(await due(id)).toEqual([]);
      expect(await store().getNotifySink(id)).toMatchObject({ failingSince: NOW + 5, failures: 1, lastError: "answered 503" });
      await store().settleNotifyDelivery(lease, { id: first.id, sinkId: id, outcome: outcome() });
      expect(await store().getNotifySink(id)).toMatchObject({ failingSince: null, failures: 0, lastError: null, lastDeliveredAt: NOW + 5 });
      expect(await store().getNotifyDelivery(first.id)).toMatchObject({ status: "delivered", code: 200, tookMs: 12, settledAt: NOW + 5 });
      expect(await due(id)).toEqual([second.id]);
      const environment = newEnvironment();
      const failed = { id: second.id, sinkId: id, outcome: outcome({ status: "waiting", error: "x" }) };
      const told = await store().settleNotifyDelivery(lease, { ...failed, pause: [newEvent(environment, { type: "notify.paused" })] });
      expect(told).toMatchObject([{ environment, type: "notify.paused" }]);
      expect(await due(id)).toEqual([]);
      expect(await store().settleNotifyDelivery(lease, { ...failed, pause: [newEvent(environment)] })).toEqual([]);
      await store().changeNotifySink(id, { enabled: true }, newAudit());
      expect(await due(id)).toEqual([second.id]);
      await store().changeNotifySink(id, { enabled: false }, newAudit());
      expect(await store().getNotifyDelivery(second.id)).toMatchObject({ status: "dropped" });
    });

    it("keep the newest when too many wait, and count what was dropped until it is told", async () => {
      const [{ id }, lease] = [await make(), await lead()];
      const five = Array.from({ length: 5 }, () => delivery(id));
      await save(lease, five, 3);
      expect((await all(id)).map(({ status }) => status)).toEqual(["waiting", "waiting", "waiting", "dropped", "dropped"]);
      expect(await store().getNotifySink(id)).toMatchObject({ dropped: 2, droppedUntold: 2 });
      expect((await store().countNotifyWaiting())[id]).toBe(3);
      await store().settleNotifyDelivery(lease, { id: five[2]!.id, sinkId: id, outcome: outcome(), toldDropped: 2 });
      expect(await store().getNotifySink(id)).toMatchObject({ dropped: 2, droppedUntold: 0 });
    });

    it("add to what waits, and to nothing else", async () => {
      const [{ id }, lease] = [await make(), await lead()];
      const [first, second] = [delivery(id), delivery(id)];
      await save(lease, [first, second]);
      await store().settleNotifyDelivery(lease, { id: first.id, sinkId: id, outcome: outcome() });
      const grown = [first, second].map((one) => ({ id: one.id, title: "more", message: "{}" }));
      await store().saveNotices(lease, { created: [], grown, progress: { job: lease.name, state: {} }, waitingMost: 10 });
      expect((await all(id)).map(({ title }) => title)).toEqual(["more", first.title]);
    });

    it("send again what is settled, record tests, and prune what is old or too much", async () => {
      const [{ id }, lease] = [await make(), await lead()];
      const [first, second] = [delivery(id), delivery(id)];
      await save(lease, [first, second]);
      expect(await store().repeatNotifyDelivery(first.id, { nextAt: NOW, deadline: NOW + 9 }, newAudit())).toBeNull();
      await store().settleNotifyDelivery(lease, { id: first.id, sinkId: id, outcome: outcome({ status: "failed", attempts: 9 }) });
      const again = await store().repeatNotifyDelivery(first.id, { nextAt: NOW, deadline: NOW + 9 }, newAudit());
      expect(again).toMatchObject({ id: first.id, status: "waiting", attempts: 0, deadline: NOW + 9, settledAt: null });
      expect(await due(id)).toEqual([first.id]);
      const test = await store().recordNotifyTest(delivery(id, { topic: "test" }), outcome(), newAudit());
      expect(test).toMatchObject({ topic: "test", status: "delivered" });
      expect(await store().pruneNotifyDeliveries(lease, { before: NOW, keep: 500 })).toBe(0);
      await store().pruneNotifyDeliveries(lease, { before: NOW + 6, keep: 500 });
      expect((await all(id)).map((one) => one.id)).toEqual([second.id, first.id]);
      await store().settleNotifyDelivery(lease, { id: first.id, sinkId: id, outcome: outcome({ at: NOW + 9_000 }) });
      await store().pruneNotifyDeliveries(lease, { before: NOW, keep: 1 });
      // What waits stays, whatever its age.
      expect((await all(id)).map((one) => one.id)).toEqual([second.id]);
      expect(await store().deleteNotifySink(id, newAudit())).toMatchObject({ id });
      expect(await all(id)).toEqual([]);
      expect(await store().deleteNotifySink(id, newAudit())).toBeNull();
    });
  });
}
