import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { leader, lock, LockError, type Held } from "../../../agent/src/entry-coordination.ts";
import { moveIn, moveOut } from "../../../agent/src/resilience/home.ts";
import type { Part, PartHost } from "../../../agent/src/resilience/part.ts";
import type { Data } from "../../../agent/src/types.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { memoryLeases, settled } from "./support/memory-leases.ts";

const TTL = 9_000;

class Watching implements PartHost {
  readonly parts: Part[] = [];
  readonly events: { type: string; data: Data }[] = [];
  attach(part: Part) {
    this.parts.push(part);
    part.tell = (type, data) => void this.events.push({ type, data });
    return () => {
      part.tell = null;
      this.parts.splice(this.parts.indexOf(part), 1);
    };
  }
}

const hosts: Watching[] = [];
function watch(): Watching {
  const host = new Watching();
  expect(moveIn(host)).toBe(true);
  hosts.push(host);
  return host;
}
afterEach(() => {
  for (const host of hosts.splice(0)) moveOut(host);
});

/** Lets time pass in steps small enough for answers to arrive in between. */
async function pass(world: FakeWorld, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    world.pass(Math.min(100, left));
    await settled();
  }
}

describe("a lock", () => {
  it("is renewed for as long as it is held", async () => {
    const world = new FakeWorld();
    const leases = memoryLeases(() => world.mono);
    const one = lock("a", leases, { ttlMs: TTL, world });
    const held = await one.acquire();
    await pass(world, 10 * TTL);
    expect(held.valid).toBe(true);
    await held.release();
    expect(held.valid).toBe(false);
    expect(held.signal.aborted).toBe(true);
    expect(world.timers).toBe(0);
    one.close();
  });

  it("is lost by the local clock before the store could give it to another", async () => {
    const world = new FakeWorld();
    const leases = memoryLeases(() => world.mono);
    const host = watch();
    const one = lock("a", leases, { ttlMs: TTL, marginMs: 1_000, world });
    const held = await one.acquire();
    leases.broken = "before";
    await pass(world, 7_900);
    expect(held.valid).toBe(true);
    await pass(world, 100);
    expect(held.valid).toBe(false);
    expect(leases.rows.get("a")!.expiresAt).toBeGreaterThan(world.mono);
    expect(held.signal.aborted).toBe(true);
    expect(host.events).toEqual([{ type: "lock.lost", data: { token: 1, reason: "not renewed in time" } }]);
    expect(host.parts[0]?.read()).toMatchObject({ held: 0, acquired: 1, lost: 1, token: 1 });
    expect(world.timers).toBe(0);
    one.close();
  });

  it("is not valid after the event loop was blocked, even before any timer ran", async () => {
    const world = new FakeWorld();
    const one = lock(
      "a",
      memoryLeases(() => world.mono),
      { ttlMs: TTL, world },
    );
    const held = await one.acquire();
    world.mono += TTL;
    expect(held.valid).toBe(false);
    await held.release();
    one.close();
  });

  it("survives a renewal that failed when a later one succeeds in time", async () => {
    const world = new FakeWorld();
    const leases = memoryLeases(() => world.mono);
    const one = lock("a", leases, { ttlMs: TTL, world });
    const held = await one.acquire();
    leases.broken = "before";
    await pass(world, 4_000);
    leases.broken = null;
    await pass(world, 2 * TTL);
    expect(held.valid).toBe(true);
    await held.release();
    one.close();
  });

  it("is had by waiters of one process in their order, and at most so many may wait", async () => {
    const world = new FakeWorld();
    const host = watch();
    const one = lock(
      "a",
      memoryLeases(() => world.mono),
      { ttlMs: TTL, maxWaiting: 2, world },
    );
    const first = await one.acquire();
    const order: string[] = [];
    const waiting = ["b", "c"].map((name) => one.run(() => void order.push(name), { waitMs: 60_000 }));
    await settled();
    await expect(one.acquire()).rejects.toMatchObject({ code: "busy" });
    expect(host.parts[0]?.read()).toMatchObject({ held: 1, waiting: 2 });
    await pass(world, 1_000);
    expect(order).toEqual([]);
    await first.release();
    await pass(world, 1_000);
    await Promise.all(waiting);
    expect(order).toEqual(["b", "c"]);
    one.close();
  });

  it("tells why it was not had", async () => {
    const world = new FakeWorld();
    const leases = memoryLeases(() => world.mono);
    const one = lock("a", leases, { ttlMs: TTL, world });
    const other = lock("a", leases, { ttlMs: TTL, world });
    const held = await other.acquire();
    await expect(one.acquire({ waitMs: 0 })).rejects.toMatchObject({ code: "timeout" });
    const slow = one.acquire({ waitMs: 1_000 }).catch((error: unknown) => error);
    const aborting = new AbortController();
    const aborted = one.acquire({ signal: aborting.signal }).catch((error: unknown) => error);
    await settled();
    aborting.abort(new Error("enough"));
    expect(await aborted).toMatchObject({ code: "aborted" });
    await pass(world, 1_000);
    expect(await slow).toMatchObject({ code: "timeout" });
    leases.broken = "before";
    const broken = one.acquire({ waitMs: 500 }).catch((error: unknown) => error);
    await pass(world, 600);
    expect(await broken).toBeInstanceOf(LockError);
    expect(await broken).toMatchObject({ code: "timeout", cause: new Error("down") });
    const closing = one.acquire().catch((error: unknown) => error);
    await settled();
    one.close();
    expect(await closing).toMatchObject({ code: "closed" });
    await held.release();
    other.close();
  });

  it("does not wait for a store that hangs, and releases what it is given too late", async () => {
    const world = new FakeWorld();
    const leases = memoryLeases(() => world.mono);
    let answer: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (answer = resolve));
    const slow = { ...leases, acquire: (request: Parameters<typeof leases.acquire>[0]) => gate.then(() => leases.acquire(request)) };
    const one = lock("a", slow, { ttlMs: TTL, world });
    const asked = one.acquire({ waitMs: 1_000 }).catch((error: unknown) => error);
    await pass(world, 1_000);
    expect(await asked).toMatchObject({ code: "timeout" });
    answer();
    await settled();
    expect(leases.rows.get("a")).toMatchObject({ holder: "", token: 1 });
    expect(world.timers).toBe(0);
    one.close();
  });

  it("is released when the work throws, whose error is passed on", async () => {
    const world = new FakeWorld();
    const leases = memoryLeases(() => world.mono);
    const one = lock("a", leases, { ttlMs: TTL, world });
    await expect(one.run(() => Promise.reject(new Error("boom")))).rejects.toThrow("boom");
    expect(leases.rows.get("a")?.holder).toBe("");
    one.close();
  });

  it("refuses times and names that cannot be", () => {
    const leases = memoryLeases(() => 0);
    expect(() => lock("", leases)).toThrow(TypeError);
    expect(() => lock("a", leases, { ttlMs: NaN })).toThrow(TypeError);
    expect(() => lock("a", leases, { ttlMs: 1_000, marginMs: 900 })).toThrow(TypeError);
  });
});

