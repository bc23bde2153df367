import { describe, expect, it } from "vitest";
import type { BusMessage } from "../../server/bus/bus.ts";
import { createInProcessBus } from "../../server/bus/in-process-bus.ts";
import { createLog } from "../../server/log.ts";

const ended = (sessionId: string): BusMessage => ({ type: "session-ended", sessionId });
const idOf = (message: BusMessage) => (message.type === "session-ended" ? message.sessionId : "");

describe("the bus of one process", () => {
  it("delivers to everyone in order of publishing, also what is published while delivering", () => {
    const bus = createInProcessBus(createLog("silent"));
    const [first, second]: [string[], string[]] = [[], []];
    bus.subscribe((message) => {
      first.push(idOf(message));
      if (idOf(message) === "a") bus.publish(ended("b"));
    });
    bus.subscribe((message) => second.push(idOf(message)));
    bus.publish(ended("a"));
    bus.publish(ended("c"));
    expect(first).toEqual(["a", "b", "c"]);
    expect(second).toEqual(["a", "b", "c"]);
  });

  it("goes on when a subscriber throws, and forgets one that has left", () => {
    const bus = createInProcessBus(createLog("silent"));
    const seen: string[] = [];
    bus.subscribe(() => {
      throw new Error("on purpose");
    });
    const leave = bus.subscribe((message) => seen.push(idOf(message)));
    bus.publish(ended("a"));
    leave();
    bus.publish(ended("b"));
    expect(seen).toEqual(["a"]);
  });

  it("delivers nothing after it was closed", async () => {
    const bus = createInProcessBus(createLog("silent"));
    const seen: string[] = [];
    bus.subscribe((message) => seen.push(idOf(message)));
    await bus.close();
    bus.publish(ended("a"));
    expect(seen).toEqual([]);
  });
});
