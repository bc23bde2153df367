/** Writes agent/src/link/wire-shapes.ts out of the schemas of the protocol, so that the agent can check messages without the schema library. */
import { format } from "prettier";
import type { $ZodCheck, $ZodChecks, $ZodType, $ZodTypes } from "zod/v4/core";
import { agentDown } from "../../../protocol/agent-down.ts";
import { agentEvent, hello, switchDeclaration } from "../../../protocol/agent-up.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { faultBody, overrideBody, settingsBody, switchBody } from "../../../protocol/policy.ts";
import { id, labels } from "../../../protocol/schema.ts";
import { clean, isName } from "../../../protocol/text.ts";

/** What the agent reads, and the parts of what it says that come from the host. */
export const CHECKED: Readonly<Record<string, $ZodType>> = {
  agentDown,
  switchBody,
  settingsBody,
  overrideBody,
  faultBody,
  id,
  labels: hello.shape.labels.def.innerType,
  switchDeclaration,
  eventType: agentEvent.shape.type,
};

/** A shape as source text. @throws TypeError for a schema or check it does not know: teach it, and `fits`, then. */
export function shapeText(schema: $ZodType): string {
  const { def } = (schema as $ZodTypes)._zod;
  const checks = checksOf(schema);
  switch (def.type) {
    case "object": {
      if ((def.catchall as $ZodTypes | undefined)?._zod.def.type !== "never") throw new TypeError("only strict objects are known");
      const fields = Object.entries(def.shape).map(([key, inner]) => {
        const innerDef = (inner as $ZodTypes)._zod.def;
        return innerDef.type === "optional"
          ? `${JSON.stringify(`${key}?`)}: ${shapeText(innerDef.innerType)}`
          : `${JSON.stringify(key)}: ${shapeText(inner)}`;
      });
      return `{ ${fields.join(", ")} }`;
    }
    case "nullable":
      return form("either", form("is", "null"), shapeText(def.innerType));
    case "union":
      return form("either", ...def.options.map(shapeText));
    case "array":
      return form("list", shapeText(def.element), ...range(checks));
    case "tuple":
      return form("tuple", ...def.items.map(shapeText));
    case "record":
      return form("map", shapeText(def.keyType), shapeText(def.valueType), ...(schema === labels ? [LIMITS.labelsMax] : []));
    case "literal":
      return form("is", ...def.values.map((value) => JSON.stringify(value)));
    case "enum":
      return form("is", ...Object.values(def.entries).map((value) => JSON.stringify(value)));
    case "boolean":
      return form("is", "true", "false");
    case "null":
      return form("is", "null");
    case "unknown":
      return `"any"`;
    case "number":
      return form(checks.int ? "int" : "number", ...range(checks));
    case "string": {
      if (checks.name) return `"name"`;
      const sized = checks.clean || checks.max !== undefined || checks.min !== undefined;
      const size = form(checks.clean ? "text" : "string", ...range(checks));
      if (checks.pattern === undefined) return size;
      return sized ? form("all", String(checks.pattern), size) : String(checks.pattern);
    }
    default:
      throw new TypeError(`no shape is written for schemas of type ${def.type}`);
  }
}

function range({ min, max, int }: Checks): number[] {
  if (max === undefined || (int && max === Number.MAX_SAFE_INTEGER)) return min === undefined ? [] : [min];
  return [min ?? 0, max];
}

function form(word: string, ...parts: readonly (string | number)[]): string {
  return `[${[JSON.stringify(word), ...parts].join(", ")}]`;
}

interface Checks {
  min?: number;
  max?: number;
  int?: boolean;
  pattern?: RegExp;
  name?: boolean;
  clean?: boolean;
}

function checksOf(schema: $ZodType): Checks {
  const { def } = (schema as $ZodTypes)._zod;
  const found: Checks = {};
  const own = "check" in def ? [schema as unknown as $ZodCheck] : [];
  for (const check of [...own, ...(def.checks ?? [])]) add(found, schema, check);
  return found;
}

function add(found: Checks, schema: $ZodType, check: $ZodCheck): void {
  const { def } = (check as $ZodChecks)._zod;
  switch (def.check) {
    case "greater_than":
      found.min = Number(def.value) + (def.inclusive ? 0 : 1);
      return;
    case "less_than":
      found.max = Number(def.value) - (def.inclusive ? 0 : 1);
      return;
    case "min_length":
      found.min = def.minimum;
      return;
    case "max_length":
      found.max = def.maximum;
      return;
    case "number_format":
      if (def.format !== "safeint") throw new TypeError(`no shape is written for ${def.format}`);
      found.int = true;
      return;
    case "string_format":
      if (!("pattern" in def) || !(def.pattern instanceof RegExp)) throw new TypeError(`no shape is written for ${def.format}`);
      found.pattern = def.pattern;
      return;
    default:
      refined(found, schema, check);
  }
}

function refined(found: Checks, schema: $ZodType, check: $ZodCheck): void {
  const { fn } = check._zod.def as { readonly fn?: unknown };
  if (fn === isName) found.name = true;
  else if (fn === clean) found.clean = true;
  else if (fn === Number.isInteger) found.int = true;
  else if (schema !== labels) throw new TypeError("a refinement that no shape can say");
}

/** The whole file. */
export async function wireShapesSource(path: string): Promise<string> {
  const shapes = Object.entries(CHECKED).map(([name, schema]) => `export const ${name}: Shape = ${shapeText(schema)};`);
  const source = `/** Generated from the schemas in protocol/: run test/agent/wire-shapes.test.ts with -u after a change there. */
import type { Shape } from "./fits.ts";

${shapes.join("\n\n")}
`;
  return format(source, { filepath: path, printWidth: 140 });
}
