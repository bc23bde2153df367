import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommitQueue, type CommitReport, type Merge } from "../../server/store/commit-queue.ts";
import type { Tx } from "../../server/store/db.ts";
import { StoreUnavailable } from "../../server/store/store.ts";

/** A database that notes what each transaction wrote, and refuses what the test says. */
function setUp({ maxWeight = 100, refuse = (_values: readonly number[]): Error | null => null } = {}) {
  const transactions: number[][] = [];
  const reports: CommitReport[] = [];
  const queue = new CommitQueue({
    maxWeight,
    isUnavailable: (error) => error instanceof StoreUnavailable,
    onCommit: (report) => reports.push(report),
    transact: async (work) => {
      const written: number[] = [];
      const result = await work(written as unknown as Tx);
      const refusal = refuse(written);
      if (refusal) throw refusal;
      transactions.push(written);
      return result;
    },
  });
  const write: Merge<number, string> = async (tx, values) => {
    (tx as unknown as number[]).push(...values);
    return values.map((value) => `wrote ${value}`);
  };
  return { queue, transactions, reports, add: (value: number, weight = 1) => queue.merged(write, value, weight) };
}

describe("the commit queue", () => {
  it("writes calls that wait together in one transaction and answers each with its own result", async () => {
    const { add, transactions, reports } = setUp();
    expect(await Promise.all([1, 2, 3].map((value) => add(value)))).toEqual(["wrote 1", "wrote 2", "wrote 3"]);
    expect(transactions).toEqual([[1, 2, 3]]);
    expect(reports.map((report) => report.calls)).toEqual([3]);
  });

  it("starts again for a call that comes in the very turn the last one was answered", async () => {
    const { add } = setUp();
    for (let value = 0; value < 20; value++) expect(await add(value)).toBe(`wrote ${value}`);
  });

  it("cuts groups by weight, keeps the order, and takes a call that is too heavy by itself", async () => {
    const { add, transactions } = setUp({ maxWeight: 3 });
    await Promise.all([add(1), add(2), add(3, 2), add(4, 9), add(5)]);
    expect(transactions).toEqual([[1, 2], [3], [4], [5]]);
  });

  it("lets a bad call fail alone and writes the others of its group", async () => {
    const { add, transactions } = setUp({ refuse: (values) => (values.includes(2) ? new Error("no twos") : null) });
    const outcomes = await Promise.allSettled([1, 2, 3].map((value) => add(value)));
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(transactions).toEqual([[1], [3]]);
  });

  it("refuses the whole group at once when the database is gone, and works again when it is back", async () => {
    let tries = 0;
    let gone = true;
    const { add } = setUp({ refuse: () => (tries++, gone ? new StoreUnavailable("gone") : null) });
    const outcomes = await Promise.allSettled([1, 2, 3].map((value) => add(value)));
    expect(outcomes.every((outcome) => outcome.status === "rejected")).toBe(true);
    expect(tries).toBe(1);
    gone = false;
    expect(await add(4)).toBe("wrote 4");
  });

  it("gives a call that may refuse its own transaction, before merged calls that wait", async () => {
    const { queue, add, transactions } = setUp();
    const merged = [add(1), add(2)];
    const refused = queue.alone(async () => Promise.reject(new Error("conflict")));
    const alone = queue.alone(async (tx) => (tx as unknown as number[]).push(9));
    await expect(refused).rejects.toThrow("conflict");
    await Promise.all([...merged, alone]);
    expect(transactions.flat().sort()).toEqual([1, 2, 9]);
    expect(transactions).toContainEqual([9]);
  });

  it("has written everything once it is drained", async () => {
    const { queue, add, transactions } = setUp({ maxWeight: 2 });
    const all = Promise.all([1, 2, 3, 4, 5].map((value) => add(value)));
    await queue.drain();
    expect(transactions.flat()).toEqual([1, 2, 3, 4, 5]);
    await all;
    await queue.drain();
  });

  it("writes every good call exactly once, in order, whatever is mixed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ bad: fc.boolean(), weight: fc.integer({ min: 1, max: 6 }), pause: fc.boolean() }), { maxLength: 40 }),
        async (calls) => {
          const { add, transactions } = setUp({
            maxWeight: 8,
            refuse: (values) => (values.some((value) => calls[value]?.bad) ? new Error("bad") : null),
          });
          const outcomes: Promise<PromiseSettledResult<string>[]>[] = [];
          for (const [index, { weight, pause }] of calls.entries()) {
            outcomes.push(Promise.allSettled([add(index, weight)]));
            if (pause) await new Promise((resolve) => setImmediate(resolve));
          }
          const settled = (await Promise.all(outcomes)).flat();
          expect(settled.map((outcome) => outcome.status === "rejected")).toEqual(calls.map((call) => call.bad));
          expect(transactions.flat()).toEqual(calls.flatMap((call, index) => (call.bad ? [] : [index])));
        },
      ),
    );
  });
});
