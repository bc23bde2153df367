/** Makes an agent out of what the host asks for. Whatever that is, the host goes on. */
import { readHostFacts } from "./environment.ts";
import { describeError, Journal } from "./journal.ts";
import { LiveAgent } from "./live-agent.ts";
import { createNoopAgent } from "./noop.ts";
import { checkOptions } from "./options.ts";
import { moveIn, PART_HOST } from "./resilience/home.ts";
import { nodeRuntime } from "./runtime.ts";
import type { Agent, AgentOptions, LogFunction } from "./types.ts";

/**
 * Starts an agent. It connects in the background, never throws and never holds the process open. With options that cannot be used, or
 * with HOLDFAST_DISABLED=1, the answer is an agent of the same type that does nothing; the reason is logged once.
 */
export function createAgent(options: AgentOptions): Agent {
  let log: LogFunction | undefined;
  try {
    const given = options as Partial<AgentOptions> | null | undefined;
    log = typeof given?.log === "function" ? given.log : undefined;
    const facts = readHostFacts();
    if (facts.disabled || given?.enabled === false) return createNoopAgent("disabled");
    const checked = checkOptions(options, facts);
    if (checked.ok) {
      const agent = new LiveAgent({ config: checked.config, runtime: nodeRuntime() });
      moveIn(agent[PART_HOST]);
      return agent;
    }
    new Journal(log).write("warn", `the agent is off: ${checked.problem}`);
    return createNoopAgent(checked.problem);
  } catch (error) {
    const problem = describeError(error);
    new Journal(log).write("error", `the agent is off: ${problem}`);
    return createNoopAgent(problem);
  }
}
