import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  idempotencyKey,
  idempotent,
  memoryIdempotency,
  type IdempotencyStore,
  type IdempotentRequest,
  type Verdict,
} from "../../../agent/src/entry-coordination.ts";
import { decode, encode } from "../../../agent/src/coordination/outcome.ts";
import { moveIn, moveOut } from "../../../agent/src/resilience/home.ts";
import type { Part, PartHost } from "../../../agent/src/resilience/part.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { until } from "../support/until.ts";

const request = (key: string): IdempotentRequest => ({
  method: "POST",
  url: "/payments",
  header: (name) => (name === "idempotency-key" ? key : undefined),
  source: null,
});
const none = () => undefined;

function runOf(verdict: Verdict) {
  if (!("run" in verdict)) throw new Error("it does not run");
  return verdict.run;
}
function statusOf(verdict: Verdict): number | "runs" {
  return "answer" in verdict ? verdict.answer.status : "runs";
}

describe("an Idempotency-Key", () => {
  it("is read as the structured-field String that was written", () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 255,
    });
    fc.assert(
      fc.property(printable, (key) => {
        const header = `"${key.replace(/[\\"]/g, "\\$&")}"`;
        expect(idempotencyKey(header)).toBe(key);
        expect(idempotencyKey(` ${header};a=1; b="x" `)).toBe(key);
      }),
    );
  });

  it("may be bare, and is then the same key", () => {
    fc.assert(
      fc.property(fc.uuid(), (key) => {
        expect(idempotencyKey(key)).toBe(key);
        expect(idempotencyKey(`"${key}"`)).toBe(key);
      }),
    );
  });

  it.each(["", '""', '"', '"a', 'a"', '"a" b', "a b", "a,b", '"a", "b"', '"a\\b"', "é", '"é"', "x".repeat(256), `"${"x".repeat(256)}"`])(
    "is not %j",
    (header) => {
      expect(idempotencyKey(header)).toBeUndefined();
    },
  );

  it("is decided in linear time, whatever is sent", () => {
    fc.assert(fc.property(fc.string({ maxLength: 2_000 }), (header) => void idempotencyKey(header)));
    expect(idempotencyKey(`"a"${';a="'.repeat(4_000)}`)).toBeUndefined();
  });
});

describe("an outcome", () => {
  it("comes back from a store as it went in, whatever its bytes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.dictionary(fc.string(), fc.string()), fc.uint8Array(), (status, headers, body) => {
        const back = decode(encode({ status, headers, body }));
        expect(back?.status).toBe(status);
        expect(back?.headers).toEqual({ ...headers });
        expect(new Uint8Array(back?.body ?? [])).toEqual(body);
      }),
    );
  });
});

describe("idempotent", () => {
  it("refuses with 503 while the store cannot be reached, and runs nothing", async () => {
    const broken: IdempotencyStore = { ...memoryIdempotency(), begin: () => Promise.reject(new Error("down")) };
    const guard = idempotent(broken, { scope: () => "" });
    expect(statusOf(await guard.begin(request("k"), ""))).toBe(503);
    guard.close();
  });

  it("renews a run that lives, frees the key of one that does not, and gives up on one that never ends", async () => {
    const world = new FakeWorld();
    const guard = idempotent(memoryIdempotency({ world }), { scope: () => "", lockMs: 3_000, maxRunMs: 60_000, world });
    runOf(await guard.begin(request("k"), ""));
    world.pass(50_000);
    expect(statusOf(await guard.begin(request("k"), ""))).toBe(409);
    world.pass(14_000);
    expect(statusOf(await guard.begin(request("k"), ""))).toBe("runs");
    guard.close();
  });

  it("tries again to keep an outcome before it gives up, and neither throws nor hangs when it cannot", async () => {
    const world = new FakeWorld();
    let tries = 0;
    const store = memoryIdempotency({ world });
    const flaky: IdempotencyStore = {
      ...store,
      finish: (attempt, outcome) => (++tries < 3 ? Promise.reject(new Error("down")) : store.finish(attempt, outcome)),
    };
    const guard = idempotent(flaky, { scope: () => "", world });
    const finished = runOf(await guard.begin(request("k"), "")).finish(200, none, new Uint8Array([65]));
    await until("all tries were made", () => {
      world.pass(100);
      return tries === 3;
    });
    await finished;
    expect(statusOf(await guard.begin(request("k"), ""))).toBe(200);
    tries = -1_000;
    const lost = runOf(await guard.begin(request("l"), "")).finish(200, none, null);
    await until("it gave up", () => {
      world.pass(100);
      return tries >= -997;
    });
    await lost;
    expect(world.timers).toBe(0);
    guard.close();
  });

  it("tells an agent what it counts", async () => {
    const parts: Part[] = [];
    const host: PartHost = {
      attach: (part) => {
        parts.push(part);
        return () => void parts.splice(parts.indexOf(part), 1);
      },
    };
    expect(moveIn(host)).toBe(true);
    const guard = idempotent(memoryIdempotency(), { scope: () => "", name: "payments" });
    const run = runOf(await guard.begin(request("k"), ""));
    await guard.begin(request("k"), "");
    expect(parts[0]?.read()).toMatchObject({ requests: 2, conflicts: 1, running: 1 });
    await run.finish(200, none, new Uint8Array());
    await guard.begin(request("k"), "");
    await guard.begin(request("k"), "other");
    expect(parts[0]).toMatchObject({ name: "payments", kind: "idempotency", steering: null });
    expect(parts[0]?.read()).toEqual({ requests: 4, stored: 1, replays: 1, conflicts: 1, mismatches: 1, running: 0 });
    guard.close();
    expect(parts).toHaveLength(0);
    moveOut(host);
  });
});
