/** Building blocks of every message. */
import * as z from "zod/mini";
import { LIMITS } from "./limits.ts";
import { clean, isName } from "./text.ts";

export const name = z.string().check(z.refine(isName, "a name is 1 to 64 characters without control or direction marks"));
export const title = z.string().check(z.minLength(1), z.maxLength(LIMITS.titleChars), z.refine(clean, "no control or direction marks"));
export const text = z.string().check(z.maxLength(LIMITS.textChars), z.refine(clean, "no control or direction marks"));
export const id = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/));

/** Milliseconds since the Unix epoch, by the sender's clock. */
export const wallMs = z.number().check(z.gte(0), z.lte(8.64e15), z.refine(Number.isInteger, "whole milliseconds"));
export const durationMs = z.number().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));
export const count = z.int().check(z.gte(0));
export const revision = z.int().check(z.gte(0));
export const seq = z.int().check(z.gte(0));

export const labels = z
  .record(
    z.string().check(z.regex(/^[A-Za-z0-9_.-]{1,64}$/)),
    z.string().check(z.maxLength(LIMITS.labelChars), z.refine(clean, "no control marks")),
  )
  .check(z.refine((value) => Object.keys(value).length <= LIMITS.labelsMax, "at most 16 labels"));

/** Event data: a flat bag of scalars, so that it is safe to store, show and compare. */
export const data = z
  .record(
    name,
    z.union([z.string().check(z.maxLength(LIMITS.textChars), z.refine(clean, "no control marks")), z.number(), z.boolean(), z.null()]),
  )
  .check(z.refine((value) => JSON.stringify(value).length <= LIMITS.eventDataBytes, "event data is at most 4 kB"));
