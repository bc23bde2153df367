import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { $ZodType } from "zod/v4/core";
import { safeParse } from "zod/v4/core";
import { fits, type Shape } from "../../agent/src/link/fits.ts";
import * as generated from "../../agent/src/link/wire-shapes.ts";
import { arbitraryOf } from "../protocol/schema-arbitrary.ts";
import { CHECKED, wireShapesSource } from "./support/wire-shapes.ts";

const file = fileURLToPath(new URL("../../agent/src/link/wire-shapes.ts", import.meta.url));
const shapes: Readonly<Record<string, Shape>> = generated;

/** Replaces one place of a JSON value, drops it, or adds beside it. */
const edits = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, "", " ", "a\nb", "a\u202eb", "off", -1, 0, 0.5, 1e300, 2 ** 53, [], {}, [0, 1], { deep: {} }),
  fc.string({ maxLength: 70 }),
  fc.integer(),
  fc.jsonValue({ maxDepth: 2 }),
);
const edit = fc.record({ path: fc.array(fc.nat(20), { maxLength: 4 }), how: fc.constantFrom("set", "drop", "add"), value: edits });

function mutated(value: unknown, { path, how, value: put }: { path: readonly number[]; how: string; value: unknown }): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  const [first, ...rest] = path;
  if (typeof copy !== "object" || copy === null || first === undefined) return how === "set" ? put : copy;
  const bag = copy as Record<string, unknown>;
  const keys = Object.keys(bag);
  const key = keys[first % Math.max(1, keys.length)];
  if (how === "add" && rest.length === 0) {
    if (Array.isArray(copy)) copy.push(put);
    else bag["extra"] = put;
  } else if (key !== undefined) {
    if (rest.length > 0) bag[key] = mutated(bag[key], { path: rest, how, value: put });
    else if (how === "drop" && !Array.isArray(copy)) Reflect.deleteProperty(bag, key);
    else bag[key] = put;
  }
  return copy;
}

const agrees = (name: string, schema: $ZodType, value: unknown): void => {
  expect(fits(shapes[name] as Shape, value), `${name} ${JSON.stringify(value)}`).toBe(safeParse(schema, value).success);
};

describe("the shapes the agent checks with", () => {
  it("are those of the protocol: regenerate with -u when this fails", async () => {
    await expect(await wireShapesSource(file)).toMatchFileSnapshot(file);
  });

  it.each(Object.entries(CHECKED))("%s takes every message that its schema takes", (name, schema) => {
    fc.assert(
      fc.property(arbitraryOf(schema), (value) => agrees(name, schema, JSON.parse(JSON.stringify(value)))),
      { numRuns: 300 },
    );
  });

  it.each(Object.entries(CHECKED))("%s decides like its schema about messages with something changed", (name, schema) => {
    fc.assert(
      fc.property(arbitraryOf(schema), fc.array(edit, { minLength: 1, maxLength: 2 }), (value, list) => {
        agrees(name, schema, list.reduce<unknown>(mutated, value));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(Object.entries(CHECKED))("%s decides like its schema about anything at all", (name, schema) => {
    fc.assert(
      fc.property(edits, (value) => agrees(name, schema, value)),
      { numRuns: 300 },
    );
  });
});
