import { describe, expect, it } from "vitest";
import { LiveAgent } from "../../../agent/src/live-agent.ts";
import { PART_HOST } from "../../../agent/src/resilience/home.ts";
import type { Part } from "../../../agent/src/resilience/part.ts";
import { fakePart } from "../support/fake-part.ts";
import { configFor, FakeWorld } from "../support/fake-world.ts";
import { fault, override, refusals, settings, transaction } from "../support/transaction.ts";

function start(...parts: readonly Part[]) {
  const world = new FakeWorld();
  const lines: string[] = [];
  const agent = new LiveAgent({ config: configFor({ log: (_level, line) => void lines.push(line) }), runtime: world });
  const detach = parts.map((part) => agent[PART_HOST].attach(part));
  world.socket.greet();
  const declared = () => world.socket.messages().flatMap((message) => (message.t === "declare" ? [message] : []));
  const events = () => world.socket.messages().flatMap((message) => (message.t === "events" ? message.events : []));
  return { world, agent, lines, detach, declared, events };
}

describe("a policy at its agent", () => {
  it("is declared with its settings, bounds and limits, and with a resource for its reading", () => {
    const part = fakePart("payments", "breaker", { bounds: { openMs: [100, 5_000] }, fixed: ["windowMs"], note: "Calls under way go on." });
    const { declared, agent, world } = start({ ...part, target: "bank" });
    const [first] = declared();
    expect(first?.policies).toEqual([
      {
        policy: "breaker",
        name: "payments",
        values: part.steering.code,
        bounds: { openMs: [100, 5_000] },
        fixed: ["windowMs"],
        note: "Calls under way go on.",
        faults: false,
      },
    ]);
    expect(first?.resources).toContainEqual({ id: 1, kind: "breaker", name: "payments", target: "bank" });
    expect(world.socket.frames.length).toBe(1);
    void agent.close();
  });

  it("that comes later is declared then, and given at once what is held for it", async () => {
    const { agent, world, declared } = start();
    world.socket.say(
      transaction("full", 3, [
        settings("s1", "payments", "bulkhead", { maxConcurrent: 5 }),
        override("o1", "payments", "bulkhead", "disabled", 3),
      ]),
    );
    expect(refusals(world)).toEqual({});
    const part = fakePart("payments", "bulkhead");
    agent[PART_HOST].attach(part);
    expect(part.told).toEqual({ settings: [{ revision: 1, values: { maxConcurrent: 5 } }], override: "disabled", fault: null });
    await Promise.resolve();
    expect(
      declared()
        .at(-1)
        ?.policies?.map(({ name }) => name),
    ).toEqual(["payments"]);
    void agent.close();
  });

  it("tells events with its resource until it is taken away", async () => {
    const part = fakePart("payments", "breaker");
    const { detach, events, agent, declared } = start(part);
    part.tell?.("breaker.opened", { failurePermille: 600 });
    await Promise.resolve();
    expect(events().at(-1)).toMatchObject({
      type: "breaker.opened",
      resource: { kind: "breaker", name: "payments" },
      data: { failurePermille: 600 },
    });
    detach[0]?.();
    detach[0]?.();
    await Promise.resolve();
    expect(part.tell).toBeNull();
    expect(declared().at(-1)?.retired).toEqual([1]);
    expect(agent.status.resources).toBe(1);
    void agent.close();
  });

  it("whose reading throws is taken away, and the others are read on", () => {
    const bad: Part = {
      ...fakePart("bad", "breaker"),
      read: () => {
        throw new Error("reader");
      },
    };
    const { agent, world, lines } = start(bad, fakePart("good", "breaker"));
    world.pass(1_000);
    expect([agent.status.resources, agent.status.adapterErrors, lines.length]).toEqual([2, 1, 1]);
    void agent.close();
  });

  it("that throws at what it is told is counted, and the others are told", () => {
    const bad = fakePart("bad", "breaker", {
      settings: () => {
        throw new Error("part");
      },
    });
    const good = fakePart("good", "breaker");
    const { world, agent } = start(bad, good);
    world.socket.say(
      transaction("full", 1, [settings("a", "bad", "breaker", { probes: 9 }), settings("b", "good", "breaker", { probes: 9 })]),
    );
    expect(good.values["probes"]).toBe(9);
    expect(agent.status.adapterErrors).toBe(1);
    void agent.close();
  });

  it("is steered once for each policy and name, and not with a name that cannot travel", () => {
    const first = fakePart("payments", "breaker");
    const second = fakePart("payments", "breaker");
    const { world, agent } = start(first, second, fakePart("a\nb", "retry"));
    expect(agent.status.capped).toBe(4);
    world.socket.say(transaction("full", 1, [settings("a", "payments", "breaker", { probes: 9 })]));
    expect([first.calls > 0, second.calls]).toEqual([true, 0]);
    void agent.close();
  });
});

