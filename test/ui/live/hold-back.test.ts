import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFleet, describeInstance, foldFleet, type FleetState } from "../../../core/fleet.ts";
import type { LiveDown, LiveInstance, LoggedEvent } from "../../../protocol/live.ts";
import { holdBack } from "../../../ui/live/hold-back.ts";

const instance = (name: string, boot: string, row: number[]): LiveInstance => ({
  key: `a/${name}`,
  service: "a",
  instance: name,
  boot,
  labels: {},
  connectedAt: 1,
  lastFrameAt: 1,
  disconnectedAt: null,
  left: false,
  clockSkewMs: 0,
  policyRevision: 0,
  resources: [{ id: 0, kind: "pool", name: "pg" }],
  switches: [],
  row,
});
const event = (id: number): LoggedEvent => ({
  id,
  at: id,
  receivedAt: id,
  type: "note",
  service: null,
  instance: null,
  resource: null,
  actor: "agent",
  data: {},
});

function fold(messages: readonly LiveDown[]): { fleet: FleetState; events: number[] } {
  const fleet = createFleet();
  const events: number[] = [];
  for (const message of messages) {
    if (message.t === "snapshot") foldFleet(fleet, { type: "replaced", instances: message.instances, revision: message.revision });
    else if (message.t === "upsert")
      for (const described of message.instances) foldFleet(fleet, { type: "described", instance: described });
    else if (message.t === "delta") for (const change of message.instances) foldFleet(fleet, { type: "sampled", ...change });
    else if (message.t === "event") events.push(...message.events.map((entry) => entry.id));
  }
  return { fleet, events };
}
const rows = (fleet: FleetState) => [...fleet.instances.values()].map(describeInstance);

const key = fc.constantFrom("a/1", "a/2");
const message: fc.Arbitrary<LiveDown> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .tuple(key, fc.nat(9999), fc.array(fc.tuple(fc.nat(6), fc.nat(500)), { maxLength: 3 }))
      .map(([name, at, slots]): LiveDown => ({ t: "delta", now: at, instances: [{ key: name, at, slots: slots.flat() }] })),
  },
  { weight: 3, arbitrary: fc.nat(999).map((id): LiveDown => ({ t: "event", now: 1, events: [event(id)] })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("1", "2"), fc.string({ maxLength: 3 }))
      .map(([name, boot]): LiveDown => ({ t: "upsert", now: 1, instances: [instance(name, boot, [1, 1, 1, 1, 1, 1, 1])] })),
  },
  { weight: 1, arbitrary: fc.constant<LiveDown>({ t: "beat", now: 1 }) },
);

describe("what is held back", () => {
  it("folds to the same fleet and the same events as if nothing had been held", () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 2100, maxLength: 2600, size: "max" }), (messages) => {
        const all: LiveDown[] = [
          {
            t: "snapshot",
            now: 1,
            environment: "production",
            lastEvent: 0,
            revision: 0,
            instances: [instance("1", "x", [9, 9, 9, 9, 9, 9, 9]), instance("2", "x", [9, 9, 9, 9, 9, 9, 9])],
          },
          ...messages,
        ];
        const held: LiveDown[] = [];
        for (const one of all) holdBack(held, one);
        expect(held.length).toBeLessThan(all.length);
        expect(rows(fold(held).fleet)).toEqual(rows(fold(all).fleet));
        expect(fold(held).events).toEqual(fold(all).events);
      }),
      { numRuns: 10 },
    );
  });

  it("keeps only events from before a snapshot", () => {
    const held: LiveDown[] = [];
    const snapshot: LiveDown = { t: "snapshot", now: 1, environment: "production", lastEvent: 3, revision: 0, instances: [] };
    for (const one of [{ t: "delta", now: 1, instances: [] }, { t: "event", now: 1, events: [event(3)] }, snapshot] satisfies LiveDown[])
      holdBack(held, one);
    expect(held.map((one) => one.t)).toEqual(["event", "snapshot"]);
  });
});
