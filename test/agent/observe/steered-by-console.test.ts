import { createPool } from "generic-pool";
import { expect, it } from "vitest";
import { createAgent } from "@holdfast/agent";
import { startFakeConsole } from "../support/fake-console.ts";
import { until } from "../support/until.ts";

it("an agent declares what may be changed of an observed thing, and what not", async () => {
  const control = await startFakeConsole();
  const agent = createAgent({ url: control.url, token: "hfa_test", service: "orders", log: () => undefined });
  const link = await control.link();
  const pool = createPool({ create: async () => ({}), destroy: async () => undefined }, { max: 4 });
  agent.observe(pool, "render", { control: true });
  agent.observe(createPool({ create: async () => ({}), destroy: async () => undefined }, { max: 4 }), "fixed");
  const declared = await until("declared", () =>
    link.messages.flatMap((message) => (message.t === "declare" ? (message.policies ?? []) : [])).find(({ name }) => name === "render"),
  );
  expect(declared).toMatchObject({
    policy: "pool",
    values: { max: 4, queueLimit: 0 },
    bounds: { idleTimeoutMs: [1, 86_400_000] },
    faults: false,
    // There is no such thing as a disabled pool.
    states: [],
  });
  expect(declared.note).toContain("closes nothing");
  expect(JSON.stringify(link.messages.filter((message) => message.t === "declare").map((message) => message.policies))).not.toContain(
    `"name":"fixed"`,
  );
  await agent.close();
  await control.close();
  expect(control.violations).toEqual([]);
});
