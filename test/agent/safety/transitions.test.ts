import { createRequire } from "node:module";
import { circuitBreaker } from "@holdfast/agent/resilience";
import { describe, expect, it } from "vitest";
import { LiveAgent } from "../../../agent/src/live-agent.ts";
import { BREAKER_STATES } from "../../../protocol/kinds.ts";
import { configFor, FakeWorld } from "../support/fake-world.ts";
import type { BreakerClass } from "../support/opossum.ts";
import { expectNoProcessErrors } from "./support/process-errors.ts";
import { eventsOf, framesOf, latestOf } from "./support/reacting-world.ts";

expectNoProcessErrors();

const TRANSITIONS = 100_000;
const SLICES = 100;
const KEPT_EVENTS = 1_000;
/** What may leave in the first second: bursts and a second's worth. */
const EVENTS_A_SECOND = 450;
const MESSAGES_A_SECOND = 170;

function start() {
  const world = new FakeWorld();
  const agent = new LiveAgent({ config: configFor(), runtime: world });
  world.socket.greet();
  return { world, agent, socket: world.socket };
}

/** Moves 100,000 times within a second of the agent's clock, with the turns of the loop a busy host has. */
async function flap({ world, agent }: ReturnType<typeof start>, move: (i: number) => void): Promise<void> {
  for (let slice = 0; slice < SLICES; slice++) {
    for (let i = 0; i < TRANSITIONS / SLICES; i++) move((slice * TRANSITIONS) / SLICES + i);
    await Promise.resolve();
    expect(agent.status.bufferedEvents).toBeLessThanOrEqual(KEPT_EVENTS);
    world.pass(1_000 / SLICES);
  }
}

/** Lets everything arrive, with a console that has on disk what it was sent. */
async function drain({ world, agent, socket }: ReturnType<typeof start>): Promise<void> {
  for (let second = 0; second < 60 && agent.status.bufferedEvents > 0; second++) {
    world.pass(1_000);
    socket.handlers.heard();
    socket.say({ t: "ack", events: eventsOf(socket).seqs.at(-1) ?? 0 });
    await Promise.resolve();
  }
}

function expectCounted({ agent, socket }: ReturnType<typeof start>, pushed: number): void {
  const { seqs, dropped } = eventsOf(socket);
  expect(new Set(seqs).size).toBe(seqs.length);
  expect(seqs.length + dropped).toBe(pushed);
  expect(seqs.at(-1)).toBe(pushed);
  expect(agent.status).toMatchObject({ droppedEvents: dropped, bufferedEvents: 0, adapterErrors: 0 });
  void agent.close();
}

describe("100,000 transitions in a second", () => {
  it("of a breaker policy: samples show the latest state and exact counts, events are bounded and what is lost is counted", async () => {
    const started = start();
    const { agent, socket, world } = started;
    const breaker = circuitBreaker("payments", { agent });
    await flap(started, (i) => {
      breaker.override(i % 2 === 0 ? "disabled" : "forced_open");
      if (breaker.begin() !== 0) breaker.end(-1, true);
    });
    const first = eventsOf(socket);
    expect(first.seqs.length).toBeLessThanOrEqual(EVENTS_A_SECOND);
    expect(first.messages).toBeLessThanOrEqual(MESSAGES_A_SECOND);
    expect(framesOf(socket).length).toBeLessThanOrEqual(2);
    world.pass(1_000);
    expect(latestOf(socket, "payments")).toMatchObject({
      state: BREAKER_STATES.indexOf("forced_open"),
      calls: TRANSITIONS / 2,
      rejected: TRANSITIONS / 2,
      inFlight: 0,
    });
    await drain(started);
    expectCounted(started, 1 + TRANSITIONS);
    breaker.close();
  });

  it("of an observed opossum: the same", async () => {
    const started = start();
    const { agent, socket, world } = started;
    const CircuitBreaker = createRequire(import.meta.url)("opossum") as BreakerClass;
    const breaker = new CircuitBreaker(async () => 1, { resetTimeout: 60_000 });
    agent.observe(breaker, "stock");
    await flap(started, (i) => {
      if (i % 2 === 0) breaker.open();
      else breaker.close();
    });
    breaker.open();
    world.pass(1_000);
    expect(latestOf(socket, "stock")["state"]).toBe(BREAKER_STATES.indexOf("open"));
    expect(eventsOf(socket).messages).toBeLessThanOrEqual(MESSAGES_A_SECOND + 20);
    await drain(started);
    expectCounted(started, 2 + TRANSITIONS);
    breaker.shutdown();
  });

  it("with no console: a thousand events are kept, the newest, and the rest is counted", async () => {
    const world = new FakeWorld();
    const agent = new LiveAgent({ config: configFor(), runtime: world });
    const breaker = circuitBreaker("payments", { agent });
    await flap({ world, agent, socket: world.socket }, (i) => breaker.override(i % 2 === 0 ? "disabled" : "forced_open"));
    expect(agent.status).toMatchObject({ bufferedEvents: KEPT_EVENTS, droppedEvents: 1 + TRANSITIONS - KEPT_EVENTS });
    world.socket.greet();
    const { seqs, dropped } = eventsOf(world.socket);
    expect([seqs[0], dropped]).toEqual([2 + TRANSITIONS - KEPT_EVENTS, 1 + TRANSITIONS - KEPT_EVENTS]);
    void agent.close();
    breaker.close();
  });
});
