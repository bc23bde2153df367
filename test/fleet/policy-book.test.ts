import { describe, expect, it } from "vitest";
import { PolicyBook } from "../../server/fleet/policy-book.ts";
import { declaredPolicy } from "../support/test-api.ts";

const groups = (book: PolicyBook, environment = "production") =>
  [...book.groups(environment)].map(({ declared, instances }) => [declared.map((one) => one.policy).join(), [...instances].join()]);

describe("the book of declared policies", () => {
  it("keeps instances that declare the same together, and takes each word anew", () => {
    const book = new PolicyBook();
    for (const key of ["a/1", "a/2", "a/3"]) book.declared("production", key, [declaredPolicy("breaker")]);
    expect(groups(book)).toEqual([["breaker", "a/1,a/2,a/3"]]);
    book.declared("production", "a/2", [declaredPolicy("breaker"), declaredPolicy("retry")]);
    book.declared("production", "a/3", []);
    expect(groups(book)).toEqual([
      ["breaker", "a/1"],
      ["breaker,retry", "a/2"],
    ]);
    book.forget("production", "a/1");
    book.forget("production", "never/there");
    expect(groups(book)).toEqual([["breaker,retry", "a/2"]]);
    expect([groups(book, "staging"), book.of("production", "a/1"), book.of("production", "a/2").length]).toEqual([[], [], 2]);
  });

  it("reads settings of another version of the table by what it knows of them", () => {
    const book = new PolicyBook();
    const foreign = {
      ...declaredPolicy("timeout", {
        values: { attemptMs: 400 },
        bounds: { totalMs: [-5, 999_999_999], unheard: [1, 2] },
        fixed: ["later"],
      }),
      values: { attemptMs: 400, totalMs: "soon", later: 7 },
    };
    book.declared("production", "a/1", [foreign]);
    expect(book.of("production", "a/1")).toMatchObject([
      { values: { attemptMs: 400, totalMs: 15_000, shadow: false }, bounds: { totalMs: [1, 3_600_000] }, fixed: [] },
    ]);
    expect(Object.keys(book.of("production", "a/1")[0]?.values ?? {})).not.toContain("later");
  });
});
