import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Store } from "../../server/store/store.ts";
import { LeaseLost } from "../../server/store/tier-store.ts";
import { flipOf, newEnvironment, newEvent, newFlip, NOW, page } from "./samples.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** The story of the fleet, pages by place and policies as of then: what every store promises. */
export function replayContract(store: () => Store): void {
  const change = (environment: string, at: number, ...values: number[]) =>
    store().appendStoryChange({ environment, at, bytes: bytes(...values) });
  const frame = (environment: string, at: number, changeId: number) =>
    store().putKeyFrame({ environment, at, until: at, changeId, bytes: bytes(7, 7) });
  const changes = (environment: string, { afterId = 0, until = 8e15, limit = 100 } = {}) =>
    store().listStoryChanges({ environment, afterId, until, limit });

  describe("the story of the fleet", () => {
    it("gives changes back in the order in which they were written, with their own bytes", async () => {
      const [environment, other] = [newEnvironment(), newEnvironment()];
      const [first, second, foreign] = await Promise.all([
        change(environment, NOW, 1, 2, 3),
        change(environment, NOW, 4),
        change(other, NOW, 9),
      ]);
      const third = await change(environment, NOW + 5, 5);
      expect(await changes(environment)).toEqual([
        { id: first, environment, at: NOW, bytes: bytes(1, 2, 3) },
        { id: second, environment, at: NOW, bytes: bytes(4) },
        { id: third, environment, at: NOW + 5, bytes: bytes(5) },
      ]);
      expect((await changes(environment, { afterId: first, until: NOW + 4 })).map(({ id }) => id)).toEqual([second]);
      expect((await changes(environment, { limit: 2 })).map(({ id }) => id)).toEqual([first, second]);
      expect((await changes(other)).map(({ id }) => id)).toEqual([foreign]);
    });

    it("finds the key frame before a moment, which ends where the next one begins", async () => {
      const environment = newEnvironment();
      expect(await store().keyFrameSpan(environment)).toBeNull();
      expect(await store().findKeyFrame(environment, NOW)).toBeNull();
      const first = await frame(environment, NOW, 0);
      await store().extendKeyFrame(first, NOW + 10_000);
      await store().extendKeyFrame(first, NOW + 5_000);
      expect(await store().findKeyFrame(environment, NOW + 1)).toEqual({
        id: first,
        environment,
        at: NOW,
        until: NOW + 10_000,
        changeId: 0,
        bytes: bytes(7, 7),
      });
      const second = await frame(environment, NOW + 60_000, 3);
      expect(await store().findKeyFrame(environment, NOW + 59_999)).toMatchObject({ id: first, until: NOW + 60_000 });
      expect(await store().findKeyFrame(environment, NOW + 60_000)).toMatchObject({ id: second, until: NOW + 60_000, changeId: 3 });
      expect(await store().findKeyFrame(environment, NOW - 1)).toBeNull();
      expect(await store().keyFrameSpan(environment)).toEqual({ oldest: NOW, newest: NOW + 60_000 });
    });

    it("drops what is old, but neither the last key frame before what is kept nor what a pinned window needs", async () => {
      const environment = newEnvironment();
      const lease = await store().takeLease(`job-${randomUUID()}`, "console-a", 60_000);
      if (!lease) throw new Error("the lease is taken");
      const early = await change(environment, NOW - 1, 1);
      await frame(environment, NOW, early);
      const ids: number[] = [];
      for (let i = 1; i <= 5; i++) {
        ids.push(await change(environment, NOW + i * 1_000 - 500, i));
        await frame(environment, NOW + i * 1_000, ids.at(-1) ?? 0);
      }
      const pin = { environment, instances: [], reason: "an incident", createdAt: NOW };
      await store().pinPages({ ...pin, id: randomUUID(), from: NOW + 1_100, to: NOW + 1_900 });
      const job = `job-${randomUUID()}`;
      const drop = (before: number, limit = 10) =>
        store().dropStory(lease, { environment, before, limit, progress: { job, state: { dropped: 0 }, counter: "dropped" } });
      expect(await drop(NOW + 4_500, 1)).toBe(1);
      expect(await drop(NOW + 4_500)).toBe(2);
      expect(await drop(NOW + 4_500)).toBe(0);
      expect((await store().listJobs()).find((one) => one.job === job)?.state).toEqual({ dropped: 2 });
      // Left: the stretch that is pinned, and from the key frame before 4.5 s on.
      expect((await changes(environment)).map(({ id }) => id)).toEqual([ids[1], ids[4]]);
      expect(await store().keyFrameSpan(environment)).toEqual({ oldest: NOW + 1_000, newest: NOW + 5_000 });
      expect(await store().findKeyFrame(environment, NOW + 3_500)).toMatchObject({ at: NOW + 1_000, until: NOW + 2_000 });
      expect(await store().findKeyFrame(environment, NOW + 4_500)).toMatchObject({ at: NOW + 4_000 });
      await store().releaseLease(lease);
      await store().takeLease(lease.name, "console-b", 60_000);
      await expect(drop(8e15)).rejects.toBeInstanceOf(LeaseLost);
      expect(await store().keyFrameSpan(environment)).toEqual({ oldest: NOW + 1_000, newest: NOW + 5_000 });
    });
  });

  it("lists pages that overlap a window one list after the other, each once", async () => {
    const environment = newEnvironment();
    const query = { environment, service: "orders", from: NOW + 1_000, to: NOW + 9_000 };
    await store().putPages(
      [0, 1, 2, 3, 4, 5].map((i) =>
        page(environment, { instance: `orders-${i}`, from: NOW, to: NOW + (i < 3 ? 2_000 : i * 1_000), lastSeq: i, bytes: bytes(i) }),
      ),
    );
    await store().putPages([page(environment, { instance: "early", from: NOW - 9_000, to: NOW + 999 })]);
    await store().putPages([page(environment, { instance: "late", from: NOW + 9_001, to: NOW + 9_500 })]);
    const seen: string[] = [];
    let after: { to: number; id: number } | undefined;
    for (;;) {
      const found = await store().listPages({ ...query, limit: 2, ...(after ? { after } : {}) });
      seen.push(...found.map(({ instance }) => instance));
      const last = found.at(-1);
      if (!last) break;
      after = { to: last.to, id: last.id };
    }
    expect(seen).toEqual(["orders-0", "orders-1", "orders-2", "orders-3", "orders-4", "orders-5"]);
  });

  it("tells which changes of policy were in force at a moment, as they were then, and the revisions", async () => {
    const environment = newEnvironment();
    const make = async (key: string, createdAt: number, expiresAt: number | null) => {
      const flip = { ...newFlip(environment, { decision: flipOf(key), expiresAt }), createdAt };
      return (await store().createFlip(flip, [], newEvent(environment))).flip;
    };
    const first = await make("images", NOW, null);
    const second = await make("images", NOW + 1_000, NOW + 5_000);
    const third = await make("search", NOW + 2_000, null);
    await store().endFlip(first.id, { status: "reverted", at: NOW + 3_000, by: "user:ada" }, newEvent(environment));
    const at = async (ms: number) => (await store().listFlipsAt(environment, NOW + ms)).map(({ id }) => id);
    expect(await at(-1)).toEqual([]);
    expect(await at(0)).toEqual([first.id]);
    expect(await at(2_999)).toEqual([first.id, second.id, third.id]);
    expect(await at(3_000)).toEqual([second.id, third.id]);
    expect(await at(5_000)).toEqual([third.id]);
    expect((await store().listFlipsAt(environment, NOW + 2_000))[0]).toEqual(first);
    const revisions = async (ms: number) =>
      Object.fromEntries((await store().listRevisionsAt(environment, NOW + ms)).map(({ subject, revision }) => [subject.key, revision]));
    expect(await revisions(-1)).toEqual({});
    expect(await revisions(2_000)).toEqual({ images: 2, search: 3 });
    expect(await revisions(3_000)).toEqual({ images: 4, search: 3 });
  });
}
