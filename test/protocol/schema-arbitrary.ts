/** Valid messages for any schema of the wire: a walk over the schema, with the building blocks that carry refinements given by hand. */
import fc, { type Arbitrary } from "fast-check";
import { z } from "zod";
import type { $ZodType, $ZodTypes } from "zod/v4/core";
import * as blocks from "../../protocol/schema.ts";
import { clean, isName } from "../../protocol/text.ts";

const cleanChar = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) },
  { weight: 1, arbitrary: fc.constantFrom("ä", "ß", "日", "本", "Ω", "é", "🙂", "–") },
);

const cleanText = (maxLength: number): Arbitrary<string> =>
  fc.array(cleanChar, { maxLength }).map((chars) => {
    const text = chars.join("").slice(0, maxLength);
    return clean(text) ? text : "plain";
  });

const name = cleanText(64).map((text) => (isName(text) ? text : "a name"));
const scalar = fc.oneof(
  cleanText(60),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.boolean(),
  fc.constant(null),
);
const safeKey = (arbitrary: Arbitrary<string>): Arbitrary<string> => arbitrary.filter((key) => key !== "__proto__");

const byHand = new Map<$ZodType, Arbitrary<unknown>>([
  [blocks.name, name],
  [blocks.title, cleanText(120).map((text) => text || "Title")],
  [blocks.text, cleanText(500)],
  [blocks.wallMs, fc.integer({ min: 0, max: 8.64e15 })],
  [
    blocks.durationMs,
    fc.oneof(
      fc.nat(),
      fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0),
    ),
  ],
  [blocks.labels, fc.dictionary(safeKey(fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/)), cleanText(64), { maxKeys: 16 })],
  [blocks.data, fc.dictionary(safeKey(name), scalar, { maxKeys: 8 })],
]);

/** @throws TypeError for a schema that the walk does not know: teach it then. */
export function arbitraryOf(schema: $ZodType): Arbitrary<unknown> {
  const known = byHand.get(schema);
  if (known) return known;
  const { def } = (schema as $ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return objectOf(def.shape);
    case "optional":
      return arbitraryOf(def.innerType);
    case "nullable":
      return fc.option(arbitraryOf(def.innerType), { nil: null });
    case "array":
      return fc.array(arbitraryOf(def.element), lengthOf(schema));
    case "tuple":
      return fc.tuple(...def.items.map((item) => arbitraryOf(item)));
    case "union":
      return fc.oneof(...def.options.map((option) => arbitraryOf(option)));
    case "literal":
      return fc.constantFrom(...def.values);
    case "enum":
      return fc.constantFrom(...Object.values(def.entries));
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "number":
      return numberOf(schema);
    case "string":
      return stringOf(schema);
    case "record":
      return fc.dictionary(safeKey(arbitraryOf(def.keyType) as Arbitrary<string>), arbitraryOf(def.valueType), { maxKeys: 5 });
    case "unknown":
      return scalar;
    default:
      throw new TypeError(`no messages are made for schemas of type ${def.type}`);
  }
}

function objectOf(shape: Readonly<Record<string, $ZodType>>): Arbitrary<unknown> {
  const optional = new Set(Object.keys(shape).filter((key) => (shape[key] as $ZodTypes)._zod.def.type === "optional"));
  const model = Object.fromEntries(Object.entries(shape).map(([key, inner]) => [key, arbitraryOf(inner)]));
  return fc.record(model, { requiredKeys: Object.keys(shape).filter((key) => !optional.has(key)), noNullPrototype: true });
}

/** The limits of a leaf, in the words of JSON Schema. */
function limitsOf(schema: $ZodType) {
  return z.toJSONSchema(schema, { unrepresentable: "any" });
}

function lengthOf(schema: $ZodType): { minLength: number; maxLength: number } {
  const { minItems = 0, maxItems = 6 } = limitsOf(schema);
  return { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 6)) };
}

function numberOf(schema: $ZodType): Arbitrary<number> {
  const { type, minimum = -1e9, maximum = Number.MAX_SAFE_INTEGER, exclusiveMaximum } = limitsOf(schema);
  const max = typeof exclusiveMaximum === "number" ? exclusiveMaximum - 1 : maximum;
  const whole = fc.oneof(
    fc.integer({ min: minimum, max }),
    fc.integer({ min: Math.max(minimum, -100), max: Math.min(max, Math.max(minimum, -100) + 1000) }),
  );
  // JSON knows no minus zero.
  return type === "integer"
    ? whole
    : fc.oneof(
        whole,
        fc.double({ min: minimum, max, noNaN: true }).map((value) => value + 0),
      );
}

function stringOf(schema: $ZodType): Arbitrary<string> {
  const { pattern, allOf, minLength = 0, maxLength = 40 } = limitsOf(schema);
  const wanted = pattern ?? allOf?.find((part) => part.pattern !== undefined)?.pattern;
  if (wanted !== undefined) return fc.stringMatching(new RegExp(wanted)).filter((text) => text.length <= maxLength);
  return fc.string({ minLength, maxLength: Math.min(maxLength, 40) });
}