describe("contenders", () => {
  it("never hold it at one time, whatever fails, stalls or is released, and no token is given twice", async () => {
    const move = fc.oneof(
      fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 12_000 }) }),
      fc.record({ do: fc.constant("acquire" as const), who: fc.nat(2) }),
      fc.record({ do: fc.constant("release" as const), who: fc.nat(2) }),
      fc.record({ do: fc.constant("break" as const), how: fc.constantFrom(null, "before" as const, "after" as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 40 }), async (moves) => {
        const world = new FakeWorld();
        const leases = memoryLeases(() => world.mono);
        const locks = [0, 1, 2].map(() => lock("a", leases, { ttlMs: TTL, marginMs: 500, pollMs: 100, world }));
        const held: (Held | null)[] = [null, null, null];
        const tokens: number[] = [];
        let fence = 0;
        for (const one of moves) {
          if (one.do === "pass") await pass(world, one.ms);
          else if (one.do === "break") leases.broken = one.how;
          else if (one.do === "release") await held[one.who]?.release();
          else if (held[one.who]?.valid !== true) {
            const asking = locks[one.who]!.acquire({ waitMs: 0 }).catch(() => null);
            await pass(world, 100);
            const got = await asking;
            if (got !== null) {
              held[one.who] = got;
              tokens.push(got.token);
            }
          }
          const valid = held.filter((each) => each?.valid === true);
          expect(valid.length).toBeLessThanOrEqual(1);
          for (const each of valid) {
            expect(each!.token).toBeGreaterThanOrEqual(fence);
            fence = each!.token;
          }
        }
        expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
        for (const one of locks) one.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe("a leader", () => {
  it("is elected, is told when it lost, and campaigns again; another takes over with a higher token", async () => {
    const world = new FakeWorld();
    const host = watch();
    const leases = memoryLeases(() => world.mono);
    const log: string[] = [];
    let cut = false;
    const through = {
      ...leases,
      renew: (request: Parameters<typeof leases.renew>[0]) => (cut ? Promise.reject(new Error("cut")) : leases.renew(request)),
    };
    const mine = (name: string) => ({
      ttlMs: TTL,
      world,
      onElected: ({ token }: Held) => void log.push(`${name} elected ${token}`),
      onLost: () => void log.push(`${name} lost`),
    });
    const a = leader("cron", through, mine("a"));
    await settled();
    const b = leader("cron", leases, mine("b"));
    await pass(world, 3 * TTL);
    expect([a.isLeader, b.isLeader]).toEqual([true, false]);
    cut = true;
    await pass(world, 3 * TTL);
    expect(b.isLeader).toBe(true);
    expect(a.isLeader).toBe(false);
    expect(log).toEqual(["a elected 1", "a lost", "b elected 2"]);
    expect(host.events).toEqual([
      { type: "leader.elected", data: { token: 1 } },
      { type: "leader.lost", data: { token: 1, reason: "not renewed in time" } },
      { type: "leader.elected", data: { token: 2 } },
    ]);
    expect(host.parts[1]?.read()).toMatchObject({ held: 1, token: 2, takeovers: 1, acquired: 1, lost: 0 });
    cut = false;
    await b.close();
    await pass(world, TTL);
    expect(a.held?.token).toBe(3);
    expect(log.at(-1)).toBe("a elected 3");
    await a.close();
    expect(world.timers).toBe(0);
    expect(leases.rows.get("cron")?.holder).toBe("");
  });

  it("gives the leadership up when the work of the leader fails to start", async () => {
    const world = new FakeWorld();
    const leases = memoryLeases(() => world.mono);
    const lost: string[] = [];
    const one = leader("cron", leases, {
      ttlMs: TTL,
      world,
      onElected: () => Promise.reject(new Error("boom")),
      onLost: (reason) => {
        lost.push(reason);
        throw new Error("again");
      },
    });
    await settled();
    expect(lost).toEqual(["boom"]);
    expect(leases.rows.get("cron")?.holder).toBe("");
    await one.close();
  });

  it("does not wait for its own ghost when the answer to a grant was lost", async () => {
    const world = new FakeWorld();
    const leases = memoryLeases(() => world.mono);
    leases.broken = "after";
    const one = leader("cron", leases, { ttlMs: TTL, world });
    await settled();
    expect(one.isLeader).toBe(false);
    leases.broken = null;
    await pass(world, TTL / 2);
    expect(one.held?.token).toBe(2);
    await one.close();
  });
});
