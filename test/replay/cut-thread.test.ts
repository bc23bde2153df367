import { afterEach, expect, it } from "vitest";
import { decodePage, encodePage } from "../../core/page.ts";
import { createCutThread, type CutThread } from "../../server/replay/cut-thread.ts";

const START = 1_790_000_000_000;
const page = (seconds: number, from = START) =>
  encodePage({
    resources: [{ kind: "breaker", name: "payments" }],
    times: Float64Array.from({ length: seconds }, (_, i) => from + i * 1_000),
    seqs: Float64Array.from({ length: seconds }, (_, i) => i + 1),
    read: (column, into) => {
      for (let i = 0; i < seconds; i++) into[i] = 1 + ((i * (column + 3)) % 97);
    },
  });

let thread: CutThread | undefined;
afterEach(() => thread?.close());

it("cuts in a thread of its own and answers each question for itself, the damaged pages among them too", async () => {
  thread = createCutThread();
  const window = { from: START + 60_000, to: START + 119_000 };
  const damaged = page(200);
  damaged[20] = (damaged[20] ?? 0) ^ 255;
  const ask = [
    { bytes: page(3_600), window },
    { bytes: damaged, window },
    { bytes: page(10), window },
  ];
  const [one, two] = await Promise.all([thread.cut(ask), thread.cut([{ bytes: page(300), window }])]);
  const cut = one[0] && "bytes" in one[0] ? one[0].bytes : null;
  expect([...decodePage(cut ?? new Uint8Array()).times].map((at) => (at - START) / 1_000)).toEqual(
    Array.from({ length: 60 }, (_, i) => 60 + i),
  );
  expect(one[1]).toEqual({ damage: expect.stringContaining("checksum") as unknown });
  expect(one[2]).toEqual({ bytes: null });
  expect(two[0]).toEqual(one[0]);
  // What was asked is still whole: only copies go over.
  expect(ask[0]?.bytes.byteLength).toBeGreaterThan(0);
});

it("cuts here when there is no file for a thread", async () => {
  const here = createCutThread(new URL("file:///nowhere/cut-worker.mjs"));
  const window = { from: START, to: START + 4_000 };
  const [cut] = await here.cut([{ bytes: page(700), window }]);
  expect(cut && "bytes" in cut && cut.bytes ? decodePage(cut.bytes).times.length : 0).toBe(5);
  await here.close();
});
