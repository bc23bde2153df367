import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { LiveAgent } from "../../agent/src/live-agent.ts";
import type { SwitchChange } from "../../agent/src/types.ts";
import type { AgentDown } from "../../protocol/agent-down.ts";
import { policyDigest } from "../../protocol/digest.ts";
import { configFor, FakeWorld } from "./support/fake-world.ts";
import { until } from "./support/until.ts";

const PRICES = { key: "prices", title: "Prices", whatUsersLose: "Live prices" };
const SEARCH = {
  key: "search",
  title: "Search",
  whatUsersLose: "Ranked results",
  positions: ["full", "simple", "off"],
  safeDefault: "simple",
};

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 10 });
});

async function fileIn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-agent-"));
  folders.push(folder);
  return join(folder, "policy");
}

function start(extra: { readonly policyFile?: string; readonly world?: FakeWorld } = {}) {
  const world = extra.world ?? new FakeWorld();
  const agent = new LiveAgent({ config: configFor({ policyFile: extra.policyFile }), runtime: world });
  return { world, agent };
}

let txn = 0;
function transaction(mode: "full" | "delta" | "none", revision: number, ...steps: ((txn: number) => AgentDown)[]): AgentDown[] {
  const number = ++txn;
  return [{ t: "intent", txn: number, mode, revision }, ...steps.map((step) => step(number)), { t: "commit", txn: number, revision }];
}

function put(
  id: string,
  key: string,
  position: string,
  more: {
    readonly revision?: number;
    readonly leaseMs?: number | null;
    readonly kind?: string;
    readonly body?: Record<string, unknown>;
  } = {},
) {
  return (number: number): AgentDown => ({
    t: "put",
    txn: number,
    id,
    kind: more.kind ?? "switch",
    key,
    revision: more.revision ?? 1,
    leaseMs: more.leaseMs ?? null,
    body: more.body ?? { position },
  });
}

const del =
  (id: string) =>
  (number: number): AgentDown => ({ t: "del", txn: number, id });

function answers(world: FakeWorld) {
  return world.socket.messages().filter((message) => message.t === "ack" || message.t === "nack");
}

