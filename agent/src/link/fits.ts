/** Checks what arrives against a description of its shape: the little of a schema library that the wire needs. Never throws. */
import { clean, isName } from "../../../protocol/text.ts";

/** A shape whose first word says what follows; limits count in. `text` is without control and direction marks. */
type Form =
  | readonly ["is", ...(string | number | boolean | null)[]]
  | readonly ["int" | "number" | "string" | "text", min?: number, max?: number]
  | readonly ["all" | "either" | "tuple", ...Shape[]]
  | readonly ["list", of: Shape, min?: number, max?: number]
  | readonly ["map", key: Shape, value: Shape, max?: number];

/** An object names its fields and has no others; a field whose name ends in `?` may be missing. */
export type Shape = "any" | "name" | RegExp | Form | { readonly [field: string]: Shape };

type Bag = Readonly<Record<string, unknown>>;

/** True when the value has the shape, deep down. */
export function fits(shape: Shape, value: unknown): boolean {
  if (shape === "any") return true;
  if (shape === "name") return typeof value === "string" && isName(value);
  if (shape instanceof RegExp) return typeof value === "string" && shape.test(value);
  return isForm(shape) ? fitsForm(shape, value) : isBag(value) && fitsObject(shape, value);
}

function fitsObject(shape: Readonly<Record<string, Shape>>, value: Bag): boolean {
  let known = 0;
  for (const [field, inner] of Object.entries(shape)) {
    const optional = field.endsWith("?");
    const key = optional ? field.slice(0, -1) : field;
    if (Object.hasOwn(value, key)) known++;
    else if (optional) continue;
    else return false;
    if (!fits(inner, value[key]) && !(optional && value[key] === undefined)) return false;
  }
  return known === Object.keys(value).length;
}

function fitsForm(form: Form, value: unknown): boolean {
  switch (form[0]) {
    case "is":
      return form.includes(value as string, 1);
    case "int":
      return Number.isSafeInteger(value) && within(value as number, form[1], form[2]);
    case "number":
      return Number.isFinite(value) && within(value as number, form[1], form[2]);
    case "string":
    case "text":
      return typeof value === "string" && within(value.length, form[1], form[2]) && (form[0] === "string" || clean(value));
    case "all":
      return shapesOf(form).every((shape) => fits(shape, value));
    case "either":
      return shapesOf(form).some((shape) => fits(shape, value));
    case "tuple":
      return Array.isArray(value) && value.length === form.length - 1 && shapesOf(form).every((shape, i) => fits(shape, value[i]));
    case "list":
      return Array.isArray(value) && within(value.length, form[2], form[3]) && value.every((item) => fits(form[1], item));
    case "map":
      return (
        isBag(value) &&
        within(Object.keys(value).length, 0, form[3]) &&
        Object.entries(value).every(([key, inner]) => fits(form[1], key) && fits(form[2], inner))
      );
  }
}

function isForm(shape: Form | { readonly [field: string]: Shape }): shape is Form {
  return Array.isArray(shape);
}

function isBag(value: unknown): value is Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function within(size: number, min = -Infinity, max = Infinity): boolean {
  return size >= min && size <= max;
}

function shapesOf(form: readonly ["all" | "either" | "tuple", ...Shape[]]): readonly Shape[] {
  return form.slice(1) as Shape[];
}
