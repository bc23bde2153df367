import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerError } from "../../../agent/src/http/answer.ts";
import { callContext, runCall } from "../../../agent/src/http/context.ts";
import { readDeadline, remainingMs, withDeadline } from "../../../agent/src/http/deadline.ts";
import { createGuard } from "../../../agent/src/http/guard.ts";
import { nodeHeaders } from "../../../agent/src/http/headers.ts";
import { writeCall } from "../../../agent/src/http/outgoing.ts";
import { currentPriority, readBaggage, readUrgency, withPriority, writeBaggage } from "../../../agent/src/http/priority.ts";
import { PRIORITY_CLASSES } from "../../../protocol/kinds.ts";

const read = (headers: Record<string, string | string[]>) => readDeadline(nodeHeaders(headers));

/** Text near the grammars and text far from them, single and repeated. */
const value = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.stringMatching(/^[0-9eE+.\-HMSmunI, ;=%_a-z]{0,24}$/),
  fc.nat().map(String),
  fc
    .tuple(fc.nat({ max: 999_999_999 }), fc.constantFrom("H", "M", "S", "m", "u", "n", "x", "h", "s", " "))
    .map(([n, unit]) => `${n}${unit}`),
  fc.constantFrom("-5", "1e99", "Infinity", "NaN", "0x10", "", " ", ",,,", "1_000", "９９９", "holdfast.priority=critical", "u=0"),
);
const header = fc.oneof(value, fc.array(value, { maxLength: 4 }));
const fuzzed = fc.dictionary(
  fc.constantFrom("x-holdfast-deadline-ms", "x-envoy-expected-rq-timeout-ms", "grpc-timeout", "baggage", "priority", "retry-after"),
  header,
);

describe("deadline headers", () => {
  it.each([
    [{ "x-holdfast-deadline-ms": "250" }, 250],
    [{ "x-envoy-expected-rq-timeout-ms": "15" }, 15],
    [{ "grpc-timeout": "2H" }, 7_200_000],
    [{ "grpc-timeout": "3M" }, 180_000],
    [{ "grpc-timeout": "4S" }, 4_000],
    [{ "grpc-timeout": "5m" }, 5],
    [{ "grpc-timeout": "6000u" }, 6],
    [{ "grpc-timeout": "7000000n" }, 7],
    [{ "grpc-timeout": "99999999H" }, 99_999_999 * 3_600_000],
    [{ "x-holdfast-deadline-ms": "0" }, 0],
  ])("%j gives %d ms", (headers, ms) => {
    expect(read(headers)).toBe(ms);
  });

  it("counts what cannot be read as absent", () => {
    for (const text of ["", "-1", "1.5", "1e3", "0x10", "١٢", " ", "12s", "9999999999999", "NaN"])
      expect(read({ "x-holdfast-deadline-ms": text })).toBe(Infinity);
    for (const text of ["5", "5s", "5h", "123456789S", "S", "1.5S", "-1S", "5 S"]) expect(read({ "grpc-timeout": text })).toBe(Infinity);
  });

  it("takes the shortest of several headers and of a repeated one", () => {
    expect(read({ "x-holdfast-deadline-ms": "300", "grpc-timeout": "1S", "x-envoy-expected-rq-timeout-ms": "200" })).toBe(200);
    expect(read({ "x-holdfast-deadline-ms": "90000, 40, bogus" })).toBe(40);
    expect(read({ "x-holdfast-deadline-ms": ["90000", "40"] })).toBe(40);
  });

  it("never throws and never lengthens a deadline, whatever the headers say", () => {
    const guard = createGuard({ deadline: { defaultMs: 1_000 } }, () => 5_000);
    fc.assert(
      fc.property(fuzzed, fc.boolean(), fc.integer({ min: 1, max: 2_000 }), (headers, edge, outerMs) => {
        expect(read(headers)).toBeGreaterThanOrEqual(0);
        const door = edge ? createGuard({ edge }, () => 5_000) : guard;
        runCall({ deadlineAt: 5_000 + outerMs, priority: undefined }, () => {
          const entry = door.enter({}, nodeHeaders({ ...headers }));
          if ("status" in entry) {
            expect(entry.status).toBe(504);
            return;
          }
          expect(entry.context.deadlineAt).toBeGreaterThan(5_000);
          expect(entry.context.deadlineAt).toBeLessThanOrEqual(5_000 + (edge ? outerMs : Math.min(1_000, outerMs)));
          expect(edge && entry.context.priority === 3).toBe(false);
          entry.leave();
        });
        if (edge) door.close();
      }),
      { numRuns: 1_000 },
    );
    guard.close();
  });

  it("reads back what it writes, never longer than what remains", () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 10_000_000 }), fuzzed, fc.integer({ min: 0, max: 40 }), (ms, headers, marginMs) => {
        withDeadline(ms, () => {
          const outgoing = { ...headers };
          try {
            writeCall(nodeHeaders(outgoing), { marginMs });
          } catch (error) {
            expect(error).toMatchObject({ code: "deadline_exceeded" });
            return;
          }
          expect(read({ "x-holdfast-deadline-ms": outgoing["x-holdfast-deadline-ms"] ?? "" })).toBeLessThanOrEqual(ms - marginMs);
        });
      }),
    );
  });
});

