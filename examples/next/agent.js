import { createAgent } from "@holdfast/agent";

// Next loads a module once for each of its bundles, but the process has one agent; the build has none.
globalThis.agent ??= createAgent({
  url: process.env.HOLDFAST_URL,
  token: process.env.HOLDFAST_TOKEN,
  service: "next-example",
  enabled: process.env.NEXT_PHASE !== "phase-production-build",
});

export const agent = globalThis.agent;
export const picks = agent.switch({
  key: "picks",
  title: "Personal picks",
  whatUsersLose: "Picks made for them; they see what is popular.",
});
