import { HttpProblem } from "../kit/http-problem.ts";

/** 1 to 20 short texts. Throws HttpProblem 400. */
export function textList(value: unknown): readonly string[] {
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= 20 &&
    value.every((item) => typeof item === "string" && item.length <= 64)
  ) {
    return value as readonly string[];
  }
  throw new HttpProblem(400, "a list of product ids is needed");
}
