import * as cockatiel3 from "cockatiel";
import * as cockatiel4 from "cockatiel-4";
import { describe, expect, it } from "vitest";
import { BREAKER_STATES } from "../../../protocol/kinds.ts";
import { observing } from "../support/observing.ts";
import { until } from "../support/until.ts";

const OPEN = BREAKER_STATES.indexOf("open");

describe.each([
  ["cockatiel 3", cockatiel3],
  ["cockatiel 4", cockatiel4 as unknown as typeof cockatiel3],
])("%s", (_title, lib) => {
  const fail = () => Promise.reject(new Error("down"));

  function breakerOf(halfOpenAfter: number) {
    return lib.circuitBreaker(lib.handleAll, { halfOpenAfter, breaker: new lib.ConsecutiveBreaker(2) });
  }

  it("a breaker counts its calls and tells its states, one of them with every change", async () => {
    const on = observing();
    const breaker = breakerOf(60_000);
    on.observe(breaker, "payments");
    await breaker.execute(() => "fine");
    for (let i = 0; i < 3; i++) await breaker.execute(fail).catch(() => undefined);
    const values = on.sample("breaker", "payments");
    expect(values).toMatchObject({ state: OPEN, calls: 3, failures: 2, failurePermille: 667 });
    // It raises no event for a call it turns away, so this is unknown rather than 0.
    expect(values).not.toHaveProperty("rejected");
    expect(values).toMatchObject({ nextProbeMs: expect.toSatisfy((ms: number) => ms > 50_000 && ms <= 60_000) });
    expect(on.events).toMatchObject([{ type: "breaker.opened", name: "payments", data: { from: "closed", to: "open" } }]);
  });

  it("a breaker whose open time is over is shown as open with its probe due until a call half-opens it", async () => {
    const on = observing();
    const breaker = breakerOf(20);
    on.observe(breaker, "payments");
    for (let i = 0; i < 2; i++) await breaker.execute(fail).catch(() => undefined);
    await on.sampleWhere("breaker", "payments", (values) => "nextProbeMs" in values && values.nextProbeMs === 0);
    expect(on.sample("breaker", "payments")).toMatchObject({ state: OPEN, nextProbeMs: 0 });
    let finish: (value: string) => void = () => undefined;
    const probe = breaker.execute(() => new Promise<string>((resolve) => (finish = resolve)));
    await until("half open", () => on.events.some((event) => event.type === "breaker.half_opened"));
    expect(on.sample("breaker", "payments")).toMatchObject({ state: 1 });
    finish("fine");
    expect(await probe).toBe("fine");
    expect(on.sample("breaker", "payments")).toMatchObject({ state: 0 });
    expect(on.events.map((event) => event.type)).toEqual(["breaker.opened", "breaker.half_opened", "breaker.closed"]);
  });

  it("errors a breaker does not look at are calls, not failures", async () => {
    const on = observing();
    const breaker = lib.circuitBreaker(
      lib.handleWhen(() => false),
      { halfOpenAfter: 10, breaker: new lib.ConsecutiveBreaker(1) },
    );
    on.observe(breaker, "choosy");
    await breaker.execute(fail).catch(() => undefined);
    expect(on.sample("breaker", "choosy")).toMatchObject({ state: 0, calls: 1, failures: 0, failurePermille: 0 });
  });

  it("a bulkhead shows its places, its queue and who was turned away", async () => {
    const on = observing();
    const bulkhead = lib.bulkhead(1, 1);
    on.observe(bulkhead, "reports");
    let finish: () => void = () => undefined;
    const first = bulkhead.execute(() => new Promise<void>((resolve) => (finish = resolve)));
    const second = bulkhead.execute(() => undefined);
    await expect(bulkhead.execute(() => undefined)).rejects.toThrow();
    expect(on.sample("bulkhead", "reports")).toMatchObject({ inUse: 1, max: 1, waiting: 1, queueMax: 1, rejected: 1 });
    finish();
    await Promise.all([first, second]);
    expect(on.sample("bulkhead", "reports")).toMatchObject({ inUse: 0, waiting: 0 });
  });

  it("retry, timeout and fallback count calls, not attempts", async () => {
    const on = observing();
    const retry = lib.retry(lib.handleAll, { maxAttempts: 2 });
    const timeout = lib.timeout(10, lib.TimeoutStrategy.Aggressive);
    const fallback = lib.fallback(lib.handleAll, "instead");
    for (const [name, policy] of Object.entries({ retry, timeout, fallback })) on.observe(policy, name);
    await retry.execute(() => "fine");
    await retry.execute(fail).catch(() => undefined);
    expect(on.sample("retry", "retry")).toMatchObject({ calls: 2, retries: 2, exhausted: 1 });
    await timeout.execute(() => "fine");
    await timeout.execute(() => new Promise(() => undefined)).catch(() => undefined);
    expect(on.sample("timeout", "timeout")).toMatchObject({ calls: 2, attemptTimeouts: 1 });
    await fallback.execute(() => "fine");
    expect(await fallback.execute(fail)).toBe("instead");
    expect(on.sample("fallback", "fallback")).toMatchObject({ calls: 2, fresh: 1, defaults: 1, failed: 0 });
  });

  it("one line registers every policy of a wrap, and its disposer lets go of all", async () => {
    const on = observing();
    const breaker = breakerOf(60_000);
    const inner = lib.wrap(breaker, lib.bulkhead(2));
    const policy = lib.wrap(lib.retry(lib.handleAll, { maxAttempts: 1 }), inner, lib.noop, breakerOf(10));
    const dispose = on.observe(policy, "payments");
    await policy.execute(() => "fine");
    for (const kind of ["retry", "breaker"]) expect(on.sample(kind, "payments")).toMatchObject({ calls: 1 });
    expect(on.sample("bulkhead", "payments")).toMatchObject({ inUse: 0, max: 2 });
    expect(on.sample("breaker", "payments 2")).toMatchObject({ calls: 1 });
    dispose();
    expect(on.table.liveCount).toBe(0);
    await breaker.execute(() => "fine");
    expect(on.lines).toEqual([]);
  });

  it("control can hold a breaker open until the override ends, and changes no setting", async () => {
    const on = observing();
    const breaker = breakerOf(10);
    const dispose = on.observe(breaker, "payments", { control: true });
    const steering = on.steerings.get("breaker payments");
    expect(steering).toMatchObject({ code: { openMs: 10 }, fixed: expect.arrayContaining(["openMs", "failurePermille"]) });
    on.override("breaker payments", "forced_open");
    await expect(breaker.execute(() => "fine")).rejects.toThrow();
    expect(on.sample("breaker", "payments")).toMatchObject({ state: BREAKER_STATES.indexOf("forced_open") });
    on.override("breaker payments", null);
    expect(await breaker.execute(() => "fine")).toBe("fine");
    on.override("breaker payments", "disabled");
    expect(await breaker.execute(() => "fine")).toBe("fine");
    on.override("breaker payments", "forced_open");
    dispose();
    expect(await breaker.execute(() => "fine")).toBe("fine");
    expect(on.steerings.size).toBe(0);
  });
});
