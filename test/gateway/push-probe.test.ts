import { describe, expect, it } from "vitest";
import { PushProbe } from "../../server/gateway/push-probe.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { eventually, joinAgent, startTestConsole } from "../support/test-console.ts";

function path(keys: readonly string[]) {
  const clock = new FakeClock();
  const written: { key: string; text: string }[] = [];
  let made = 0;
  const probe = new PushProbe({
    clock,
    newId: () => `p${String(++made)}`,
    targets: () =>
      keys.map((key) => ({ key, open: key !== "gone", write: (frame) => void written.push({ key, text: frame.subarray(2).toString() }) })),
  });
  return { probe, clock, written };
}

describe("a probe of the way to the agents", () => {
  it("asks all who are connected, and is over with the last answer", async () => {
    const { probe, clock, written } = path(["a", "b", "gone"]);
    const outcome = probe.probe("production");
    expect(written).toEqual(["a", "b"].map((key) => ({ key, text: '{"t":"probe","id":"p1"}' })));
    clock.advance(3);
    probe.answered("production", "b", "p1");
    clock.advance(4);
    probe.answered("production", "a", "p1");
    expect(await outcome).toEqual({ at: 1_700_000_000_000, asked: 2, answers: [3, 7], silent: [] });
    expect(clock.waiting).toBe(0);
  });

  it("names those who are silent for two seconds", async () => {
    const { probe, clock } = path(["a", "b"]);
    const outcome = probe.probe("production");
    probe.answered("production", "a", "p1");
    clock.advance(2_000);
    expect(await outcome).toMatchObject({ asked: 2, answers: [0], silent: ["b"] });
  });

  it("is one for all who ask at the same time, and another afterwards", async () => {
    const { probe } = path(["a"]);
    const both = [probe.probe("production"), probe.probe("production")];
    probe.answered("production", "a", "p1");
    const [one, two] = await Promise.all(both);
    expect(one).toBe(two);
    const next = probe.probe("production");
    probe.answered("production", "a", "p2");
    expect((await next).answers).toHaveLength(1);
  });

  it("takes no answer twice, none to an older question, and none from strangers", async () => {
    const { probe, clock } = path(["a", "b"]);
    const outcome = probe.probe("production");
    for (const [key, id] of [
      ["a", "p1"],
      ["a", "p1"],
      ["b", "p0"],
      ["c", "p1"],
    ] as const)
      probe.answered("production", key, id);
    probe.answered("staging", "b", "p1");
    clock.advance(2_000);
    expect(await outcome).toMatchObject({ asked: 2, answers: [0], silent: ["b"] });
  });

  it("is over at once where nobody is connected", async () => {
    expect(await path([]).probe.probe("production")).toMatchObject({ asked: 0, answers: [], silent: [] });
  });

  it("hears real sockets, whose agents answer the question they were asked", async () => {
    const console = await startTestConsole();
    try {
      const agent = await joinAgent(console, { service: "orders", instance: "o1" });
      const outcome = console.agents.path.probe("production");
      const question = await eventually(() => agent.messages.find((message) => message.t === "probe"));
      agent.say({ t: "probe-ack", id: question.id });
      expect(await outcome).toMatchObject({ asked: 1, silent: [] });
    } finally {
      await console.stop();
    }
  });
});
