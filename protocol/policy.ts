import * as z from "zod/mini";
import { name } from "./schema.ts";
import { OVERRIDE_STATES, POLICY_NAMES } from "./settings.ts";

/** Every kind of policy item. `key` of a switch is its key; of the others the name of the policy (a pipeline's name). */
export const POLICY_KINDS = ["switch", "settings", "override", "fault"] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

/** Body of a policy item of kind `switch`. */
export const switchBody = z.strictObject({ position: name });
export type SwitchBody = z.infer<typeof switchBody>;

const values = z.record(name, z.union([z.int(), z.boolean(), name]));

/**
 * Body of kind `settings`: some or all settings of a policy. Items of one policy are merged in the order of their revisions, field by
 * field, over the values of the code; when one ends, what is beneath shows again.
 */
export const settingsBody = z.strictObject({ policy: z.enum(POLICY_NAMES), values });
export type SettingsBody = z.infer<typeof settingsBody>;

/** Body of kind `override`: an operator's state. The one with the highest revision decides. */
export const overrideBody = z.strictObject({ policy: z.enum(POLICY_NAMES), state: z.enum(OVERRIDE_STATES) });
export type OverrideBody = z.infer<typeof overrideBody>;

/** Body of kind `fault`: what to inject (see FAULT). Needs a lease. The one with the highest revision decides. */
export const faultBody = z.strictObject({ values });
export type FaultBody = z.infer<typeof faultBody>;
