import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, expect, it } from "vitest";
import { LiveAgent } from "../../agent/src/live-agent.ts";
import { PART_HOST } from "../../agent/src/resilience/home.ts";
import type { Topic } from "../../agent/src/topics.ts";
import { viewOf } from "../../agent/src/view.ts";
import { fakePart } from "./support/fake-part.ts";
import { configFor, FakeWorld } from "./support/fake-world.ts";
import { transaction } from "./support/transaction.ts";

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

function listenTo(topic: Topic): unknown[] {
  const heard: unknown[] = [];
  const listener = (message: unknown): void => void heard.push(message);
  subscribe(topic, listener);
  ends.push(() => void unsubscribe(topic, listener));
  return heard;
}

function start() {
  const world = new FakeWorld();
  const agent = new LiveAgent({ config: configFor(), runtime: world });
  ends.push(() => void agent.close());
  return { world, agent };
}

const ORIGIN = { service: "orders", instance: "orders-1" };
const off = [{ id: "a", kind: "switch", key: "prices", revision: 3, body: { position: "off" } }];

describe("an agent publishes in its process", () => {
  it("its link going up and down, when its status says so too", () => {
    const { world, agent } = start();
    const seen: unknown[] = [];
    const listener = (message: unknown): void => void seen.push([message, agent.status.connected]);
    subscribe("holdfast:link:state", listener);
    ends.push(() => void unsubscribe("holdfast:link:state", listener));
    world.socket.greet();
    world.socket.handlers.closed(1006, "");
    world.pass(60_000);
    expect(seen).toEqual([
      [{ ...ORIGIN, connected: true }, true],
      [{ ...ORIGIN, connected: false }, false],
    ]);
  });

  it("each switch that moves, and everything it writes into its log", () => {
    const { world, agent } = start();
    const switches = listenTo("holdfast:switch:change");
    const events = listenTo("holdfast:event");
    agent.switch({ key: "prices", title: "Prices", whatUsersLose: "Live prices" });
    world.socket.greet();
    world.socket.say(transaction("full", 3, off));
    agent.event("deploy", { version: "2" });
    const change = { key: "prices", position: "off", previous: "on", revision: 3, source: "policy" };
    expect(switches).toEqual([{ ...ORIGIN, ...change }]);
    expect(events).toEqual([
      { ...ORIGIN, type: "switch.applied", resource: null, data: change },
      { ...ORIGIN, type: "deploy", resource: null, data: { version: "2" } },
    ]);
  });
});

it("an agent shows its switches and newest readings to adapters", () => {
  const { world, agent } = start();
  agent[PART_HOST].attach(fakePart("payments", "breaker"));
  agent.switch({ key: "prices", title: "Prices", whatUsersLose: "Live prices" });
  const view = viewOf(agent);
  expect(view?.switchOf("prices")).toEqual({ key: "prices", positions: ["on", "off"], position: "on", revision: 0, known: false });
  world.socket.greet();
  world.socket.say(transaction("full", 3, off));
  expect(view?.switchOf("prices")).toMatchObject({ position: "off", revision: 3, known: true });
  expect(view?.switchOf("nothing")).toBeNull();
  world.pass(1_000);
  const reading = [...(view?.readings() ?? [])].find(({ name }) => name === "payments");
  expect(reading?.columns()).toEqual({ state: 0, calls: 7 });
});
