import { describe, expect, it } from "vitest";
import type { AuditCheck } from "../../../protocol/audit-api.ts";
import { checkChain, readNoted, writeNoted, type NotedHead } from "../../../ui/screens/audit/check-chain.ts";

const hash = (seq: number): string => String(seq).padStart(64, "0");
const head = (seq: number): NotedHead => ({ seq, hash: hash(seq) });

/** A log of so many entries that answers ten at a time; `cut` pretends that it once was longer. */
function log(length: number, fault: AuditCheck["fault"] = null) {
  const asked: (number | null)[] = [];
  const step = (after: NotedHead | null): Promise<AuditCheck> => {
    asked.push(after?.seq ?? null);
    const from = after?.seq ?? 0;
    const to = Math.min(from + 10, length);
    if (from > length)
      return Promise.resolve({ from, to: from, hash: hash(from), fault: { seq: length + 1, what: "missing" }, done: true, at: 9 });
    if (fault && fault.seq <= to) return Promise.resolve({ from, to: fault.seq - 1, hash: hash(fault.seq - 1), fault, done: true, at: 9 });
    return Promise.resolve({ from, to, hash: hash(to), fault: null, done: to === length, at: 9 });
  };
  return { asked, step };
}

describe("checking the chain from a browser", () => {
  it("goes step by step to the end and tells how far it is", async () => {
    const { asked, step } = log(25);
    const seen: number[] = [];
    const report = await checkChain({ step, noted: null, onProgress: (seq) => seen.push(seq) });
    expect(report).toEqual({ head: head(25), at: 9, fault: null });
    expect([asked, seen]).toEqual([
      [null, 10, 20],
      [10, 20, 25],
    ]);
  });

  it("stops at the first entry that does not fit", async () => {
    const { asked, step } = log(50, { seq: 14, what: "changed" });
    expect(await checkChain({ step, noted: head(40), onProgress: () => undefined })).toEqual({
      head: head(13),
      at: 9,
      fault: { seq: 14, what: "changed" },
    });
    expect(asked).toEqual([null, 10]);
  });

  it("finds a log that fits but is shorter than it was", async () => {
    const { step } = log(25);
    expect((await checkChain({ step, noted: head(30), onProgress: () => undefined })).fault).toEqual({ seq: 26, what: "missing" });
    expect((await checkChain({ step, noted: head(20), onProgress: () => undefined })).fault).toBeNull();
  });

  it("keeps a head as text, and takes nothing else for one", () => {
    expect(readNoted(writeNoted(head(12)))).toEqual(head(12));
    for (const text of [null, "", "12", "12:abc", `x:${hash(1)}`]) expect(readNoted(text)).toBeNull();
  });
});
