/** What a host may ask of an agent, checked. Never throws. */
import { hello } from "../../protocol/agent-up.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { defaultInstance, type HostFacts } from "./environment.ts";
import { consoleUrl } from "./link/console-url.ts";
import type { AgentOptions, LogFunction } from "./types.ts";

export interface AgentConfig {
  readonly url: string;
  readonly token: string;
  readonly service: string;
  readonly instance: string;
  readonly version: string | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly policyFile: string | undefined;
  readonly log: LogFunction | undefined;
}

export type CheckedOptions = { readonly ok: true; readonly config: AgentConfig } | { readonly ok: false; readonly problem: string };

export function checkOptions(options: AgentOptions, facts: HostFacts): CheckedOptions {
  const refuse = (problem: string): CheckedOptions => ({ ok: false, problem });
  if (typeof options !== "object" || (options as AgentOptions | null) === null) return refuse("createAgent needs options");
  if (typeof options.url !== "string") return refuse("createAgent needs the url of the console");
  const where = consoleUrl(options.url);
  if (!where.ok) return refuse(where.problem);
  if (typeof options.token !== "string" || !/^[\x21-\x7e]{1,512}$/.test(options.token))
    return refuse("createAgent needs the agent's token");
  const instance = options.instance ?? defaultInstance(facts);
  for (const [what, value] of Object.entries({ service: options.service, instance })) {
    if (typeof value !== "string" || value.includes("/")) return refuse(`${what} must be a name without a slash`);
  }
  const greeting = hello.safeParse({
    t: "hello",
    v: PROTOCOL_VERSION,
    service: options.service,
    instance,
    boot: "check",
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.labels === undefined ? {} : { labels: options.labels }),
    agentVersion: "check",
    runtime: "check",
    now: 0,
    startedAt: 0,
    policy: { revision: 0, digest: 0 },
  });
  if (!greeting.success) {
    const issue = greeting.error.issues[0];
    return refuse(`${issue?.path.join(".") ?? "an option"} cannot be used: ${issue?.message ?? "not valid"}`);
  }
  return {
    ok: true,
    config: {
      url: where.url,
      token: options.token,
      service: options.service,
      instance,
      version: options.version,
      labels: options.labels === undefined ? undefined : { ...options.labels },
      policyFile: typeof options.policyFile === "string" ? options.policyFile : undefined,
      log: typeof options.log === "function" ? options.log : undefined,
    },
  };
}
