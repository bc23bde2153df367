/** An agent of the same type that does nothing: switched off, or refused its options. */
import type { Agent, AgentStatus, SwitchHandle, SwitchOptions } from "./types.ts";

const STATUS: AgentStatus = {
  enabled: false,
  state: "off",
  connected: false,
  environment: null,
  service: "",
  instance: "",
  revision: 0,
  sampleMs: 0,
  resources: 0,
  switches: 0,
  droppedSamples: 0,
  droppedEvents: 0,
  bufferedSamples: 0,
  bufferedEvents: 0,
  adapterErrors: 0,
  capped: 0,
  reconnects: 0,
  problem: null,
};

/**
 * An agent that observes nothing, connects to nothing and leaves every switch in its safe position.
 * @param problem why, for `status.problem`.
 */
export function createNoopAgent(problem: string | null = null): Agent {
  const nothing = (): void => undefined;
  const status: AgentStatus = { ...STATUS, problem };
  return {
    observe: () => nothing,
    resource: () => nothing,
    switch: (options) => fixedSwitch(options),
    event: nothing,
    get status() {
      return status;
    },
    close: () => Promise.resolve(),
  };
}

/** A switch nobody can move. */
export function fixedSwitch(options: SwitchOptions): SwitchHandle {
  const given = options as Partial<SwitchOptions> | null | undefined;
  const position = given?.safeDefault ?? given?.positions?.[0] ?? "on";
  return {
    key: given?.key ?? "",
    position,
    is: (other) => other === position,
    onChange: () => () => undefined,
  };
}
