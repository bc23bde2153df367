import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { decodePage } from "../../core/page.ts";
import { placeResources } from "../../core/fleet.ts";
import { FRAME_BACKFILL, FRAME_LIVE, FrameDecoder, FrameEncoder, type FrameKind } from "../../protocol/frame.ts";
import { createHistory } from "../../server/history/history.ts";
import { MinuteBuffer } from "../../server/history/minute-buffer.ts";
import { minuteStart } from "../../server/history/open-minutes.ts";
import { packMinute } from "../../server/history/pack-minute.ts";
import { createPackThread, type PackThread } from "../../server/history/pack-thread.ts";
import type { SamplePage } from "../../server/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { until } from "../agent/support/until.ts";

const source = { environment: "production", service: "orders", instance: "orders-1", boot: "b1" };
const START = minuteStart(source, 1_790_000_040_000);
const resources = placeResources([{ id: 0, kind: "bulkhead", name: "payments" }]);
const SLOTS = 6;
const WORKER = new URL("../../server/history/pack-worker.ts", import.meta.url);
const rowOf = (seq: number) => Float64Array.from({ length: SLOTS }, (_, slot) => 1 + ((seq * (slot + 3)) % 97));

let thread: PackThread | undefined;
afterEach(() => thread?.close());

/** Frames as a connection brings them: sequences in the order given, each with what it follows in its chain. */
function arrive(sequences: readonly { readonly seq: number; readonly kind?: FrameKind; readonly lost?: boolean }[]): MinuteBuffer {
  const buffer = new MinuteBuffer(source, START);
  const encoders = { [FRAME_LIVE]: new FrameEncoder(FRAME_LIVE), [FRAME_BACKFILL]: new FrameEncoder(FRAME_BACKFILL) };
  const decoder = new FrameDecoder();
  for (const { seq, kind = FRAME_LIVE, lost = false } of sequences) {
    const at = START + seq * 1_000;
    const bytes = encoders[kind].encode(rowOf(seq), SLOTS, seq, at);
    const chain = kind === FRAME_LIVE ? decoder.live : decoder.backfill;
    const previousSeq = chain.seq;
    const { key, slots } = decoder.decode(bytes);
    if (!lost) buffer.add({ seq, at, row: chain.row, slots, resources, frame: { bytes, chain, kind, key, previousSeq } });
  }
  return buffer;
}

function valuesIn(bytes: Uint8Array): unknown {
  const page = decodePage(bytes);
  return [...page.seqs].map((seq, i) => [seq, page.columns.map(({ values }) => values[i])]);
}

const SHAPES = {
  "one after the other": Array.from({ length: 60 }, (_, i) => ({ seq: i + 1 })),
  "with one that went to another minute": Array.from({ length: 20 }, (_, i) => ({ seq: i + 1, lost: i === 7 })),
  "with a back-fill in between": [
    ...[10, 11, 12].map((seq) => ({ seq })),
    ...[1, 2, 3, 4].map((seq) => ({ seq, kind: FRAME_BACKFILL })),
    ...[13, 14].map((seq) => ({ seq })),
  ],
  "with one that came twice": [1, 2, 3].map((seq) => ({ seq })),
};

describe("a minute of frames", () => {
  it.each(Object.entries(SHAPES))("packs %s to exactly the rows that were sent, in order of time", (_, sequences) => {
    const kept = sequences
      .filter((sent) => !("lost" in sent && sent.lost))
      .map(({ seq }) => seq)
      .sort((a, b) => a - b);
    expect(valuesIn(packMinute(arrive(sequences).contents()))).toEqual(kept.map((seq) => [seq, [...rowOf(seq)]]));
  });

  it("is packed by the thread to the same bytes", async () => {
    thread = createPackThread(WORKER);
    const buffers = Object.values(SHAPES).map(arrive);
    const pages = await thread.pack(buffers.map((buffer) => buffer.contents()));
    expect(pages.map((page) => Buffer.from(page).toString("hex"))).toEqual(
      buffers.map((buffer) => Buffer.from(packMinute(buffer.contents())).toString("hex")),
    );
  });
});

describe("history with a thread", () => {
  function startHistory(pack: PackThread["pack"]) {
    const pages: SamplePage[] = [];
    const clock = new FakeClock(START);
    const history = createHistory({
      store: {
        putPages: (more) => Promise.resolve(void pages.push(...more)),
        readPages: () => Promise.resolve(pages),
        listInstances: () => Promise.resolve([]),
      },
      clock,
      log: pino({ level: "silent" }),
      thread: { pack, close: () => Promise.resolve() },
    });
    const committed: number[] = [];
    history.onCommitted((_, seq) => committed.push(seq));
    for (let seq = 1; seq <= 50; seq++) history.append(source, { seq, at: START + seq * 1_000, row: rowOf(seq), slots: SLOTS, resources });
    clock.advance(80_000);
    return { history, pages, committed };
  }

  it("writes what the thread has packed, and only then says that it is on disk", async () => {
    thread = createPackThread(WORKER);
    const { pages, committed } = startHistory((minutes) => (thread as PackThread).pack(minutes));
    expect(committed).toEqual([]);
    await until("on disk", () => committed.length === 1);
    expect(pages.map((page) => [page.samples, page.lastSeq])).toEqual([[50, 50]]);
  });

  it("packs here what the thread could not", async () => {
    const { pages, committed } = startHistory(() => Promise.reject(new Error("the thread ended")));
    await until("on disk", () => committed.length === 1);
    expect(pages).toHaveLength(1);
  });

  it("writes a minute once when everything is flushed while the thread is at it", async () => {
    let answer: (pages: readonly Uint8Array[]) => void = () => undefined;
    const { history, pages } = startHistory((minutes) => {
      const packed = minutes.map(packMinute);
      return new Promise((resolve) => (answer = () => resolve(packed)));
    });
    await history.flush();
    answer([]);
    await history.close();
    expect(pages.map((page) => page.lastSeq)).toEqual([50]);
  });
});
