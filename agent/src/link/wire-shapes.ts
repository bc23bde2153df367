/** Generated from the schemas in protocol/: run test/agent/wire-shapes.test.ts with -u after a change there. */
import type { Shape } from "./fits.ts";

export const agentDown: Shape = [
  "either",
  {
    t: ["is", "welcome"],
    v: ["int"],
    now: ["int", 0, 8640000000000000],
    session: /^[A-Za-z0-9_-]{1,64}$/,
    environment: "name",
    sampleMs: ["int", 1000, 60000],
    eventsAcked: ["int", 0],
    framesAcked: ["int", 0],
  },
  { t: ["is", "ack"], "events?": ["int", 0], "frames?": ["int", 0] },
  { t: ["is", "intent"], txn: ["int", 0], mode: ["is", "full", "delta", "none"], revision: ["int", 0] },
  {
    t: ["is", "put"],
    txn: ["int", 0],
    id: /^[A-Za-z0-9_-]{1,64}$/,
    kind: ["string", 0, 32],
    key: "name",
    revision: ["int", 0],
    leaseMs: ["either", ["is", null], ["number", 0, 9007199254740991]],
    body: ["map", ["string"], "any"],
  },
  { t: ["is", "del"], txn: ["int", 0], id: /^[A-Za-z0-9_-]{1,64}$/ },
  { t: ["is", "commit"], txn: ["int", 0], revision: ["int", 0] },
  {
    t: ["is", "renew"],
    items: ["list", { id: /^[A-Za-z0-9_-]{1,64}$/, leaseMs: ["either", ["is", null], ["number", 0, 9007199254740991]] }, 0, 500],
  },
  { t: ["is", "probe"], id: /^[A-Za-z0-9_-]{1,64}$/ },
  { t: ["is", "slow-down"], sampleMs: ["int", 1000, 60000], reason: ["text", 0, 500] },
  {
    t: ["is", "goodbye"],
    reason: ["text", 0, 500],
    reconnectAfterMs: ["tuple", ["number", 0, 9007199254740991], ["number", 0, 9007199254740991]],
  },
  { t: ["is", "refused"], code: "name", message: ["text", 0, 500], of: ["string", 0, 32] },
];

export const switchBody: Shape = { position: "name" };

export const settingsBody: Shape = {
  policy: ["is", "limiter", "timeout", "breaker", "retry", "budget", "bulkhead", "fallback", "hedge", "shedder", "pool", "queue", "client"],
  values: ["map", "name", ["either", ["int"], ["is", true, false], "name"]],
};

export const overrideBody: Shape = {
  policy: ["is", "limiter", "timeout", "breaker", "retry", "budget", "bulkhead", "fallback", "hedge", "shedder", "pool", "queue", "client"],
  state: ["is", "forced_open", "forced_closed", "disabled"],
};

export const faultBody: Shape = { values: ["map", "name", ["either", ["int"], ["is", true, false], "name"]] };

export const id: Shape = /^[A-Za-z0-9_-]{1,64}$/;

export const labels: Shape = ["map", /^[A-Za-z0-9_.-]{1,64}$/, ["text", 0, 64], 16];

export const switchDeclaration: Shape = {
  key: /^[a-z0-9][a-z0-9._-]{0,63}$/,
  title: ["text", 1, 120],
  whatUsersLose: ["text", 0, 500],
  positions: ["list", "name", 2, 8],
  safeDefault: "name",
  position: "name",
};

export const eventType: Shape = ["all", /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,3}$/, ["string", 0, 64]];
