import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { problemSchema } from "../../protocol/api.ts";
import { ApiError, ERRORS, errorsTable, problemOf, type ErrorCode } from "../../server/errors.ts";

describe("the table of errors", () => {
  it("is the one that docs/errors.md prints", () => {
    expect(readFileSync("docs/errors.md", "utf8")).toContain(`\n${errorsTable()}\n`);
  });

  it("has only error statuses, and says what to do in a sentence", () => {
    for (const [code, { status, title, detail }] of Object.entries(ERRORS)) {
      expect(status, code).toBeGreaterThanOrEqual(400);
      expect(status, code).toBeLessThan(600);
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(title.length, code).toBeGreaterThan(5);
      expect(detail, code).toMatch(/\.$/);
    }
  });

  it("makes a problem of each", () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[])
      expect(problemSchema.parse(problemOf(new ApiError(code), "r1"))).toMatchObject({
        code,
        requestId: "r1",
        status: ERRORS[code].status,
      });
  });
});
