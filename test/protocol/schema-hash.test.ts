import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { agentDown } from "../../protocol/agent-down.ts";
import { agentUp } from "../../protocol/agent-up.ts";
import { FRAME_BACKFILL, FRAME_LIVE } from "../../protocol/frame.ts";
import { BREAKER_STATES, KINDS, PRIORITY_CLASSES } from "../../protocol/kinds.ts";
import { liveDown, liveUp } from "../../protocol/live.ts";
import { faultBody, overrideBody, settingsBody, switchBody } from "../../protocol/policy.ts";
import { FAULT, SETTINGS } from "../../protocol/settings.ts";
import {
  AGENT_PATH,
  AGENT_SUBPROTOCOL,
  LIVE_PATH,
  LIVE_SUBPROTOCOL,
  MIN_SUPPORTED_VERSION,
  PROTOCOL_VERSION,
  VERSION_HISTORY,
} from "../../protocol/version.ts";

/** The shape of the wire at each version ever released. Append; never change a line that was released. */
const HASHES: Readonly<Record<number, string>> = {
  1: "e8a647086dbb554ca5c41099fb6213dc368cb8ba9c18b6a079549c1edd0852e1",
};

/** The same text for the same shape, whatever order its keys were written in. The order of columns and states is the wire and stays. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
}

function shapeOfTheWire(): string {
  const schemas = { agentUp, agentDown, liveUp, liveDown, switchBody, settingsBody, overrideBody, faultBody };
  return canonical({
    messages: Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [name, z.toJSONSchema(schema, { unrepresentable: "any" })]),
    ),
    // Kinds by their place: pages on disk count on it.
    kinds: Object.entries(KINDS),
    settings: { SETTINGS, FAULT },
    states: BREAKER_STATES,
    classes: PRIORITY_CLASSES,
    frames: { live: FRAME_LIVE, backfill: FRAME_BACKFILL },
    sockets: { AGENT_PATH, AGENT_SUBPROTOCOL, LIVE_PATH, LIVE_SUBPROTOCOL },
  });
}

describe("the protocol version", () => {
  it("stands for exactly one shape of the wire: when this fails, raise PROTOCOL_VERSION, say why in VERSION_HISTORY and add the new hash", () => {
    const hash = createHash("sha256").update(shapeOfTheWire()).digest("hex");
    expect(HASHES[PROTOCOL_VERSION]).toBe(hash);
  });

  it("has a line of history for every version, and serves no version it does not know", () => {
    const versions = Array.from({ length: PROTOCOL_VERSION }, (_, i) => i + 1);
    expect(Object.keys(VERSION_HISTORY).map(Number)).toEqual(versions);
    expect(Object.keys(HASHES).map(Number)).toEqual(versions);
    expect(MIN_SUPPORTED_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION);
    expect(AGENT_SUBPROTOCOL.endsWith(`v${PROTOCOL_VERSION}`)).toBe(true);
  });
});
