/** The wire version. One line of history per version; a test pins it to the hash of every schema. */
export const PROTOCOL_VERSION = 1;

/** The oldest agent version a console of this version still serves. */
export const MIN_SUPPORTED_VERSION = 1;

/** WebSocket subprotocol an agent must offer on `/agent/v1`. */
export const AGENT_SUBPROTOCOL = "holdfast.agent.v1";

/** WebSocket subprotocol a browser must offer on `/live/v1`. */
export const LIVE_SUBPROTOCOL = "holdfast.live.v1";

export const AGENT_PATH = "/agent/v1";
export const LIVE_PATH = "/live/v1";

/** History: version -> what changed. */
export const VERSION_HISTORY: Readonly<Record<number, string>> = {
  1: "First version: hello, declare, samples, events, policy transactions (switches, settings, overrides, faults), leases, live view.",
};
