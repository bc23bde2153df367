import { HttpProblem } from "../kit/http-problem.ts";

const isText = (value: unknown): value is string => typeof value === "string" && value.length > 0 && value.length <= 64;

/** 1 to 20 short texts. Throws HttpProblem 400. */
export function textList(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0 && value.length <= 20 && value.every(isText)) return value;
  throw new HttpProblem(400, "a list of product ids is needed");
}

/** One short text. Throws HttpProblem 400. */
export function oneText(value: unknown): string {
  if (isText(value)) return value;
  throw new HttpProblem(400, "an id is needed");
}
