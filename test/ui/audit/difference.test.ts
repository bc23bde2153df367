import { describe, expect, it } from "vitest";
import { differenceOf } from "../../../ui/screens/audit/difference.ts";

describe("the difference between before and after", () => {
  it("puts what changed first, and keeps what stayed", () => {
    expect(differenceOf({ name: "Bo", role: "viewer" }, { name: "Bo", role: "admin" })).toEqual([
      { path: "role", before: "viewer", after: "admin", changed: true },
      { path: "name", before: "Bo", after: "Bo", changed: false },
    ]);
  });

  it("tells nested values by their paths, and lists as they are", () => {
    const lines = differenceOf(
      { values: { attemptMs: 2_000, retry: { max: 3 } } },
      { values: { attemptMs: 800, retry: { max: 3 } }, scope: ["a", "b"] },
    );
    expect(lines).toEqual([
      { path: "values.attemptMs", before: "2000", after: "800", changed: true },
      { path: "scope", before: null, after: "a, b", changed: true },
      { path: "values.retry.max", before: "3", after: "3", changed: false },
    ]);
  });

  it("tells what was not there apart from what was empty", () => {
    expect(differenceOf(null, { assignee: null, note: "" })).toEqual([
      { path: "assignee", before: null, after: "none", changed: true },
      { path: "note", before: null, after: "", changed: true },
    ]);
    expect(differenceOf(null, null)).toEqual([]);
  });

  it("tells times as times", () => {
    expect(differenceOf(null, { expiresAt: Date.UTC(2026, 10, 15, 14) })[0]?.after).toBe("2026-11-15 14:00:00 UTC");
    expect(differenceOf(null, { expiresAt: null, attempt: 5 }).map(({ after }) => after)).toEqual(["none", "5"]);
  });
});
