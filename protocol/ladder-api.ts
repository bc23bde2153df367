/**
 * Shapes of the ladder: where operators put each switch, and when it was last proven. The server builds its OpenAPI document from them;
 * the browser imports only the types. Times are milliseconds since the epoch.
 */
import { z } from "zod";
import { at, nameText, page } from "./api.ts";

/** 1 is cosmetic, 4 is read-only; 0 is all well. */
const level = z.number().int().min(1).max(4);

const steps = z
  .array(z.strictObject({ level, position: nameText }))
  .max(4)
  .refine((all) => all.every((step, i) => step.level > (all[i - 1]?.level ?? 0)), "name each level once, lowest first");

/** Which capability of the product a switch is part of, and from which level on it is at which position. */
export const placeRequestSchema = z.strictObject({
  capability: nameText.nullable(),
  steps,
  /** What was looked at; 0 when it had no place. */
  expectedVersion: z.number().int().min(0),
});
export type PlaceRequest = z.input<typeof placeRequestSchema>;

export const placeSchema = z.object({
  key: z.string(),
  capability: z.string().nullable(),
  steps: z.array(z.object({ level: z.number().int(), position: z.string() })),
  /** 0 when nobody gave it a place yet. */
  version: z.number().int(),
  updatedAt: at.nullable(),
  updatedBy: z.string().nullable(),
  /** When every live instance it was for last applied a position that degrades, and by which change; null when never. */
  proven: z.object({ at, flipId: z.string(), drill: z.boolean() }).nullable(),
});
export type PlaceAnswer = z.infer<typeof placeSchema>;
export const placePageSchema = page(placeSchema);
