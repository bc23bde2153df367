/** The value a flag has while its switch is in a position. */
import type { ViewedSwitch } from "../view.ts";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Values of the positions of each switch, by key: `{ "checkout.batch": { normal: 100, small: 10 } }`. */
export type Variants = Readonly<Record<string, Readonly<Record<string, Json>>>>;

export type FlagType = "boolean" | "string" | "number" | "object";

const NO = new Set(["off", "false", "no", "none", "disabled"]);
const YES = new Set(["on", "true", "yes", "enabled"]);

/**
 * The value given for the position, if one is. Else a string is the position itself, and a boolean is what the position says (on, off,
 * true, false, yes, no, enabled, disabled, none), or whether it is the normal one. Undefined: there is no value of this type.
 */
export function flagValue(seen: ViewedSwitch, type: FlagType, variants: Variants): Json | undefined {
  const { key, position, positions } = seen;
  const given = Object.hasOwn(variants, key) ? variants[key] : undefined;
  if (given !== undefined && Object.hasOwn(given, position)) {
    const value = given[position];
    return typeof value === type && value !== null ? value : undefined;
  }
  if (type === "string") return position;
  if (type === "boolean") return !NO.has(position) && (YES.has(position) || position === positions[0]);
  return undefined;
}
