/** Fails the test in which anything reached the process that nobody caught. */
import { afterEach, beforeEach, expect } from "vitest";

export function expectNoProcessErrors(): void {
  let errors: unknown[] = [];
  const remember = (error: unknown): void => void errors.push(error);
  beforeEach(() => {
    errors = [];
    process.on("uncaughtException", remember);
    process.on("unhandledRejection", remember);
  });
  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    process.off("uncaughtException", remember);
    process.off("unhandledRejection", remember);
    expect(errors).toEqual([]);
  });
}
