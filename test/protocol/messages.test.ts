import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agentDown } from "../../protocol/agent-down.ts";
import { agentUp } from "../../protocol/agent-up.ts";
import { liveDown, liveUp } from "../../protocol/live.ts";
import { switchBody } from "../../protocol/policy.ts";
import { arbitraryOf } from "./schema-arbitrary.ts";

const DIRECTIONS = {
  "from agent to console": agentUp,
  "from console to agent": agentDown,
  "from browser to console": liveUp,
  "from console to browser": liveDown,
};
const messages = Object.entries(DIRECTIONS).flatMap(([direction, union]) =>
  union._zod.def.options.map((schema) => ({ direction, t: [...schema._zod.def.shape.t._zod.def.values].join(), schema, union })),
);

const hello = {
  t: "hello",
  v: 1,
  service: "orders",
  instance: "orders-1",
  boot: "b1",
  agentVersion: "0.1.0",
  runtime: "node 20",
  now: 1_790_000_000_000,
  startedAt: 1_790_000_000_000,
  policy: { revision: 0, digest: 0 },
};

describe("a message of the wire", () => {
  it.each(messages)("$t $direction arrives as it was sent", ({ schema, union }) => {
    fc.assert(
      fc.property(arbitraryOf(schema), (message) => {
        const arrived = union.safeParse(JSON.parse(JSON.stringify(message)));
        expect(arrived.error).toBeUndefined();
        expect(arrived.data).toEqual(message);
      }),
      { numRuns: 100 },
    );
  });

  it("is known by its t, once in each direction", () => {
    for (const direction of Object.keys(DIRECTIONS)) {
      const names = messages.filter((message) => message.direction === direction).map((message) => message.t);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it.each(messages.filter(({ union }) => union === agentUp || union === agentDown || union === liveUp))(
    "$t $direction is refused with a field nobody knows",
    ({ schema, union }) => {
      fc.assert(
        fc.property(arbitraryOf(schema), (message) => {
          expect(union.safeParse({ ...(message as object), extra: 1 }).success).toBe(false);
        }),
        { numRuns: 10 },
      );
    },
  );

  it("is refused when any one required field is missing", () => {
    for (const { schema, union } of messages) {
      const shape: Readonly<Record<string, { readonly _zod: { readonly def: { readonly type: string } } }>> = schema._zod.def.shape;
      for (const key of Object.keys(shape)) {
        if (shape[key]?._zod.def.type === "optional") continue;
        const [message] = fc.sample(arbitraryOf(schema), { numRuns: 1, seed: 7 }) as [Record<string, unknown>];
        const { [key]: _, ...rest } = message;
        expect(union.safeParse(rest).success, `${String(message["t"])} without ${key}`).toBe(false);
      }
    }
  });

  it.each([
    ["an empty name", { service: "" }],
    ["a name of 65 characters", { service: "x".repeat(65) }],
    ["a name with a line break", { service: "a\nb" }],
    ["a name that turns the reading direction", { service: "a‮b" }],
    ["a name with spaces around it", { service: " orders" }],
    ["a boot with a slash", { boot: "a/b" }],
    ["half a millisecond", { now: 0.5 }],
    ["a time before 1970", { now: -1 }],
    ["a number as text", { v: "1" }],
    ["17 labels", { labels: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`l${i}`, "x"])) }],
    ["a label with a space in its key", { labels: { "a b": "x" } }],
  ])("hello is refused with %s", (_, part) => {
    expect(agentUp.safeParse(hello).success).toBe(true);
    expect(agentUp.safeParse({ ...hello, ...part }).success).toBe(false);
  });

  it("refuses event data over 4 kB, nested data, and types that are no dotted words", () => {
    const event = { seq: 1, at: 1, type: "breaker.opened", data: {} };
    const parses = (part: object): boolean => agentUp.safeParse({ t: "events", dropped: 0, events: [{ ...event, ...part }] }).success;
    expect(parses({})).toBe(true);
    expect(parses({ data: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, "x".repeat(450)])) })).toBe(false);
    expect(parses({ data: { a: { b: 1 } } })).toBe(false);
    expect(parses({ type: "Breaker Opened" })).toBe(false);
    expect(parses({ seq: 0 })).toBe(false);
  });

  it("has a policy body that names a position", () => {
    fc.assert(
      fc.property(arbitraryOf(switchBody), (body) => {
        expect(switchBody.parse(JSON.parse(JSON.stringify(body)))).toEqual(body);
      }),
    );
    expect(switchBody.safeParse({ position: "" }).success).toBe(false);
  });
});
