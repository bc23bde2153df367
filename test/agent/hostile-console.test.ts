import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { createAgent, type Agent } from "@holdfast/agent";
import { LiveAgent } from "../../agent/src/live-agent.ts";
import { configFor, FakeWorld } from "./support/fake-world.ts";
import { startFakeConsole, type FakeConsole } from "./support/fake-console.ts";
import { until } from "./support/until.ts";

let control: FakeConsole | undefined;
let agent: Agent | undefined;
afterEach(async () => {
  await agent?.close();
  await control?.close();
});

describe("a hostile console", () => {
  it("sending anything at all never makes the agent throw or move a switch", () => {
    const world = new FakeWorld();
    const local = new LiveAgent({ config: configFor(), runtime: world });
    const handle = local.switch({ key: "prices", title: "Prices", whatUsersLose: "Prices" });
    const message = fc.oneof(
      fc.jsonValue(),
      fc.record({
        t: fc.constantFrom("put", "intent", "del", "renew", "ack", "welcome", "goodbye", "slow-down", "probe", "refused", "nonsense"),
        txn: fc.jsonValue(),
        id: fc.jsonValue(),
        items: fc.jsonValue(),
        mode: fc.jsonValue(),
        revision: fc.jsonValue(),
      }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          message.map((value) => JSON.stringify(value)),
        ),
        (frame) => {
          if (local.status.state !== "open") {
            for (let i = 0; i < 1_000 && local.status.state !== "connecting"; i++) world.pass(100);
            world.socket.greet();
          }
          world.socket.handlers.text(frame);
          if (world.socket.closedWith !== null) world.socket.handlers.closed(world.socket.closedWith, "");
          expect(handle.position).toBe("on");
        },
      ),
      { numRuns: 2_000 },
    );
    void local.close();
  });

  it("sending garbage text, binary frames, oversized and deep messages loses the link, not the host", async () => {
    control = await startFakeConsole();
    agent = createAgent({ url: control.url, token: "hfa_test", service: "orders", log: () => undefined });
    const first = await control.link();
    first.socket.send("{not json");
    first.socket.send(Buffer.from([1, 2, 3]));
    first.socket.send("[".repeat(100_000));
    first.socket.send(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    first.socket.send(`{"t":"put","body":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`);
    first.say({ t: "probe", id: "still-there" });
    await until("the probe is answered", () => first.messages.find((message) => message.t === "probe-ack"));
    first.socket.send("x".repeat(2 * 1024 * 1024));
    await until("the oversized frame ends the link", () => first.socket.readyState === first.socket.CLOSED);
    await until("the agent comes back", () => (control?.links.length ?? 0) > 1);
  });

  it("that sends what cannot be read over and over is left for a while", () => {
    const world = new FakeWorld();
    const local = new LiveAgent({ config: configFor(), runtime: world });
    world.socket.greet();
    for (let i = 0; i < 20; i++) world.socket.handlers.text("garbage");
    expect(world.socket.closedWith).toBe(4400);
    void local.close();
  });

  it("is not spoken to before its welcome, nor obeyed", () => {
    const world = new FakeWorld();
    const local = new LiveAgent({ config: configFor(), runtime: world });
    const handle = local.switch({ key: "prices", title: "Prices", whatUsersLose: "Prices" });
    world.socket.handlers.opened();
    world.socket.say([
      { t: "intent", txn: 1, mode: "full", revision: 1 },
      { t: "put", txn: 1, id: "a", kind: "switch", key: "prices", revision: 1, leaseMs: null, body: { position: "off" } },
      { t: "commit", txn: 1, revision: 1 },
    ]);
    expect(handle.position).toBe("on");
    expect(world.socket.messages().map((message) => message.t)).toEqual(["hello"]);
    void local.close();
  });
});

describe("a console that refuses", () => {
  it("with 503 and Retry-After is obeyed", async () => {
    control = await startFakeConsole({ refuse: { status: 503, headers: { "Retry-After": "1" } } });
    agent = createAgent({ url: control.url, token: "hfa_test", service: "orders", log: () => undefined });
    await until("refused", () => agent?.status.problem?.includes("503"));
    control.options = {};
    await control.link();
    expect(agent.status).toMatchObject({ connected: true, environment: "test", problem: null });
  });

  it("with 401 is asked again only after minutes, and one line says why", async () => {
    const lines: string[] = [];
    control = await startFakeConsole({ refuse: { status: 401 } });
    agent = createAgent({
      url: control.url,
      token: "hfa_wrong",
      service: "orders",
      log: (level, line) => void lines.push(`${level} ${line}`),
    });
    await until("refused", () => agent?.status.state === "waiting");
    expect(agent.status.problem).toContain("token");
    expect(lines).toEqual([expect.stringContaining("HTTP 401")]);
    expect(lines.join()).not.toContain("hfa_wrong");
  });
});

it("the token travels in the Authorization header and in no message", async () => {
  control = await startFakeConsole();
  agent = createAgent({ url: control.url, token: "hfa_very_secret", service: "orders", log: () => undefined });
  const link = await control.link();
  expect(link.token).toBe("hfa_very_secret");
  expect(JSON.stringify(link.messages)).not.toContain("hfa_very_secret");
});