describe("settings from the console", () => {
  it("are merged in the order of their revisions, and what is beneath shows again", () => {
    const part = fakePart("payments", "bulkhead");
    const { world, agent } = start(part);
    world.socket.say(
      transaction("full", 5, [
        settings("new", "payments", "bulkhead", { maxConcurrent: 50 }, 5),
        settings("old", "payments", "bulkhead", { maxConcurrent: 40, maxQueue: 4 }, 4),
      ]),
    );
    expect(part.values).toMatchObject({ maxConcurrent: 50, maxQueue: 4 });
    world.socket.say(transaction("delta", 6, [], ["new"]));
    expect(part.values).toMatchObject({ maxConcurrent: 40, maxQueue: 4 });
    world.socket.say(transaction("full", 7, []));
    expect(part.told.settings).toEqual([]);
    void agent.close();
  });

  it("end with their lease without a console, and a part hears only what is news", () => {
    const part = fakePart("payments", "bulkhead");
    const { world, agent } = start(part, fakePart("other", "bulkhead"));
    world.socket.say(transaction("full", 1, [{ ...settings("a", "payments", "bulkhead", { maxConcurrent: 5 }), leaseMs: 60_000 }]));
    const calls = part.calls;
    world.socket.say(transaction("delta", 2, [settings("b", "other", "bulkhead", { maxConcurrent: 6 })]));
    world.socket.say({ t: "renew", items: [{ id: "a", leaseMs: 90_000 }] });
    expect(part.calls).toBe(calls);
    world.socket.handlers.closed(1006, "");
    world.pass(89_999);
    expect(part.values["maxConcurrent"]).toBe(5);
    world.pass(1);
    expect(part.told.settings).toEqual([]);
    void agent.close();
  });

  it("that cannot be are refused item by item with the reason, and the last good ones stay", () => {
    const part = fakePart("payments", "breaker", { bounds: { openMs: [100, 5_000] }, fixed: ["windowMs"] });
    const { world, agent } = start(part);
    world.socket.say(transaction("full", 1, [settings("good", "payments", "breaker", { openMs: 1_000 })]));
    world.socket.say(
      transaction("delta", 2, [
        { ...settings("good", "payments", "breaker", { openMs: 9_000 }, 2) },
        settings("unknown", "payments", "breaker", { speed: 1 }, 2),
        settings("type", "payments", "breaker", { probes: "many" }, 2),
        settings("fixed", "payments", "breaker", { windowMs: 2_000 }, 2),
        settings("policy", "payments", "retry", { maxAttempts: 2 }, 2),
        settings("together", "payments", "breaker", { openMaxMs: 999 }, 2),
        settings("fine", "payments", "breaker", { openMaxMs: 1_000 }, 2),
        { id: "body", kind: "settings", key: "payments", body: { policy: "breaker" } },
        settings("elsewhere", "not-here-yet", "breaker", { probes: 0 }, 2),
      ]),
    );
    expect(refusals(world)).toEqual({
      good: "bad_value",
      unknown: "bad_value",
      type: "bad_value",
      fixed: "bad_value",
      policy: "unknown_policy",
      together: "impossible",
      body: "malformed",
      elsewhere: "bad_value",
    });
    expect(part.values).toMatchObject({ openMs: 1_000, openMaxMs: 1_000 });
    void agent.close();
  });

  it("are judged over what is held beneath them, whatever the order they come in", () => {
    const part = fakePart("payments", "timeout");
    const { world, agent } = start(part);
    world.socket.say(
      transaction("full", 9, [
        settings("third", "payments", "timeout", { attemptMs: 1_500 }, 9),
        settings("first", "payments", "timeout", { totalMs: 1_000, attemptMs: 500 }, 7),
        settings("second", "payments", "timeout", { totalMs: 2_000 }, 8),
      ]),
    );
    expect([refusals(world), part.values]).toMatchObject([{}, { attemptMs: 1_500, totalMs: 2_000 }]);
    world.socket.say(transaction("delta", 10, [settings("fourth", "payments", "timeout", { totalMs: 1_200 }, 10)]));
    expect([refusals(world), part.values]).toMatchObject([{ fourth: "impossible" }, { attemptMs: 1_500, totalMs: 2_000 }]);
    // What is beneath goes: the rest is not possible any more, and the part never sees it.
    world.socket.say(transaction("delta", 11, [], ["second"]));
    expect(part.values).toMatchObject({ attemptMs: 500, totalMs: 1_000 });
    void agent.close();
  });

  it("that turn out impossible when their policy appears are refused and let go at the next full transaction", () => {
    const { world, agent } = start();
    const wrong = settings("a", "payments", "breaker", { openMs: 1 });
    world.socket.say(transaction("full", 1, [wrong]));
    const part = fakePart("payments", "breaker", { bounds: { openMs: [100, 200] } });
    agent[PART_HOST].attach(part);
    expect(part.told.settings).toEqual([]);
    world.socket.say(transaction("full", 1, [wrong]));
    expect(refusals(world)).toEqual({ a: "bad_value" });
    const last = world.socket.messages().at(-1);
    expect(last).toMatchObject({ t: "nack", digest: 0 });
    void agent.close();
  });
});

