import { expect, it } from "vitest";
import { policyAsOf, type AsOfParts } from "../../server/policy/policy-as-of.ts";
import type { KnownSwitch } from "../../server/store/store.ts";
import { RECOMMENDATIONS } from "../support/test-api.ts";

const known = (key: string, firstSeenAt: number): KnownSwitch => ({
  ...RECOMMENDATIONS,
  key,
  environment: "production",
  firstSeenAt,
  services: ["orders"],
});

it("knows a switch from the instance that declared it, also when it was written down a moment later", async () => {
  const instance = {
    ...{ key: "orders/orders-1", service: "orders", instance: "orders-1", boot: "b", labels: {}, left: false, clockSkewMs: 0 },
    ...{
      connectedAt: 900,
      lastFrameAt: null,
      disconnectedAt: null,
      policyRevision: 0,
      resources: [],
      switches: [RECOMMENDATIONS],
      policies: [],
    },
  };
  const parts: AsOfParts = {
    store: {
      listFlipsAt: () => Promise.resolve([]),
      listRevisionsAt: () => Promise.resolve([]),
      listEvents: () => Promise.resolve({ items: [], nextCursor: null }),
    },
    fleet: { switches: () => [known(RECOMMENDATIONS.key, 1_001), known("declared-later", 1_001), known("gone-before", 5)] },
    policy: { receipts: { counts: () => Promise.reject(new Error("not asked")), list: () => Promise.resolve([]) } },
    replay: { fleetAt: () => Promise.resolve({ story: new Map([[instance.key, instance]]) }) },
  };
  const { fleet } = await policyAsOf(parts, "production", 1_000);
  expect(fleet.switches("production").map(({ key }) => key)).toEqual([RECOMMENDATIONS.key, "gone-before"]);
});