describe("a deadline", () => {
  it("is absent outside a call and shortens only", () => {
    expect(remainingMs()).toBe(Infinity);
    withDeadline(1_000, () => {
      const outer = callContext().deadlineAt;
      withDeadline(60_000, () => expect(callContext().deadlineAt).toBe(outer));
      withDeadline(Number.NaN, () => expect(callContext().deadlineAt).toBe(outer));
      withDeadline(10, () => expect(callContext().deadlineAt).toBeLessThan(outer));
      withDeadline(-1, () => expect(remainingMs()).toBe(0));
      expect(remainingMs()).toBeGreaterThan(0);
    });
    expect(remainingMs()).toBe(Infinity);
  });

  it("goes with what is awaited", async () => {
    await withDeadline(5_000, async () => {
      await Promise.resolve();
      await new Promise(setImmediate);
      expect(remainingMs()).toBeLessThanOrEqual(5_000);
      withPriority("low", () => expect([currentPriority(), remainingMs() <= 5_000]).toEqual(["low", true]));
    });
  });
});

describe("priority headers", () => {
  it("travels in baggage beside the members of others", () => {
    for (const [index, name] of PRIORITY_CLASSES.entries()) {
      const baggage = writeBaggage("a=1;p=x, holdfast.priority=low ,b=2", index as 0 | 1 | 2 | 3);
      expect(baggage).toBe(`a=1;p=x,b=2,holdfast.priority=${name}`);
      expect(readBaggage(nodeHeaders({ baggage: baggage ?? "" }))).toBe(index);
    }
    expect(writeBaggage("holdfast.priority=critical", undefined)).toBeNull();
  });

  it("takes the lowest of several, and nothing that is no class", () => {
    const of = (baggage: string | string[]) => readBaggage(nodeHeaders({ baggage }));
    expect(of("holdfast.priority = high ; prop=1")).toBe(2);
    expect(of("holdfast.priority=critical,holdfast.priority=low")).toBe(0);
    expect(of(["holdfast.priority=critical", "holdfast.priority=medium"])).toBe(1);
    for (const text of ["holdfast.priority=CRITICAL", "holdfast.priority", "holdfast.priority=", "xholdfast.priority=high", "=", ";;,,=,"])
      expect(of(text)).toBeUndefined();
    expect(of(`${"a=1,".repeat(100_000)}holdfast.priority=critical`)).toBeUndefined();
  });

  it("maps urgencies to classes below critical", () => {
    const of = (priority: string) => readUrgency(nodeHeaders({ priority }));
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((u) => of(`u=${u}`))).toEqual([2, 2, 1, 1, 1, 0, 0, 0]);
    expect([of("i, u=5"), of("u=1;x=2, i")]).toEqual([0, 2]);
    for (const text of ["", "u=8", "u=-1", "u=10", "xu=1", "u", "u=1.0", "i"]) expect(of(text)).toBeUndefined();
  });

  it("leaves no member of ours behind, whatever the baggage was", () => {
    const text = fc
      .array(fc.oneof(value, fc.constantFrom("holdfast.priority=critical", " holdfast.priority = high;x")))
      .map((all) => all.join(","));
    fc.assert(
      fc.property(text, (baggage) => {
        const rest = writeBaggage(baggage, undefined) ?? "";
        expect(readBaggage(nodeHeaders({ baggage: rest }))).toBeUndefined();
        expect(writeBaggage(rest, undefined) ?? "").toBe(rest);
      }),
    );
  });
});

describe("the wait an answer asks for", () => {
  const of = (text: string) => new AnswerError(new Response(null, { status: 503, headers: { "retry-after": text } })).retryAfterMs;

  it("is read as seconds or as a date", () => {
    expect(of("120")).toBe(120_000);
    expect(of(new Date(Date.now() + 60_000).toUTCString())).toBeGreaterThan(50_000);
    for (const text of ["", "0", "-1", "soon", "Sun, 06 Nov 1994 08:49:37 GMT"]) expect(of(text)).toBeUndefined();
  });

  it("is a positive time or nothing, whatever the header says", () => {
    fc.assert(
      fc.property(value, (text) => {
        const response = { status: 503, headers: nodeHeaders({ "retry-after": text }) };
        const ms = new AnswerError(response).retryAfterMs;
        expect(ms === undefined || ms > 0).toBe(true);
      }),
    );
  });
});