describe("an override", () => {
  it("of the highest revision decides, and the one beneath shows again", () => {
    const part = fakePart("payments", "breaker");
    const { world, agent } = start(part);
    world.socket.say(
      transaction("full", 2, [
        override("b", "payments", "breaker", "forced_closed", 2),
        override("a", "payments", "breaker", "forced_open", 1),
      ]),
    );
    expect(part.told.override).toBe("forced_closed");
    world.socket.say(transaction("delta", 3, [], ["b"]));
    expect(part.told.override).toBe("forced_open");
    world.socket.say(transaction("delta", 4, [], ["a"]));
    expect(part.told.override).toBeNull();
    void agent.close();
  });

  it("that does not fit its policy is refused", () => {
    const { world, agent } = start(fakePart("payments", "bulkhead"));
    world.socket.say(
      transaction("full", 1, [
        override("a", "payments", "bulkhead", "forced_open"),
        override("b", "payments", "bulkhead", "sideways"),
        override("c", "payments", "breaker", "disabled"),
        override("d", "payments", "bulkhead", "disabled"),
      ]),
    );
    expect(refusals(world)).toEqual({ a: "bad_override", b: "malformed", c: "unknown_policy" });
    void agent.close();
  });
});

describe("a fault", () => {
  const values = { errorPermille: 100 };

  it("reaches only a part that allows it, and ends with its lease", () => {
    const open = fakePart("payments", "retry", { faults: true });
    const shut = fakePart("payments", "breaker");
    const { world, agent } = start(open, shut);
    world.socket.say(transaction("full", 1, [fault("f", "payments", values, 30_000)]));
    expect([refusals(world), open.told.fault, shut.told.fault]).toEqual([{}, values, null]);
    world.socket.handlers.closed(1006, "");
    world.pass(30_000);
    expect(open.told.fault).toBeNull();
    void agent.close();
  });

  it("without a lease, without effect, or where the host did not opt in is refused", () => {
    const part = fakePart("open", "retry", { faults: true });
    const { world, agent } = start(part, fakePart("shut", "retry"));
    world.socket.say(
      transaction("full", 1, [
        fault("endless", "open", values, null),
        fault("nothing", "open", {}, 1_000),
        fault("shut", "shut", values, 1_000),
        fault("later", "nobody", values, 1_000),
      ]),
    );
    expect(refusals(world)).toEqual({ endless: "bad_fault", nothing: "bad_fault", shut: "faults_off" });
    void agent.close();
  });

  it("made endless by a renewal is taken back", () => {
    const part = fakePart("open", "retry", { faults: true });
    const { world, agent } = start(part);
    world.socket.say(transaction("full", 1, [fault("f", "open", values, 1_000)]));
    world.socket.say({ t: "renew", items: [{ id: "f", leaseMs: null }] });
    expect(part.told.fault).toBeNull();
    void agent.close();
  });
});

describe("an agent that closes", () => {
  it("ends for its parts whatever has a lease, and leaves them the rest", () => {
    const part = fakePart("payments", "breaker", { faults: true });
    const { world, agent, detach } = start(part);
    world.socket.say(
      transaction("full", 3, [
        settings("s", "payments", "breaker", { probes: 9 }),
        { ...override("o", "payments", "breaker", "forced_open", 2), leaseMs: 60_000 },
        fault("f", "payments", { errorPermille: 1 }, 60_000, 3),
      ]),
    );
    expect(part.told).toMatchObject({ override: "forced_open", fault: { errorPermille: 1 } });
    void agent.close();
    detach[0]?.();
    expect(part.told).toEqual({ settings: [{ revision: 1, values: { probes: 9 } }], override: null, fault: null });
  });
});
