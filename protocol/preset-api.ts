/** Shapes of presets: named sets of changes that are kept to be made again. Times are milliseconds since the epoch. */
import { z } from "zod";
import { at, nameText, page } from "./api.ts";
import { CHANGE_SET_MOST, changeSetItemSchema } from "./change-set-api.ts";
import { clean } from "./text.ts";

const [switched, settings, override] = changeSetItemSchema.options;
const atItsTime = { expiresInSeconds: true, expectedRevision: true, flipId: true } as const;

/** A change without what is decided when it is made: lease, revision, id. */
export const presetItemSchema = z.discriminatedUnion("kind", [
  switched.omit(atItsTime),
  settings.omit(atItsTime),
  override.omit(atItsTime),
]);
export type PresetItem = z.infer<typeof presetItemSchema>;

const body = {
  name: nameText,
  /** When to use it, and what it costs. */
  note: z.string().trim().max(500).refine(clean, "no line breaks or control characters").default(""),
  items: z.array(presetItemSchema).min(1).max(CHANGE_SET_MOST),
};
export const presetRequestSchema = z.strictObject(body);
export const presetChangeSchema = z.strictObject({
  ...body,
  /** The version that was looked at. */
  expectedVersion: z.number().int().min(1),
});
export type PresetRequest = z.input<typeof presetRequestSchema>;

export const presetSchema = z.object({
  id: z.string(),
  environment: z.string(),
  name: z.string(),
  note: z.string(),
  items: z.array(presetItemSchema),
  version: z.number().int(),
  createdAt: at,
  createdBy: z.string(),
  updatedAt: at,
  updatedBy: z.string(),
});
export type PresetAnswer = z.infer<typeof presetSchema>;
export const presetPageSchema = page(presetSchema);
