import { z } from "@hono/zod-openapi";
import { isName } from "../../protocol/text.ts";

export const nameParam = z.string().refine(isName, "a name is 1 to 64 characters without control or direction marks");
/** Given once or again: any of several. */
export const anyOf = <T extends z.ZodType<string>>(one: T, most: number) => z.union([one, z.array(one).max(most)]).optional();
export const environmentQuery = z.object({ environment: nameParam.default("production") });
const limit = (most: number, normal: number) => z.coerce.number().int().min(1).max(most).default(normal);
export const pageQuery = z.object({ cursor: z.string().min(1).max(500).optional(), limit: limit(500, 100) });
export const timeParam = z.coerce.number().int().min(0).max(8.64e15);
/** As of then; absent: now. */
export const momentParam = timeParam.optional();
export const idParam = z.object({ id: z.string().min(1).max(64) });

/** As long as hours are kept unless it is said otherwise. */
export const WINDOW_MOST_MS = 400 * 86_400_000;
const COLUMNS_MOST = 20;

export const columnsParam = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((column) => column.trim())
      .filter((column) => column !== ""),
  )
  .pipe(
    z
      .array(z.string().regex(/^[A-Za-z0-9]{1,32}$/, "column names, separated by commas"))
      .min(1)
      .max(COLUMNS_MOST),
  );