describe("a policy transaction", () => {
  it("takes effect at its commit, all at once, and is acknowledged with the digest of what is held", () => {
    const { world, agent } = start();
    const prices = agent.switch(PRICES);
    const search = agent.switch(SEARCH);
    world.socket.greet();
    const seen: string[] = [];
    prices.onChange(() => seen.push(`prices ${prices.position} ${search.position}`));
    search.onChange(() => seen.push(`search ${prices.position} ${search.position}`));
    const messages = transaction("full", 7, put("f1", "prices", "off", { revision: 6 }), put("f2", "search", "off", { revision: 7 }));
    for (const message of messages.slice(0, -1)) world.socket.say(message);
    expect([prices.position, search.position, seen.length]).toEqual(["on", "simple", 0]);
    world.mono += 3;
    world.socket.say(messages.at(-1)!);
    expect([prices.position, search.position]).toEqual(["off", "off"]);
    expect(seen).toEqual(["prices off off", "search off off"]);
    expect(answers(world)).toEqual([
      {
        t: "ack",
        txn,
        revision: 7,
        digest: policyDigest([
          { id: "f1", revision: 6 },
          { id: "f2", revision: 7 },
        ]),
        appliedMs: 3,
      },
    ]);
    expect(agent.status.revision).toBe(7);
    void agent.close();
  });

  it("emits switch.applied for each change and declares the new position", async () => {
    const { world, agent } = start();
    agent.switch(PRICES);
    world.socket.greet();
    world.socket.say(transaction("full", 3, put("f1", "prices", "off", { revision: 3 })));
    await Promise.resolve();
    const events = world.socket.messages().flatMap((message) => (message.t === "events" ? message.events : []));
    expect(events.at(-1)).toMatchObject({
      type: "switch.applied",
      data: { key: "prices", position: "off", previous: "on", revision: 3, source: "policy" },
    });
    const declared = world.socket.messages().flatMap((message) => (message.t === "declare" ? message.switches : []));
    expect(declared.at(-1)).toMatchObject({ key: "prices", position: "off" });
    void agent.close();
  });

  it("refuses bad items with reasons and applies the others", () => {
    const { world, agent } = start();
    const prices = agent.switch(PRICES);
    world.socket.greet();
    world.socket.say(
      transaction(
        "full",
        4,
        put("ok", "prices", "off"),
        put("position", "prices", "sideways", { revision: 2 }),
        put("kind", "prices", "off", { kind: "teleport" }),
        put("body", "prices", "off", { body: { position: "off", extra: { deep: true } } }),
        put("later", "not-declared-yet", "anything"),
      ),
    );
    const [answer] = answers(world);
    expect(answer).toMatchObject({
      t: "nack",
      revision: 4,
      rejected: [
        { id: "position", code: "unknown_position" },
        { id: "kind", code: "unknown_kind" },
        { id: "body", code: "malformed" },
      ],
    });
    expect(answer?.t === "nack" && answer.rejected[0]?.message).toBe("the switch prices has no position sideways; it has on, off");
    expect(answer?.digest).toBe(
      policyDigest([
        { id: "ok", revision: 1 },
        { id: "later", revision: 1 },
      ]),
    );
    expect(prices.position).toBe("off");
    void agent.close();
  });

  it("refuses an item that does not match its schema by id, and applies nothing when even that cannot be read", () => {
    const { world, agent } = start();
    const prices = agent.switch(PRICES);
    world.socket.greet();
    const say = (message: unknown): void => world.socket.handlers.text(JSON.stringify(message));
    const [open, good, close] = transaction("full", 5, put("good", "prices", "off"));
    say([open, { ...good, id: "bad", leaseMs: "soon" }, good, close]);
    expect(answers(world).at(-1)).toMatchObject({ t: "nack", rejected: [{ id: "bad", code: "malformed" }] });
    expect(prices.position).toBe("off");
    const [openNext, badNext, closeNext] = transaction("full", 6, put("x", "prices", "on"));
    say([openNext, badNext, { ...badNext, id: "../../etc" }, closeNext]);
    expect(answers(world).at(-1)).toMatchObject({ t: "nack", revision: 5, rejected: [{ id: "x", code: "malformed_transaction" }] });
    expect(prices.position).toBe("off");
    void agent.close();
  });

  it("of another number is ignored, and a partial one is dropped when the link closes", () => {
    const { world, agent } = start();
    const prices = agent.switch(PRICES);
    world.socket.greet();
    const [open, item, commit] = transaction("full", 9, put("f1", "prices", "off"));
    world.socket.say([open!, item!, { t: "commit", txn: 999_999, revision: 9 }]);
    expect(prices.position).toBe("on");
    world.socket.handlers.closed(1006, "");
    world.pass(5_000);
    world.socket.greet();
    world.socket.say(commit!);
    expect([prices.position, answers(world).length]).toEqual(["on", 0]);
    void agent.close();
  });

  it("full replaces, delta adds and removes, none keeps", () => {
    const { world, agent } = start();
    const prices = agent.switch(PRICES);
    const search = agent.switch(SEARCH);
    world.socket.greet();
    world.socket.say(transaction("full", 1, put("a", "prices", "off"), put("b", "search", "off")));
    world.socket.say(transaction("delta", 2, del("b"), put("c", "search", "simple", { revision: 2 })));
    expect([prices.position, search.position]).toEqual(["off", "simple"]);
    world.socket.say(transaction("none", 3));
    expect([prices.position, search.position, agent.status.revision]).toEqual(["off", "simple", 3]);
    world.socket.say(transaction("full", 4));
    expect([prices.position, search.position]).toEqual(["on", "full"]);
    expect(answers(world).map((answer) => answer.t)).toEqual(["ack", "ack", "ack", "ack"]);
    void agent.close();
  });

  it("says in the next hello what is held", () => {
    const { world, agent } = start();
    agent.switch(PRICES);
    world.socket.greet();
    expect(world.socket.messages()[0]).toMatchObject({ policy: { revision: 0, digest: 0 } });
    world.socket.say(transaction("full", 8, put("a", "prices", "off", { revision: 8 })));
    world.socket.handlers.closed(1006, "");
    world.pass(5_000);
    world.socket.handlers.opened();
    expect(world.socket.messages()[0]).toMatchObject({ policy: { revision: 8, digest: policyDigest([{ id: "a", revision: 8 }]) } });
    void agent.close();
  });
});

