import fc from "fast-check";
import { expect, it } from "vitest";
import { InvalidCursor, type Store } from "../../server/store/store.ts";
import { agentEvent, batch, newEnvironment, newEvent, NOW, page, readAll } from "./samples.ts";

/** The log: what every store promises about events. */
export function eventContract(store: () => Store): void {
  it("commits an agent's events with ids in their order and gives them back as they were", async () => {
    const environment = newEnvironment();
    const events = [
      {
        seq: 1,
        at: NOW,
        type: "breaker.opened",
        resource: { kind: "breaker" as const, name: "payments" },
        data: { text: 'quote " and ünïcode 🎈', number: 1.5, yes: true, none: null },
      },
      { seq: 2, at: NOW + 7, type: "deploy", data: {} },
    ];
    const logged = await store().appendAgentEvents([batch(environment, [], { events, receivedAt: NOW + 20 })]);
    expect(logged).toEqual([
      {
        id: expect.any(Number),
        environment,
        at: NOW,
        receivedAt: NOW + 20,
        type: "breaker.opened",
        service: "orders",
        instance: "orders-1",
        resource: { kind: "breaker", name: "payments" },
        actor: "agent",
        data: { text: 'quote " and ünïcode 🎈', number: 1.5, yes: true, none: null },
      },
      {
        id: expect.any(Number),
        environment,
        at: NOW + 7,
        receivedAt: NOW + 20,
        type: "deploy",
        service: "orders",
        instance: "orders-1",
        resource: null,
        actor: "agent",
        data: {},
      },
    ]);
    expect(logged[1]?.id).toBeGreaterThan(logged[0]?.id ?? Infinity);
    const { items } = await store().listEvents({ environment, limit: 10, order: "asc" });
    expect(items).toEqual(logged);
    expect(await store().lastEventId(environment)).toBe(logged[1]?.id);
  });

  it("corrects the agent's clock by its skew, to whole milliseconds", async () => {
    const environment = newEnvironment();
    const [late, early] = await store().appendAgentEvents([
      batch(environment, [1], { skewMs: 1500.4 }),
      batch(environment, [2], { skewMs: -8.7e15 }),
    ]);
    expect(late?.at).toBe(NOW + 1 + 1500);
    expect(early?.at).toBe(0);
  });

  it("keeps times beyond 2038 and the highest sequence exact", async () => {
    const environment = newEnvironment();
    const seq = Number.MAX_SAFE_INTEGER;
    await store().appendAgentEvents([batch(environment, [], { events: [{ seq, at: 8.64e15, type: "note", data: {} }] })]);
    const { items } = await store().listEvents({ environment, limit: 1 });
    expect(items[0]?.at).toBe(8.64e15);
    expect(await store().lastEventSeq({ environment, service: "orders", instance: "orders-1", boot: "boot-a" })).toBe(seq);
  });

  it("recognises a repeat, within a call, between calls and between calls at once, and answers only what is new", async () => {
    const environment = newEnvironment();
    const seqs = (events: readonly { data: Record<string, unknown> }[]): unknown[] => events.map((event) => event.data["seq"]);
    expect(seqs(await store().appendAgentEvents([batch(environment, [1, 2, 2])]))).toEqual([1, 2]);
    expect(seqs(await store().appendAgentEvents([batch(environment, [1, 2, 3])]))).toEqual([3]);
    const atOnce = await Promise.all([1, 2, 3, 4].map(() => store().appendAgentEvents([batch(environment, [3, 4, 5])])));
    expect(seqs(atOnce.flat())).toEqual([4, 5]);
    const { items } = await store().listEvents({ environment, limit: 100, order: "asc" });
    expect(seqs(items)).toEqual([1, 2, 3, 4, 5]);
  });

  it("takes the same sequence of another boot, instance, service or environment for another event", async () => {
    const environment = newEnvironment();
    const others = [{}, { boot: "boot-b" }, { instance: "orders-2" }, { service: "payments" }, { environment: newEnvironment() }];
    const logged = await store().appendAgentEvents(others.map((changes) => batch(environment, [1], changes)));
    expect(logged.map((event) => [event.environment === environment, event.service, event.instance])).toEqual([
      [true, "orders", "orders-1"],
      [true, "orders", "orders-1"],
      [true, "orders", "orders-2"],
      [true, "payments", "orders-1"],
      [false, "orders", "orders-1"],
    ]);
  });

  it("knows the highest sequence of a boot, and 0 for one never heard of", async () => {
    const environment = newEnvironment();
    const agent = { environment, service: "orders", instance: "orders-1", boot: "boot-a" };
    await store().appendAgentEvents([batch(environment, [1, 2, 9])]);
    expect(await store().lastEventSeq(agent)).toBe(9);
    expect(await store().lastEventSeq({ ...agent, boot: "boot-b" })).toBe(0);
    expect(await store().lastEventId(newEnvironment())).toBe(0);
  });

  it("gives each of many callers at once exactly its own events back", async () => {
    const environment = newEnvironment();
    const callers = Array.from({ length: 40 }, (_, index) => index);
    const answers = await Promise.all(
      callers.map((index) =>
        index % 2 === 0
          ? store().appendAgentEvents([batch(environment, [1, 2], { instance: `i-${index}` })])
          : store().appendEvents([newEvent(environment, { data: { index } }), newEvent(environment, { data: { index } })]),
      ),
    );
    for (const [index, events] of answers.entries()) {
      expect(events).toHaveLength(2);
      for (const event of events)
        expect(index % 2 === 0 ? event.instance : event.data["index"]).toBe(index % 2 === 0 ? `i-${index}` : index);
    }
    const ids = answers.flat().map((event) => event.id);
    expect(new Set(ids).size).toBe(80);
    const { items } = await store().listEvents({ environment, limit: 100 });
    expect(new Set(items.map((event) => event.id))).toEqual(new Set(ids));
  });

  it("stores hostile text as it is, except what no text can hold", async () => {
    const environment = newEnvironment();
    const name = `'; drop table event; -- <img onerror=alert(1)> \u202e $1 ?1 %_\\`;
    const events = [
      newEvent(environment, { actor: name, data: { [name]: name } }),
      newEvent(environment, { actor: "nul \0 half \ud800", data: { "nul \0": "half \ud800" } }),
      newEvent(environment, { actor: "after" }),
    ];
    await store().appendEvents(events);
    const { items } = await store().listEvents({ environment, limit: 10, order: "asc" });
    expect(items.map((event) => event.actor)).toEqual([name, "nul \ufffd half \ufffd", "after"]);
    expect(items[0]?.data).toEqual({ [name]: name });
    expect(items[1]?.data).toEqual({ "nul \0": "half \ud800" });
  });

  it("filters by service, instance, type, prefix of types, time and id, alone and together", async () => {
    const environment = newEnvironment();
    const types = ["breaker.opened", "breaker.closed", "breaker", "breakerx.opened", "pool.saturated", "a_b.c.d", "a_b.cxd"];
    const rows = types.map((type, index) =>
      newEvent(environment, { type, at: NOW + index * 10, service: index % 2 ? "orders" : "payments", instance: `i-${index}` }),
    );
    const logged = await store().appendEvents(rows);
    const found = async (filter: object): Promise<string[]> =>
      (await store().listEvents({ environment, limit: 50, order: "asc", ...filter })).items.map((event) => event.type);
    expect(await found({})).toEqual(types);
    expect(await found({ kind: "breaker." })).toEqual(["breaker.opened", "breaker.closed"]);
    expect(await found({ kind: "breaker" })).toEqual(["breaker"]);
    expect(await found({ kind: "a_b.c." })).toEqual(["a_b.c.d"]);
    expect(await found({ service: "orders" })).toEqual(["breaker.closed", "breakerx.opened", "a_b.c.d"]);
    expect(await found({ service: "orders", kind: "breaker." })).toEqual(["breaker.closed"]);
    expect(await found({ instance: "i-4" })).toEqual(["pool.saturated"]);
    expect(await found({ since: NOW + 10, until: NOW + 30 })).toEqual(["breaker.closed", "breaker", "breakerx.opened"]);
    expect(await found({ since: NOW + 50 })).toEqual(["a_b.c.d", "a_b.cxd"]);
    expect(await found({ until: NOW, kind: "pool." })).toEqual([]);
    expect(await found({ afterId: logged[4]?.id })).toEqual(["a_b.c.d", "a_b.cxd"]);
    expect(await found({ kind: ["pool.", "breaker.opened", "breaker."] })).toEqual(["breaker.opened", "breaker.closed", "pool.saturated"]);
    expect(await found({ service: ["orders", "payments", "orders"], kind: ["breaker"] })).toEqual(["breaker"]);
    expect(await found({ service: ["orders"], kind: ["pool.", "a_b.c."], since: NOW })).toEqual(["a_b.c.d"]);
    expect([await found({ service: [] }), await found({ kind: [] })]).toEqual([[], []]);
  });

  it("pages through several services and kinds as through the whole log with the others left out", async () => {
    const [services, types] = [
      ["orders", "payments", "search", null],
      ["breaker.opened", "breaker.closed", "deploy", "note"],
    ];
    const some = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...services), fc.constantFrom(...types), fc.integer({ min: 0, max: 5 })), { maxLength: 30 }),
        some(["orders", "payments", "search"]),
        some(["breaker.", "breaker.opened", "deploy"]),
        fc.record({ limit: fc.integer({ min: 1, max: 7 }), order: fc.constantFrom<"asc" | "desc">("asc", "desc"), window: fc.boolean() }),
        async (rows, service, kind, { limit, order, window }) => {
          const environment = newEnvironment();
          await store().appendEvents(rows.map(([of, type, at]) => newEvent(environment, { service: of, type, at: NOW + at })));
          const read = (filter: object) =>
            readAll(async (cursor) =>
              store().listEvents({
                ...{ environment, limit, order, ...filter },
                ...(window ? { since: NOW + 1, until: NOW + 4 } : {}),
                ...(cursor === undefined ? {} : { cursor }),
              }),
            );
          const wanted = (await read({})).filter(
            (event) => service.some((one) => one === event.service) && kind.some((one) => event.type.startsWith(one)),
          );
          expect(await read({ service, kind })).toEqual(wanted);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("counts what one environment has between two ids, up to a limit", async () => {
    const [environment, other] = [newEnvironment(), newEnvironment()];
    const logged = await store().appendEvents([environment, other, environment, environment, other].map((one) => newEvent(one)));
    const [first = 0, , , fourth = 0] = logged.map(({ id }) => id);
    const count = (after: number, upTo: number, most = 10) => store().countEvents({ environment, after, upTo, most });
    expect([await count(first - 1, fourth), await count(first, fourth), await count(first, fourth - 1)]).toEqual([3, 2, 1]);
    expect([await count(0, fourth, 2), await count(fourth, fourth + 9)]).toEqual([2, 0]);
  });

  it("lists by commit without a window and by time within one", async () => {
    const environment = newEnvironment();
    const logged = await store().appendEvents([30, 10, 20, 10].map((at) => newEvent(environment, { at: NOW + at, data: { at } })));
    const ids = logged.map((event) => event.id);
    const list = async (filter: object): Promise<number[]> =>
      (await store().listEvents({ environment, limit: 50, ...filter })).items.map((event) => event.id);
    expect(await list({})).toEqual([...ids].reverse());
    expect(await list({ order: "asc" })).toEqual(ids);
    expect(await list({ since: NOW })).toEqual([ids[0], ids[2], ids[3], ids[1]]);
    expect(await list({ since: NOW, order: "asc" })).toEqual([ids[1], ids[3], ids[2], ids[0]]);
  });

  it("pages through everything once, while others write", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 0, maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom<"asc" | "desc">("asc", "desc"),
        fc.boolean(),
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 }),
        async (times, limit, order, window, meanwhile) => {
          const environment = newEnvironment();
          const before = (await store().appendEvents(times.map((at) => newEvent(environment, { at: NOW + at })))).map((event) => event.id);
          const seen = (
            await readAll(async (cursor) => {
              const found = await store().listEvents({
                environment,
                limit,
                order,
                ...(window ? { since: NOW, until: NOW + 5 } : {}),
                ...(cursor === undefined ? {} : { cursor }),
              });
              const at = meanwhile.pop();
              if (at !== undefined) await store().appendEvents([newEvent(environment, { at: NOW + at })]);
              return found;
            })
          ).map((event) => event.id);
          expect(new Set(seen).size).toBe(seen.length);
          expect(before.filter((id) => !seen.includes(id))).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("says when there is no next page, and refuses cursors that are not its own", async () => {
    const environment = newEnvironment();
    await store().appendEvents([newEvent(environment), newEvent(environment)]);
    const { items, nextCursor } = await store().listEvents({ environment, limit: 2 });
    expect([items.length, nextCursor]).toEqual([2, null]);
    const first = await store().listEvents({ environment, limit: 1 });
    expect(first.nextCursor).toMatch(/^[A-Za-z0-9_-]+$/);
    const foreign = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const cursor of [
      "",
      "garbage",
      foreign(["log-desc"]),
      foreign(["log-desc", "1"]),
      foreign(["log-desc", -1]),
      foreign(["flips", 1]),
      foreign({ a: 1 }),
    ]) {
      await expect(store().listEvents({ environment, limit: 1, cursor })).rejects.toBeInstanceOf(InvalidCursor);
    }
    await expect(store().listEvents({ environment, limit: 1, order: "asc", cursor: first.nextCursor ?? "" })).rejects.toBeInstanceOf(
      InvalidCursor,
    );
  });

  it("keeps pages of samples byte for byte, whatever buffer they came in", async () => {
    const environment = newEnvironment();
    const large = new Uint8Array(70_000).map((_, index) => (index * 7) % 256);
    const pages = [
      page(environment, { bytes: large }),
      page(environment, { instance: "orders-2", bytes: large.subarray(100, 164), samples: 1 }),
      page(environment, { instance: "orders-3", bytes: new Uint8Array(0) }),
      page(environment, { instance: "orders-4", bytes: Buffer.from("00ff8061", "hex") }),
    ];
    await Promise.all(pages.map((one) => store().putPages([one])));
    for (const one of pages) {
      const [found] = await store().readPages({ environment, service: "orders", instance: one.instance, from: NOW, to: NOW, limit: 10 });
      expect(found && { ...found, bytes: Buffer.from(found.bytes).toString("hex") }).toEqual({
        ...one,
        bytes: Buffer.from(one.bytes).toString("hex"),
      });
      expect(found?.bytes.constructor.name).toBe("Uint8Array");
    }
  });

  it("reads the pages that overlap a window, oldest first, up to the limit", async () => {
    const environment = newEnvironment();
    const minute = (index: number) =>
      page(environment, { from: NOW + index * 60_000, to: NOW + index * 60_000 + 59_000, lastSeq: index, bytes: Uint8Array.of(index) });
    await store().putPages([minute(2), minute(0), minute(3), minute(1)]);
    const read = async (from: number, to: number, limit = 10, instance?: string): Promise<number[]> =>
      (
        await store().readPages({
          environment,
          service: "orders",
          from: NOW + from,
          to: NOW + to,
          limit,
          ...(instance === undefined ? {} : { instance }),
        })
      ).map((one) => one.lastSeq);
    expect(await read(0, 240_000)).toEqual([0, 1, 2, 3]);
    expect(await read(59_000, 60_000)).toEqual([0, 1]);
    expect(await read(59_001, 59_999)).toEqual([]);
    expect(await read(70_000, 80_000)).toEqual([1]);
    expect(await read(0, 240_000, 2)).toEqual([0, 1]);
    expect(await read(0, 240_000, 10, "orders-1")).toEqual([0, 1, 2, 3]);
    expect(await read(0, 240_000, 10, "orders-2")).toEqual([]);
    expect(await read(-100, -1)).toEqual([]);
  });

  it("refuses a page longer than a day before writing anything of the call", async () => {
    const environment = newEnvironment();
    await expect(store().putPages([page(environment), page(environment, { to: NOW + 86_400_001 })])).rejects.toThrow(RangeError);
    expect(await store().readPages({ environment, service: "orders", from: 0, to: NOW * 2, limit: 10 })).toEqual([]);
  });

  it("knows the highest frame sequence of a boot, and 0 for one never heard of", async () => {
    const environment = newEnvironment();
    const agent = { environment, service: "orders", instance: "orders-1", boot: "boot-a" };
    await store().putPages([
      page(environment, { lastSeq: 120 }),
      page(environment, { lastSeq: 60 }),
      page(environment, { boot: "boot-b", lastSeq: 500 }),
    ]);
    expect(await store().lastFrameSeq(agent)).toBe(120);
    expect(await store().lastFrameSeq({ ...agent, boot: "boot-c" })).toBe(0);
  });

  it("takes empty calls as done", async () => {
    expect(await store().appendEvents([])).toEqual([]);
    expect(await store().appendAgentEvents([batch(newEnvironment(), [])])).toEqual([]);
    await store().putPages([]);
    await store().saveInstances([]);
    await store().saveSwitches([]);
    await store().saveReceipts([]);
  });

  it("takes ten thousand events in one call", async () => {
    const environment = newEnvironment();
    const batches = Array.from({ length: 100 }, (_, index) =>
      batch(environment, [], { instance: `i-${index}`, events: Array.from({ length: 100 }, (_, seq) => agentEvent(seq + 1)) }),
    );
    expect(await store().appendAgentEvents(batches)).toHaveLength(10_000);
    expect(await store().appendAgentEvents(batches)).toHaveLength(0);
  });
}
