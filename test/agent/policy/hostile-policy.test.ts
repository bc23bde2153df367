import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { LiveAgent } from "../../../agent/src/live-agent.ts";
import { PART_HOST } from "../../../agent/src/resilience/home.ts";
import { policyDigest } from "../../../protocol/digest.ts";
import { fieldsOf, OVERRIDE_STATES, POLICY_NAMES, SETTINGS, togetherProblem, valuesProblem } from "../../../protocol/settings.ts";
import { fakePart } from "../support/fake-part.ts";
import { configFor, FakeWorld } from "../support/fake-world.ts";
import { refusals, settings, transaction, type Item } from "../support/transaction.ts";

/** Names of parts that are there, one that is not, and ones that are no names. */
const key = fc.constantFrom("payments", "search", "nobody", "__proto__", "constructor");
const policy = fc.constantFrom(...POLICY_NAMES);
const anyField = fc.constantFrom(...Object.values(SETTINGS).flatMap((fields) => Object.keys(fields)), "__proto__", "toString", "");
const anyValue = fc.oneof(
  fc.integer({ min: -5, max: 2_000 }),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constantFrom<unknown>("count", "time", "cache", null, [], {}, 2 ** 53),
  fc.string({ maxLength: 5 }),
);

/** Mostly possible values of one policy, so that combinations are tried too. */
const fitting = policy.chain((name) =>
  fc
    .record(
      Object.fromEntries(
        Object.entries(fieldsOf(name)).map(([field, rule]): [string, Arbitrary<unknown>] => [
          field,
          rule.type === "int"
            ? fc.integer({ min: rule.min, max: rule.max })
            : rule.type === "flag"
              ? fc.boolean()
              : fc.constantFrom(...rule.options),
        ]),
      ),
      { requiredKeys: [], noNullPrototype: true },
    )
    .map((values) => ({ policy: name, values })),
);

const body = fc.oneof(
  { weight: 5, arbitrary: fitting },
  { weight: 2, arbitrary: fc.record({ policy, values: fc.dictionary(anyField, anyValue, { maxKeys: 4, noNullPrototype: true }) }) },
  { weight: 2, arbitrary: fc.record({ policy, state: fc.constantFrom(...OVERRIDE_STATES, "open", 1) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      values: fc.dictionary(fc.constantFrom("errorPermille", "latencyMs", "speed"), anyValue, { noNullPrototype: true }),
    }),
  },
  { weight: 1, arbitrary: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true }) },
);

const items: Arbitrary<Item[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom("switch", "settings", "settings", "settings", "override", "fault", "teleport", "constructor"),
      key,
      revision: fc.nat(50),
      leaseMs: fc.option(fc.nat(100_000)),
      body: body,
    }),
    { maxLength: 12 },
  )
  .map((list) => list.map((item, i) => ({ ...item, id: `i${i}` })));

function start() {
  const world = new FakeWorld();
  const agent = new LiveAgent({ config: configFor(), runtime: world });
  const limits = { bounds: { openMs: [50, 60_000] as const, maxConcurrent: [2, 500] as const }, fixed: ["minLimit"] };
  const parts = ["payments", "search"].flatMap((name) =>
    POLICY_NAMES.map((each) => fakePart(name, each, { ...limits, faults: name === "payments" })),
  );
  const quiet = fakePart("quiet", "breaker");
  for (const part of [...parts, quiet]) agent[PART_HOST].attach(part);
  world.socket.greet();
  return { world, agent, parts, quiet };
}

describe("policy that nobody vouches for", () => {
  it("is taken or refused item by item: no part ever holds what cannot be, and what is held is what was not refused", () => {
    const { world, agent, parts, quiet } = start();
    let revision = 0;
    fc.assert(
      fc.property(items, fc.constantFrom("full" as const, "delta" as const), (list, mode) => {
        // A clean slate, but for one good item that nobody touches.
        world.socket.say(transaction("full", ++revision, [settings("good", "quiet", "breaker", { probes: 9 })]));
        world.socket.texts.length = 0;
        const good = settings("good", "quiet", "breaker", { probes: 9 });
        world.socket.say(transaction(mode, ++revision, mode === "full" ? [good, ...list] : list));
        const refused = refusals(world);
        const held = [good, ...list].filter((item) => refused[item.id] === undefined && item.leaseMs !== 0);
        const digest = policyDigest(held.map((item) => ({ id: item.id, revision: item.revision ?? 0 })));
        expect(world.socket.messages().find((message) => message.t === "ack" || message.t === "nack")).toMatchObject({ revision, digest });
        for (const part of parts) {
          const { policy: name, bounds, fixed } = part.steering;
          const remote = Object.assign({}, ...part.told.settings.map((item) => item.values)) as Record<string, unknown>;
          expect(valuesProblem(fieldsOf(name), remote, { bounds, fixed })).toBeNull();
          expect(togetherProblem(name, part.values)).toBeNull();
          if (name !== "breaker") expect(["disabled", null]).toContain(part.told.override);
          if (!part.steering.faults) expect(part.told.fault).toBeNull();
        }
        expect(quiet.values["probes"]).toBe(9);
      }),
      { numRuns: 400 },
    );
    expect(agent.status.adapterErrors).toBe(0);
    void agent.close();
  });

  it("never throws, whatever the messages of a transaction hold", () => {
    const { world, agent, quiet } = start();
    world.socket.say(transaction("full", 1, [settings("good", "quiet", "breaker", { probes: 9 })]));
    const message = fc.record(
      {
        t: fc.constantFrom("intent", "put", "del", "commit", "renew"),
        txn: fc.oneof(fc.constantFrom<unknown>(1, 2), fc.jsonValue({ maxDepth: 1 })),
        id: fc.constantFrom<unknown>("a", "b", "..", 5, null),
        mode: fc.constantFrom<unknown>("delta", "none", "half"),
        kind: fc.constantFrom<unknown>("settings", "fault", {}),
        key: fc.constantFrom<unknown>("quiet-not", "a\nb"),
        revision: fc.constantFrom<unknown>(2, -1, "2"),
        leaseMs: fc.constantFrom<unknown>(null, 5, "soon"),
        body: fc.jsonValue({ maxDepth: 2 }),
        items: fc.jsonValue({ maxDepth: 2 }),
      },
      { requiredKeys: ["t"], noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), (batch) => {
        world.socket.handlers.text(JSON.stringify(batch));
        if (world.socket.closedWith !== null) {
          world.socket.handlers.closed(4400, "");
          world.pass(120_000);
          world.socket.greet();
        }
      }),
      { numRuns: 300 },
    );
    expect([quiet.values["probes"], agent.status.adapterErrors]).toEqual([9, 0]);
    void agent.close();
  });
});
