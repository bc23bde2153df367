export { createAgent } from "./create-agent.ts";
export { createNoopAgent } from "./noop.ts";
export type {
  Agent,
  AgentOptions,
  AgentStatus,
  Data,
  Disposer,
  LinkState,
  LogFunction,
  LogLevel,
  ObserveOptions,
  Readings,
  ResourceKind,
  ResourceOptions,
  Scalar,
  SwitchChange,
  SwitchHandle,
  SwitchOptions,
} from "./types.ts";