describe("a switch", () => {
  it("is in its safe position until a policy was heard, then in its first unless one decides", () => {
    const { world, agent } = start();
    const search = agent.switch(SEARCH);
    expect(search.position).toBe("simple");
    world.socket.greet();
    expect(search.position).toBe("simple");
    world.socket.say(transaction("full", 0));
    expect(search.position).toBe("full");
    expect(agent.switch({ ...SEARCH, key: "later" }).position).toBe("full");
    void agent.close();
  });

  it("declared after its policy starts where the policy wants it", () => {
    const { world, agent } = start();
    world.socket.greet();
    world.socket.say(transaction("full", 1, put("a", "search", "off"), put("b", "prices", "no-such")));
    expect(agent.switch(SEARCH).position).toBe("off");
    expect(agent.switch(PRICES).position).toBe("on");
    void agent.close();
  });

  it("obeys the highest revision, and the one beneath shows again when it goes", () => {
    const { world, agent } = start();
    const search = agent.switch(SEARCH);
    const changes: SwitchChange[] = [];
    world.socket.greet();
    world.socket.say(transaction("full", 2, put("old", "search", "simple", { revision: 1 }), put("new", "search", "off", { revision: 2 })));
    search.onChange((change) => void changes.push(change));
    world.socket.say(transaction("delta", 3, del("new")));
    expect(changes).toEqual([{ key: "search", position: "simple", previous: "off", revision: 1, source: "reverted" }]);
    void agent.close();
  });

  it("survives a listener that throws, counts it, and tells the others", () => {
    const { world, agent } = start();
    const prices = agent.switch(PRICES);
    let told = 0;
    prices.onChange(() => {
      throw new Error("listener");
    });
    const dispose = prices.onChange(() => {
      told++;
    });
    world.socket.greet();
    world.socket.say(transaction("full", 1, put("a", "prices", "off")));
    expect([told, agent.status.adapterErrors, answers(world).length]).toEqual([1, 1, 1]);
    dispose();
    world.socket.say(transaction("full", 2));
    expect(told).toBe(1);
    void agent.close();
  });

  it("that cannot be declared still answers, in its safe position", () => {
    const { agent } = start();
    for (const options of [
      { ...PRICES, key: "NOT OK" },
      { ...PRICES, positions: ["only"] },
      { ...PRICES, safeDefault: "nowhere" },
      null,
      { ...PRICES, positions: 5 },
    ]) {
      expect(typeof agent.switch(options as never).position).toBe("string");
    }
    expect(agent.switch(PRICES)).toBe(agent.switch(PRICES));
    expect(agent.status).toMatchObject({ switches: 1, capped: 3 });
    void agent.close();
  });

  it("is refused beyond 200", () => {
    const { agent } = start();
    for (let i = 0; i < 205; i++) agent.switch({ ...PRICES, key: `s${i}` });
    expect(agent.status).toMatchObject({ switches: 200, capped: 5 });
    void agent.close();
  });
});

describe("a lease", () => {
  it("ends on the monotonic clock with the console dead, whatever the wall clock does", () => {
    const { world, agent } = start();
    const prices = agent.switch(PRICES);
    const changes: SwitchChange[] = [];
    world.socket.greet();
    world.socket.say(transaction("full", 1, put("a", "prices", "off", { leaseMs: 60_000 })));
    prices.onChange((change) => void changes.push(change));
    world.socket.handlers.closed(1006, "");
    world.wall -= 86_400_000;
    world.pass(59_999);
    expect(prices.position).toBe("off");
    world.pass(1);
    expect(prices.position).toBe("on");
    expect(changes).toEqual([{ key: "prices", position: "on", previous: "off", revision: 0, source: "lease-expired" }]);
    void agent.close();
  });

  it("can be renewed, shortened, and made endless", () => {
    const { world, agent } = start();
    const prices = agent.switch(PRICES);
    world.socket.greet();
    const renew = (leaseMs: number | null): void =>
      world.socket.say({
        t: "renew",
        items: [
          { id: "a", leaseMs },
          { id: "unknown", leaseMs: 5 },
        ],
      });
    world.socket.say(transaction("full", 1, put("a", "prices", "off", { leaseMs: 10_000 })));
    world.pass(9_000);
    renew(10_000);
    world.pass(9_000);
    expect(prices.position).toBe("off");
    renew(null);
    for (let i = 0; i < 20; i++) {
      world.pass(5_000);
      world.socket.handlers.heard();
    }
    expect(prices.position).toBe("off");
    renew(0);
    expect(prices.position).toBe("on");
    void agent.close();
  });

  it("of many items takes one timer, also when it is longer than a timer can be", () => {
    const { world, agent } = start();
    const search = agent.switch(SEARCH);
    world.socket.greet();
    const before = world.timers;
    const items = Array.from({ length: 50 }, (_, i) =>
      put(`i${i}`, "search", i % 2 === 0 ? "off" : "simple", { revision: i, leaseMs: (i + 1) * 1000 }),
    );
    world.socket.say(transaction("full", 1, ...items, put("long", "search", "off", { revision: 100, leaseMs: 30 * 86_400_000 })));
    expect(world.timers).toBe(before + 1);
    const hourPasses = (): void => {
      world.mono += 3_600_000;
      world.pass(0);
    };
    for (let hour = 0; hour < 30 * 24 - 1; hour++) hourPasses();
    expect(search.position).toBe("off");
    hourPasses();
    expect(search.position).toBe("full");
    void agent.close();
  });
});

