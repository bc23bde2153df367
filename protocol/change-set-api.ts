/**
 * Shapes of changes that are made as one and undone as one. The server builds its OpenAPI document from them; the browser imports only
 * the types. Times are milliseconds since the epoch.
 */
import { z } from "zod";
import { at, changeSchema, flipRequestSchema, nameText, page } from "./api.ts";
import { overrideRequestSchema, settingsRequestSchema } from "./policy-api.ts";
import { POLICY_NAMES } from "./settings.ts";

/** Changes one set may have. */
export const CHANGE_SET_MOST = 50;

const { scope, reason, expiresInSeconds, expectedRevision, flipId } = flipRequestSchema.shape;
const order = { scope, expiresInSeconds, expectedRevision, flipId };
const { name, policy, state } = overrideRequestSchema.shape;

export const changeSetItemSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("switch"), key: nameText, position: nameText, ...order }),
  z.strictObject({ kind: z.literal("settings"), name, policy, values: settingsRequestSchema.shape.values, ...order }),
  z.strictObject({ kind: z.literal("override"), name, policy, state, ...order }),
]);
export type ChangeSetItem = z.infer<typeof changeSetItemSchema>;

const wishShape = {
  items: z.array(changeSetItemSchema).max(CHANGE_SET_MOST).default([]),
  /** Ids of changes in force that are to end, once the others lie on top. */
  ends: z.array(z.string().max(64)).max(CHANGE_SET_MOST).default([]),
};
const something = ({ items, ends }: { readonly items: readonly unknown[]; readonly ends: readonly unknown[] }): boolean =>
  items.length + ends.length > 0;

export const changeSetPreviewRequestSchema = z.strictObject(wishShape).refine(something, "name at least one change");
export const changeSetRequestSchema = z
  .strictObject({
    title: z.string().trim().min(1).max(120),
    reason,
    ...wishShape,
    /** Steps of the ladder: the next one may take them back by itself. */
    purpose: z.literal("ladder").optional(),
  })
  .refine(something, "name at least one change");
export type ChangeSetRequest = z.input<typeof changeSetRequestSchema>;

export const changeSetPreviewSchema = z.object({
  /** In the order they were asked for. */
  items: z.array(
    z.object({
      kind: z.enum(["switch", "settings", "override"]),
      key: z.string(),
      policy: z.enum(POLICY_NAMES).nullable(),
      targeted: z.number().int(),
      live: z.number().int(),
      absent: z.number().int(),
      refusals: z.number().int(),
      /** Send it as expectedRevision. */
      revision: z.number().int(),
      /** Send it with the set, so that a percentage hits what was counted here. */
      flipId: z.string(),
      /** Everybody it is for holds this already. */
      already: z.boolean(),
      /** What is held now, in a word or some. */
      now: z.string(),
      /** Why it cannot be made; null when it can. The whole set is refused when one of them cannot. */
      problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
    }),
  ),
  ends: z.array(changeSchema),
});
export type ChangeSetPreview = z.infer<typeof changeSetPreviewSchema>;

export const changeSetSchema = z.object({
  id: z.string(),
  environment: z.string(),
  title: z.string(),
  reason: z.string(),
  author: z.string(),
  createdAt: at,
  /** The set that took it back; null while it stands. */
  undoneBy: z.string().nullable(),
  /** Changes it made, and changes it ended, as they are now. */
  made: z.array(changeSchema),
  ended: z.array(changeSchema),
});
export type ChangeSetAnswer = z.infer<typeof changeSetSchema>;
export const changeSetPageSchema = page(changeSetSchema);

export const undoneSetSchema = changeSetSchema.extend({
  /** Not brought back, and why. */
  left: z.array(z.object({ change: changeSchema, why: z.string() })),
});
export type UndoneSet = z.infer<typeof undoneSetSchema>;
