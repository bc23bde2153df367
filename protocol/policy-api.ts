/**
 * Shapes of the HTTP API about policies: settings, overrides and faults. The server builds its OpenAPI document from them; the browser
 * imports only the types.
 */
import { z } from "zod";
import { at, changeSchema, flipRequestSchema, nameText, page, previewSchema, settingValueSchema, settingValuesSchema } from "./api.ts";
import { OVERRIDE_STATES, POLICY_NAMES } from "./settings.ts";

/** Instances that are named beside a value. */
export const HOLDER_NAMES = 20;

const valueCountSchema = z.object({ value: settingValueSchema, instances: z.number() });
/** The first of the instances that have it, `service/instance`, by name; the rest is in the count. */
const namesSchema = z.array(z.string()).max(HOLDER_NAMES);

/** One setting of a policy: what may be, what the code says and what is in force, most instances first. */
export const policySettingSchema = z.object({
  key: z.string(),
  type: z.enum(["int", "flag", "choice"]),
  default: settingValueSchema,
  /** Of the table; absent unless `int`. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** Absent unless `choice`. */
  options: z.array(z.string()).optional(),
  /** Narrower limits of the code, the narrowest of any instance; null when only the table's hold. */
  bounds: z.tuple([z.number(), z.number()]).nullable(),
  /** Some instance does not let it be changed. */
  fixed: z.boolean(),
  /** More than one entry: the code differs between instances. */
  code: z.array(valueCountSchema.extend({ names: namesSchema })),
  /** `revision` is that of the change that set it; 0 for `code`. */
  effective: z.array(valueCountSchema.extend({ names: namesSchema, origin: z.enum(["code", "remote"]), revision: z.number() })),
});
export type PolicySetting = z.infer<typeof policySettingSchema>;

const holdsSchema = z.object({ id: z.string(), revision: z.number(), instances: z.number() });

export const policySchema = z.object({
  /** Of the policy, or of the pipeline it is part of. */
  name: z.string(),
  policy: z.enum(POLICY_NAMES),
  services: z.array(z.string()),
  instances: z.object({ total: z.number(), live: z.number() }),
  /** Of settings and overrides together; send it as expectedRevision. */
  revision: z.number(),
  settings: z.array(policySettingSchema),
  /** What a change here does not do, as the code says. */
  note: z.string().nullable(),
  /** States that POST /overrides takes for it. */
  states: z.array(z.enum(OVERRIDE_STATES)),
  /** Overrides that decide somewhere; empty when every instance follows its own mind. */
  override: z.array(holdsSchema.extend({ state: z.enum(OVERRIDE_STATES) })),
  /** Instances that allow faults in the pipeline, and the faults that decide somewhere. */
  fault: z.object({ allowed: z.number(), inForce: z.array(holdsSchema.extend({ values: settingValuesSchema })) }),
  /** Settings, overrides and faults in force, newest first. */
  changes: z.array(changeSchema),
  lastChange: z.object({ at, by: z.string(), reason: z.string() }).nullable(),
});
export type PolicyAnswer = z.infer<typeof policySchema>;
export const policyPageSchema = page(policySchema);

const { scope, reason, expiresInSeconds, expectedRevision, flipId } = flipRequestSchema.shape;
const orderShape = { scope, reason, expiresInSeconds, expectedRevision, flipId };
const overrideSubject = { name: nameText, policy: z.enum(POLICY_NAMES), state: z.enum(OVERRIDE_STATES) };
const requestValues = settingValuesSchema.refine((values) => Object.keys(values).length <= 64, "too many values");

/** Some or all settings; those left out stay as they are. */
export const settingsRequestSchema = z.strictObject({ values: requestValues, ...orderShape });
export type SettingsRequest = z.infer<typeof settingsRequestSchema>;
export const overrideRequestSchema = z.strictObject({ ...overrideSubject, ...orderShape });
export type OverrideRequest = z.infer<typeof overrideRequestSchema>;
export const faultRequestSchema = z.strictObject({
  name: nameText,
  values: requestValues,
  scope,
  reason,
  expiresInSeconds: z.number({ error: "a fault needs an end: 5 to 3600 seconds" }).int().min(5).max(3_600),
  flipId,
});
export type FaultRequest = z.infer<typeof faultRequestSchema>;

const lookShape = { scope, expiresInSeconds: expiresInSeconds.optional(), flipId };
/** A change that is only looked at. */
export const changePreviewRequestSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("settings"),
    name: nameText,
    policy: z.enum(POLICY_NAMES),
    values: requestValues,
    ...lookShape,
  }),
  z.strictObject({ kind: z.literal("override"), ...overrideSubject, ...lookShape }),
  z.strictObject({ kind: z.literal("fault"), name: nameText, values: requestValues, ...lookShape }),
]);
export type ChangePreviewRequest = z.infer<typeof changePreviewRequestSchema>;

export const changePreviewSchema = previewSchema.omit({ returnsTo: true }).extend({
  /** Send it with the change, so that a percentage hits what is shown here. */
  flipId: z.string(),
  instances: z.array(z.object({ instance: z.string(), live: z.boolean() })),
  /** Each value that is said, beside what instances hold now and what shows when it ends. An override is `state`, "none" without one. */
  moves: z.array(
    z.object({ key: z.string(), to: settingValueSchema, from: z.array(valueCountSchema), returnsTo: z.array(valueCountSchema) }),
  ),
});
export type ChangePreview = z.infer<typeof changePreviewSchema>;