describe("the policy file", () => {
  async function keep(policyFile: string, revisions: number, leaseMs: number | null = null): Promise<FakeWorld> {
    const { world, agent } = start({ policyFile });
    agent.switch(PRICES);
    await until("connecting", () => world.sockets.length === 1);
    world.socket.greet();
    for (let revision = 1; revision <= revisions; revision++) {
      world.socket.say(transaction("full", revision, put(`f${revision}`, "prices", "off", { revision, leaseMs })));
      await untilFile(policyFile, `"revision":${revision}`);
    }
    void agent.close();
    return world;
  }

  function untilFile(path: string, part: string): Promise<boolean> {
    return until(`${path} holds ${part}`, async () => (await readFile(path, "utf8").catch(() => "")).includes(part));
  }

  async function restarted(policyFile: string, world?: FakeWorld) {
    const next = start({ policyFile, ...(world === undefined ? {} : { world }) });
    const prices = next.agent.switch(PRICES);
    const search = next.agent.switch(SEARCH);
    const sockets = next.world.sockets.length;
    await until("policy read and connecting", () => next.world.sockets.length > sockets);
    next.world.socket.handlers.opened();
    const [hello] = next.world.socket.messages();
    void next.agent.close();
    return { prices: prices.position, search: search.position, policy: hello?.t === "hello" ? hello.policy : null };
  }

  it("brings positions back after a restart without a console, before the first hello", async () => {
    const path = await fileIn();
    await keep(path, 1);
    expect(await restarted(path)).toEqual({
      prices: "off",
      search: "full",
      policy: { revision: 1, digest: policyDigest([{ id: "f1", revision: 1 }]) },
    });
  });

  it("falls back to the generation before when the newest is damaged, and to nothing when both are", async () => {
    const path = await fileIn();
    await keep(path, 2);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('"revision":2', '"revision":9'));
    expect((await restarted(path)).policy?.revision).toBe(1);
    await writeFile(path, text.slice(0, 40));
    expect((await restarted(path)).prices).toBe("off");
    await writeFile(`${path}.previous`, "");
    expect(await restarted(path)).toEqual({ prices: "on", search: "simple", policy: { revision: 0, digest: 0 } });
  });

  it("does not revive a lease that ended while the process was away", async () => {
    const path = await fileIn();
    await keep(path, 1, 60_000);
    const later = new FakeWorld();
    later.wall += 61_000;
    expect((await restarted(path, later)).prices).toBe("on");
  });

  it("does not lengthen a lease when the wall clock was set back", async () => {
    const path = await fileIn();
    await keep(path, 1, 60_000);
    const earlier = new FakeWorld();
    earlier.wall -= 86_400_000;
    const { world, agent } = start({ policyFile: path, world: earlier });
    const prices = agent.switch(PRICES);
    await until("policy read", () => prices.position === "off");
    world.pass(60_000);
    expect(prices.position).toBe("on");
    void agent.close();
  });

  it("of another service is not used, and a folder that cannot be written is survived", async () => {
    const path = await fileIn();
    await keep(path, 1);
    await writeFile(path, (await readFile(path, "utf8")).replace('"service":"orders"', '"service":"others"'));
    expect((await restarted(path)).prices).toBe("on");
    const { world, agent } = start({ policyFile: join(path, "no", "such", "folder") });
    const prices = agent.switch(PRICES);
    await until("connecting", () => world.sockets.length === 1);
    world.socket.greet();
    world.socket.say(transaction("full", 1, put("a", "prices", "off")));
    expect(prices.position).toBe("off");
    await until("counted", () => agent.status.adapterErrors === 1);
    void agent.close();
  });
});
