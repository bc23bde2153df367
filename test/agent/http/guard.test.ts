import { describe, expect, it } from "vitest";
import { runCall } from "../../../agent/src/http/context.ts";
import { nodeHeaders } from "../../../agent/src/http/headers.ts";
import { createGuard, type Guard, type Visit } from "../../../agent/src/http/guard.ts";
import { moveIn, moveOut } from "../../../agent/src/resilience/home.ts";
import type { Part, PartHost } from "../../../agent/src/resilience/part.ts";
import { columnsOf } from "../../../protocol/kinds.ts";
import { fakeLimiter, fakeShedder } from "./fakes.ts";

/** A guard on a clock that a test moves, and the part it puts on the console. */
function guarded(options: Parameters<typeof createGuard>[0] = {}) {
  const parts: Part[] = [];
  const host: PartHost = {
    attach: (part) => {
      parts.push(part);
      return () => undefined;
    },
  };
  const clock = { now: 1_000 };
  moveIn(host);
  const guard = createGuard({ name: "shop", ...options }, () => clock.now);
  moveOut(host);
  const part = parts[0];
  if (part === undefined) throw new Error("no part");
  return { guard, clock, part };
}

function visit(guard: Guard<unknown>, headers: Record<string, string> = {}): Visit {
  const entry = guard.enter({}, nodeHeaders(headers));
  if ("status" in entry) throw new Error(`refused with ${entry.status}`);
  return entry;
}

describe("what a guard tells the console", () => {
  it("counts requests, and those whose caller had less time than the service gives", () => {
    const { guard, part } = guarded({ deadline: { defaultMs: 1_000 } });
    expect(part).toMatchObject({ name: "shop", kind: "deadline", steering: null });
    expect(Object.keys(part.read()).sort()).toEqual(
      columnsOf("deadline")
        .map(({ name }) => name)
        .sort(),
    );
    visit(guard).leave();
    visit(guard, { "x-holdfast-deadline-ms": "5000" }).leave();
    visit(guard, { "x-holdfast-deadline-ms": "400" }).leave();
    guard.enter({}, nodeHeaders({ "grpc-timeout": "0m" }));
    expect(part.read()).toMatchObject({ requests: 4, shortened: 2, refused: 1, wasted: 0 });
    guard.close();
  });

  it("counts work as wasted that ends after its deadline, once", () => {
    const { guard, clock, part } = guarded({ deadline: { defaultMs: 100 } });
    const [late, punctual] = [visit(guard), visit(guard)];
    clock.now += 100;
    punctual.leave();
    clock.now += 1;
    late.leave();
    late.leave();
    expect(part.read()).toMatchObject({ wasted: 1, spentPermille: 1_000 });
    guard.close();
  });

  it("tells the mean share of the budget that is spent, unknown while no request has one", () => {
    const { guard, clock, part } = guarded();
    visit(guard).leave();
    expect(part.read()).toMatchObject({ spentPermille: null });
    const first = visit(guard, { "x-holdfast-deadline-ms": "1000" });
    clock.now += 160;
    first.leave();
    expect(part.read()).toMatchObject({ spentPermille: 160 });
    visit(guard, { "x-holdfast-deadline-ms": "1000" }).leave();
    expect(part.read()).toMatchObject({ spentPermille: 150 });
    guard.close();
  });

  it("goes on guarding off the console", () => {
    const { guard } = guarded({ limiter: fakeLimiter({ waitMs: 1 }) });
    guard.close();
    expect(guard.enter({}, nodeHeaders({}))).toMatchObject({ status: 429 });
  });
});

describe("what a guard decides", () => {
  it("asks the limiter before the shedder, and neither for a request without time", () => {
    const limiter = fakeLimiter();
    const shedder = fakeShedder();
    const { guard, clock } = guarded({ limiter, shedder, keyOf: () => "a", cohortOf: () => 7, priorityOf: () => "critical" });
    runCall({ deadlineAt: clock.now, priority: undefined }, () => expect(guard.enter({}, nodeHeaders({}))).toMatchObject({ status: 504 }));
    expect([limiter.asked, shedder.entered]).toEqual([[], []]);
    visit(guard).leave();
    expect([limiter.asked, shedder.entered, shedder.left]).toEqual([["a"], [[3, 7]], [1_000]]);
    guard.close();
  });

  it("refuses below the least useful time, not at it", () => {
    const { guard } = guarded({ deadline: { refuseBelowMs: 30 } });
    expect(guard.enter({}, nodeHeaders({ "x-holdfast-deadline-ms": "29" }))).toMatchObject({ status: 504 });
    visit(guard, { "x-holdfast-deadline-ms": "30" }).leave();
    visit(guard).leave();
    guard.close();
  });

  it("lets the host's word on priority go before what is carried, and strips a stranger's claim all the same", () => {
    const { guard } = guarded({ edge: true, priorityOf: (request) => (request === "known" ? "critical" : undefined) });
    const headers = { baggage: "holdfast.priority=critical", priority: "u=0" };
    const known = guard.enter("known", nodeHeaders(headers)) as Visit;
    expect(known.context.priority).toBe(3);
    expect(headers).toEqual({ priority: "u=0" });
    const stranger = guard.enter("stranger", nodeHeaders({ baggage: "holdfast.priority=critical", priority: "u=0" })) as Visit;
    expect(stranger.context.priority).toBe(2);
    guard.close();
  });

  it("takes the class a guard around it has found, when the headers carry none", () => {
    const { guard, clock } = guarded();
    runCall({ deadlineAt: clock.now + 50, priority: 0 }, () => {
      expect(visit(guard).context).toEqual({ deadlineAt: clock.now + 50, priority: 0 });
      expect(visit(guard, { baggage: "holdfast.priority=high" }).context.priority).toBe(2);
    });
    guard.close();
  });

  it("ignores what the browser says inside, and baggage too long to read anywhere", () => {
    const inside = guarded().guard;
    expect(visit(inside, { priority: "u=7" }).context.priority).toBe(1);
    const edge = guarded({ edge: true }).guard;
    const headers: Record<string, string> = { baggage: `${"x".repeat(20_000)},holdfast.priority=critical` };
    visit(edge, headers);
    expect(headers).toEqual({});
    inside.close();
    edge.close();
  });

  it("asks a refused client to wait at least a second, in whole seconds", () => {
    for (const [waitMs, seconds] of [
      [1, "1"],
      [1_000, "1"],
      [1_001, "2"],
    ] as const) {
      const { guard } = guarded({ limiter: fakeLimiter({ waitMs }) });
      expect(guard.enter({}, nodeHeaders({}))).toMatchObject({ headers: { "retry-after": seconds } });
      guard.close();
    }
  });
});
