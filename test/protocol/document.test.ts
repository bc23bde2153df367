import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { agentDown } from "../../protocol/agent-down.ts";
import { agentUp } from "../../protocol/agent-up.ts";
import { CLOSE, CLOSE_MEANING, closeVerdict, type CloseName } from "../../protocol/close-codes.ts";
import { FRAME_LIVE, FrameDecoder, FrameEncoder } from "../../protocol/frame.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { liveDown, liveUp } from "../../protocol/live.ts";
import { AGENT_PATH, AGENT_SUBPROTOCOL, LIVE_PATH, LIVE_SUBPROTOCOL, PROTOCOL_VERSION } from "../../protocol/version.ts";

const text = readFileSync(new URL("../../protocol/PROTOCOL.md", import.meta.url), "utf8");

/** The text from a heading to the next of its rank. */
function section(heading: string): string {
  const start = text.indexOf(`\n## ${heading}\n`);
  expect(start, `PROTOCOL.md has a section "${heading}"`).toBeGreaterThan(0);
  const end = text.indexOf("\n## ", start + 4);
  return text.slice(start, end < 0 ? undefined : end);
}

/** Cells of the rows of a section's tables, without heads and rulers. */
function cells(heading: string): string[][] {
  const lines = section(heading)
    .split("\n")
    .filter((line) => line.startsWith("|"));
  return lines
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((row, i, all) => !row[0]?.startsWith("---") && !all[i + 1]?.[0]?.startsWith("---"));
}

function namesIn(heading: string): string[] {
  return cells(heading).flatMap(([first = ""]) => [...first.matchAll(/`([a-z-]+)`/g)].map((match) => match[1] ?? ""));
}

function messagesOf(...unions: readonly (typeof agentUp | typeof agentDown | typeof liveUp | typeof liveDown)[]): string[] {
  return unions.flatMap((union) => union._zod.def.options.flatMap((option) => [...option._zod.def.shape.t._zod.def.values]));
}

describe("PROTOCOL.md", () => {
  it("prints the table of close codes as it is", () => {
    expect(cells("Close codes")).toEqual(
      Object.entries(CLOSE).map(([key, { code, name, verdict }]) => [
        String(code),
        `\`${name}\``,
        verdict,
        CLOSE_MEANING[key as CloseName],
      ]),
    );
  });

  it("prints every limit with its value", () => {
    expect(cells("Limits").map(([name, value]) => [name, value])).toEqual(
      Object.entries(LIMITS).map(([name, value]) => [`\`${name}\``, String(value)]),
    );
  });

  it("names every message, each in its direction, and no other", () => {
    expect(namesIn("Agent to console").sort()).toEqual(messagesOf(agentUp).sort());
    expect(namesIn("Console to agent").sort()).toEqual(messagesOf(agentDown).sort());
    expect(namesIn("Browser").sort()).toEqual(messagesOf(liveUp, liveDown).sort());
  });

  it("names paths, subprotocols and version", () => {
    for (const word of [AGENT_PATH, AGENT_SUBPROTOCOL, LIVE_PATH, LIVE_SUBPROTOCOL]) expect(section("Opening")).toContain(word);
    expect(text).toContain(`Version ${PROTOCOL_VERSION}.`);
  });

  it("shows frames that mean what it says", () => {
    const examples = [...section("Frames").matchAll(/^((?:[0-9a-f]{2} )+) {2,}/gm)].map((match) =>
      Uint8Array.from(Buffer.from((match[1] ?? "").replaceAll(" ", ""), "hex")),
    );
    const encoder = new FrameEncoder(FRAME_LIVE);
    const at = Date.parse("2026-09-21T13:33:20Z");
    expect(examples).toEqual([
      encoder.encode(Float64Array.of(1, 0, 5), 3, 1, at),
      encoder.encode(Float64Array.of(1, 3, 4), 3, 2, at + 1001),
    ]);
    const decoder = new FrameDecoder();
    for (const example of examples) decoder.decode(example);
    expect([...decoder.live.row.subarray(0, 3)]).toEqual([1, 3, 4]);
  });
});

describe("close codes", () => {
  it("are unique, in the range that is free for use or from the standard, with names an operator can search for", () => {
    const codes = Object.values(CLOSE);
    expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length);
    expect(new Set(codes.map(({ name }) => name)).size).toBe(codes.length);
    for (const { code, name } of codes) {
      expect(code === 1001 || (code >= 4400 && code < 4600)).toBe(true);
      expect(name).toMatch(/^[a-z_]+$/);
    }
  });

  it("tell a peer what to do, and to try again when nobody knows the code", () => {
    for (const { code, verdict } of Object.values(CLOSE)) expect(closeVerdict(code)).toBe(verdict);
    expect(closeVerdict(1006)).toBe("retry");
    expect(closeVerdict(4999)).toBe("retry");
  });
});
